"""Learn the handwritten digits: from a table of pixels to predictions, by the command line.

The 1,797 images of 8 × 8 pixels come with scikit-learn; here they become a CSV file, as anybody's data
would be one.  The network is ``digits_64_32_10`` of the zoo, its gradient is printed before it is used,
and training is one compiled call.  Run it in any folder: it writes ``digits.csv``, ``digits.npz`` and
``first_digits.csv`` there.
"""

import csv
from pathlib import Path

from sklearn.datasets import load_digits

from symgrad.cli import main as symgrad

DATA = Path("digits.csv")
PARAMETERS = Path("digits.npz")


def export(path: Path) -> None:
    """Write the images as rows of 64 pixels between 0 and 16, the digit last."""
    pixels, digits = load_digits(return_X_y=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow([*(f"pixel{k}" for k in range(64)), "digit"])
        writer.writerows([*map(int, row), int(digit)] for row, digit in zip(pixels, digits, strict=True))


def run(*words: str | Path) -> None:
    """Show a command and run it."""
    print("\n$ symgrad", *words, flush=True)
    status = symgrad([str(word) for word in words])
    if status:
        raise SystemExit(status)


def main() -> None:
    """Derive, train, predict."""
    export(DATA)
    run("derive", "digits_64_32_10", "W1", "--style", "delta", "--style", "matrix")
    run("train", "digits_64_32_10", DATA, "--epochs", "60", "--scale", "standard", "-o", PARAMETERS)
    print("\nthe first twelve, which are 0 to 9, 0 and 1, as predicted:")
    first = Path("first_digits.csv")
    first.write_text(
        "".join(DATA.read_text(encoding="utf-8").splitlines(keepends=True)[:13]), encoding="utf-8"
    )
    run("predict", "digits_64_32_10", PARAMETERS, first)


if __name__ == "__main__":
    main()
