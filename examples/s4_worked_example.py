"""The best-known worked example of backpropagation, every figure beside its formula.

Two inputs, two hidden neurons, two outputs, sigmoids everywhere, one bias for each layer, half the sum of
squared errors, step size 1/2.  First w5, which leads into an output and has one path; then w1, which
reaches the loss along two.  The figures are computed with 50 digits and shown with nine.

With `at` one asks what would be different: here, what the same derivation gives at w5 = 0.41.
"""

import symgrad as sg


def main() -> None:
    """Walk through the example, forwards and backwards."""
    net = sg.zoo("worked_2_2_2")
    walk = net.explain("w5")
    print(walk.text)

    print("\nThe same for w1, from the loss on:\n")
    longer = net.explain("w1").text
    print(longer[longer.index("Loss") : longer.index("Update")].rstrip())

    print("\nOne figure by itself:")
    step = walk["∂J/∂w5"]
    print(f"  {step.name} = {step.formula} = {step.numbers} = {float(step.value):.9f}")
    print(f"  as LaTeX: {step.latex}")

    other = net.explain("w5", at={"w5": "0.41"})
    gradient, loss = float(other.gradient), float(other.loss_before)
    print(f"\nAt w5 = 0.41 the gradient is {gradient:.9f} and the loss {loss:.9f}.")


if __name__ == "__main__":
    main()
