"""A tiny attention model that learns to repeat a word: where it looks, and the Jacobian of softmax.

A text is a random word of eight letters, written twice.  From every letter the model predicts the next
one.  The first half is chance; in the second half the answer stands seven places back, and all that
the model can do is look there: one block of causal attention between an embedding and a softmax.  So
the loss falls from log 26 = 3.26 to 7/15 of it, 1.52, and no further.
"""

import numpy as np

import symgrad as sg
from symgrad.train import fields, fit, initial_state, make_table, outputs

LETTERS = "abcdefghijklmnopqrstuvwxyz"
HALF, SAMPLES, EPOCHS, SEED = 8, 2000, 10, 0


def network() -> sg.Network:
    """Build it; numbers that must agree in several places have one name."""
    draft = sg.Draft("repeat")
    ids = draft.input("ids", f"T={2 * HALF - 1}", ids=f"V={len(LETTERS)}")
    e = draft.positions(draft.embedding(ids, "E=32"))
    q = draft.dense(e, "K=16", bias=False, name="q")
    k = draft.dense(e, "K", bias=False, name="k")
    v = draft.dense(e, "E", bias=False, name="v")
    o = draft.attention(q, k, v, causal=True)
    y = draft.dense(draft.add(e, o), "V", activation="softmax")
    draft.loss("cross_entropy", y, draft.target("next", like=y, kind="labels"))
    return draft.network(y)


def texts(count: int, source: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw words, write them twice, and part every text into letters and the letters that follow."""
    word = source.integers(0, len(LETTERS), (count, HALF))
    text = np.hstack([word, word])
    return text[:, :-1], text[:, 1:]


def main() -> None:
    """Print the gradient, train, and let the model go on after a word."""
    net = network()
    print("the gradient of the table of letters; δs2b is softmax backwards, A (δA − Σ δA A):\n")
    print(net.gradient("E1").delta)
    print("\nthe keys, in matrices:\n")
    print(net.gradient("W_k").matrix)
    print("\nproved:", net.prove(["E1", "W_k"], kernel=False).verdict)

    kernel = net.compile("adam")
    source = np.random.default_rng(SEED)
    ids, following = texts(SAMPLES, source)
    rows = make_table(ids, following, fields(kernel))
    state = initial_state(kernel, rows, seed=SEED)
    history = fit(kernel, rows, state, {"learning_rate": 0.01}, epochs=EPOCHS, batch=50)
    print(f"\nloss after 1 and {EPOCHS} epochs: {history.losses[0]:.3f}, {history.losses[-1]:.3f}")

    def predicted(ids: np.ndarray) -> np.ndarray:
        return outputs(kernel, {"ids": ids}, state.parameters)["y"].argmax(axis=-1)

    ids, following = texts(500, source)
    right = (predicted(ids) == following)[:, HALF - 1 :].mean()
    print(f"right in the second half of 500 new texts: {right:.1%}")

    # What stands behind a letter cannot be seen from it, so that zeros may fill the rest.
    text = np.zeros((1, 2 * HALF), np.int64)
    text[0, :HALF] = [LETTERS.index(letter) for letter in "symgrads"]
    for place in range(HALF, 2 * HALF):
        text[0, place] = predicted(text[:, :-1])[0, place - 1]
    print("symgrads goes on as:", "".join(LETTERS[k] for k in text[0, HALF:]))
    if right < 0.98:
        raise SystemExit("it has not learned to look back")


if __name__ == "__main__":
    main()
