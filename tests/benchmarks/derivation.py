"""How long it takes to derive, prove for all sizes, and emit: ``python tests/benchmarks/derivation.py``."""

import time
from statistics import median

import symgrad as sg


def seconds(sizes: list[int | str]) -> float:
    """Return the time from a description to the text of a kernel, imports aside."""
    start = time.perf_counter()
    net = sg.mlp(sizes, hidden="relu", output="softmax", loss="cross_entropy", targets="labels")
    net.kernel_text(proofs=False)
    return time.perf_counter() - start


def main() -> None:
    """Print medians over widths and depths; the first run warms the tables up."""
    seconds([2, 2, 2])
    for sizes in ([784, 512, 512, 10], [78, 51, 51, 10], ["D", "H1", "H2", "K"], [784, *[512] * 10, 10]):
        print(f"{'-'.join(map(str, sizes)):60} {median(seconds(sizes) for _ in range(5)) * 1000:8.0f} ms")


if __name__ == "__main__":
    main()
