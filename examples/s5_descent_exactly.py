"""Gradient descent without rounding: loss, derivative, trace, closed form, proof, limit.

A line through the origin is fitted to (1, 2), (2, 4), (3, 6).  Its sum of squared errors is a polynomial in
w, so everything about the descent is a statement about rational numbers: w_n = 2 − 1/2^(n−1), proved by
induction.  With a slope and an intercept there are two parameters and a matrix in the place of the ratio.
"""

import sympy as sp

import symgrad as sg
from symgrad.derive.descent import RATE, landscape
from symgrad.derive.recurrence import prove, recurrence
from symgrad.notation.display import Shown
from symgrad.notation.layout import Block
from symgrad.show.descent import closed_equation, descent


def main() -> None:
    """Print what is known exactly of two descents."""
    line = sg.zoo("line_through_origin").model
    print("y = w x, the sum of squared errors, η = 1/56\n")
    print(descent(line).text)

    print("\nFrom any start w_0, with any step size η:")
    general = recurrence(landscape(line), RATE, [sp.Symbol("w_0", real=True)])
    print(f"  {Shown(Block((closed_equation(general),)))}   (proved: {prove(general).holds})")

    print("\nWith η = 1/14 the steps are too long by just so much:\n")
    print(descent(line, {"w": "1/3"}, rate="1/14").text)

    print("\ny = w x + b, SSE/(2m), data (1, 2) and (3, 4), η = 1/100\n")
    both = sg.zoo("linear_regression").model
    print(descent(both, steps=3).text)
    solved = recurrence(landscape(both))
    for n in (1_000, 10_000):
        print(f"after {n:6,} steps: {[round(float(w), 8) for w in solved.at(n)]}")


if __name__ == "__main__":
    main()
