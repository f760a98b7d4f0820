"""An LSTM that remembers: the adding problem, and backpropagation through time as a formula.

A sequence of 50 random numbers, two of them marked; the answer is the sum of the two (Hochreiter and
Schmidhuber 1997).  The first mark stands in the first half, the second in the second: the cell must keep
a number over dozens of steps.  Who answers 1 whatever comes has a squared error of 1/6 on average.

The length is a symbol T.  Derivation, proof and kernel are the same for all lengths, and so the trained
network is then asked about sequences longer than any it has seen.
"""

import numpy as np

import symgrad as sg
from symgrad.train import fields, initial_state, make_table, outputs

UNITS, STEPS, SAMPLES, EPOCHS, SEED = 16, 50, 2000, 20, 0


def network() -> sg.Network:
    """Build it: the state after the last step, and the answer made of it."""
    draft = sg.Draft("adding")
    x = draft.input("x", "T", 2)
    y = draft.dense(draft.lstm(x, UNITS, last=True), 1)
    draft.loss("squared_error", y, draft.target("answer", like=y))
    return draft.network(y)


def sequences(count: int, steps: int, source: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw numbers, mark one in each half, and add the two."""
    x = np.zeros((count, steps, 2))
    x[:, :, 0] = source.random((count, steps))
    rows, half = np.arange(count), steps // 2
    x[rows, source.integers(0, half, count), 1] = 1
    x[rows, source.integers(half, steps, count), 1] = 1
    return x, (x[:, :, 0] * x[:, :, 1]).sum(axis=1, keepdims=True)


def main() -> None:
    """Print the recursions, prove them, train in one call, and ask about other lengths."""
    net = network()
    print("backpropagation through time, from the last step to the first:\n")
    print(net.gradient("Uf1").matrix)
    print("\nproved:", net.prove(["Uf1"], kernel=False).verdict)

    kernel = net.compile("adam")
    source = np.random.default_rng(SEED)
    x, answer = sequences(SAMPLES, STEPS, source)
    state = initial_state(kernel, make_table(x, answer, fields(kernel)), seed=SEED)
    options = {**kernel.OPTIONS, "learning_rate": 0.01}
    losses = np.empty(EPOCHS)
    kernel.train(
        x,
        answer,
        *state.parameters.values(),
        *state.states.values(),
        *options.values(),
        50,  # sequences in a batch
        True,  # in another order in every epoch
        False,  # the last batch too, where it is smaller
        state.random_state,
        np.zeros(1, np.uint8),  # set to 1, from another thread, it stops
        losses,
    )
    print(f"\nloss after 1 and {EPOCHS} epochs: {losses[0]:.4f}, {losses[-1]:.5f}")

    print("\nsteps   squared error on new sequences   that of always answering 1")
    errors = {}
    for steps in (STEPS, STEPS + 10, STEPS + 30):
        x, answer = sequences(500, steps, source)
        found = outputs(kernel, {"x": x}, state.parameters)["y"]
        errors[steps] = ((found - answer) ** 2).mean()
        print(f"{steps:5d}   {errors[steps]:30.5f}   {((1 - answer) ** 2).mean():26.5f}")
    if errors[STEPS] > 0.01:
        raise SystemExit("it has not learned to remember")


if __name__ == "__main__":
    main()
