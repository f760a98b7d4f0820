"""Figures of the worked example that copies disagree on, and the way of computing that prints each.

The errors usually printed for this example are not those of gradient descent, and rounding is blamed.
It is not rounding.  Whoever updates w5..w8 first and uses the new values for the gradients of w1..w4 gets
0.291027924 after one step and the outputs 0.015912196 and 0.984065734 after 10,000; one much copied error
is that of the right descent after 9,999 steps.  All parameters are to be updated at once, from the old
values.
"""

import symgrad as sg
from symgrad.verify.classroom.figures import matching
from symgrad.verify.classroom.variants import Outcome, outcomes

PRINTED = (
    (1, "J", "0.291027774"),
    (1, "J", "0.291027924"),
    (1, "w5", "0.35891648"),
    (10_000, "o1", "0.01591362"),
    (10_000, "o1", "0.015912196"),
    (10_000, "o2", "0.984065734"),
    (10_000, "J", "0.0000351019"),
    (10_000, "J", "0.000035085"),
    (10_000, "J", "0.0000351085"),
    (10_000, "b1", "2.324389163"),
)


def main() -> None:
    """Train in every variant, and find the one behind each printed figure."""
    model = sg.zoo("worked_2_2_2").model
    runs = {steps: outcomes(model, steps) for steps in (1, 10_000)}

    print(f"{'steps':>6}  {'what':4}  {'printed':13}  computed by")
    for steps, name, figure in PRINTED:
        found = matching(runs[steps], name, figure)
        words = found[0].variant.words if found else "none of the variants"
        print(f"{steps:6,}  {name:4}  {figure:13}  {words}")

    print("\nThe loss after 10,000 steps:")
    for outcome in runs[10_000]:
        if len(outcome.variant.deviations) < 2:
            print(line(outcome))


def line(outcome: Outcome) -> str:
    """Return the loss of an outcome and how it came about."""
    return f"  {outcome.values['J']:.10e}  {outcome.variant.words}"


if __name__ == "__main__":
    main()
