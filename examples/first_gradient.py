"""A first gradient: the 3-3-3 classifier, its paths, its formulas, and what softmax changes.

Weights are numbered by source neuron: w1, w2, w3 leave x1; w10, w11, w12 leave a1.  With a sigmoid at
every output, w1 reaches the loss along three paths.  With softmax every output depends on every
pre-activation, and there are nine: a derivation by hand with three is then wrong.
"""

import symgrad as sg


def main() -> None:
    """Print paths and formulas of two networks."""
    for name in ("classifier_3_3_3", "classifier_3_3_3_softmax"):
        net = sg.zoo(name)
        print(f"\n{net.model.title}")
        for weight in ("w10", "w1"):
            print(f"\n  {weight}: {net.count_paths(weight)} path(s)")
            for path in net.paths(weight, at={}):
                print(f"    {' ← '.join(path.nodes):28} {path.value:+.6f}   {path.share:7.1%}")
        print()
        print(net.gradient("w10").local)
        print(net.gradient("w1").delta)
    print("\nThe same for any widths, in matrices:")
    print(sg.zoo("mlp").gradient("W1").matrix)
    print(sg.zoo("mlp").nested())
    print(sg.zoo("mlp").recursion())


if __name__ == "__main__":
    main()
