"""The published rules of training in NumPy, and the loop around them: nothing of symgrad is imported."""

from collections.abc import Callable, Mapping
from math import cos, floor, pi
from typing import Any

import numpy as np

Kept = dict[str, Any]
Values = Mapping[str, float]
Change = Callable[[Any, Any, Kept, int, float, Values], Any]


def sgd(w: Any, g: Any, kept: Kept, t: int, rate: float, o: Values) -> Any:
    return w - rate * g


def momentum(w: Any, g: Any, kept: Kept, t: int, rate: float, o: Values) -> Any:
    kept["v"] = o["momentum"] * kept.get("v", 0) + g
    return w - rate * kept["v"]


def nesterov(w: Any, g: Any, kept: Kept, t: int, rate: float, o: Values) -> Any:
    kept["v"] = o["momentum"] * kept.get("v", 0) + g
    return w - rate * (g + o["momentum"] * kept["v"])


def adagrad(w: Any, g: Any, kept: Kept, t: int, rate: float, o: Values) -> Any:
    kept["s"] = kept.get("s", 0) + g * g
    return w - rate * g / (np.sqrt(kept["s"]) + o["epsilon"])


def rmsprop(w: Any, g: Any, kept: Kept, t: int, rate: float, o: Values) -> Any:
    kept["v"] = o["alpha"] * kept.get("v", 0) + (1 - o["alpha"]) * g * g
    return w - rate * g / (np.sqrt(kept["v"]) + o["epsilon"])


def adam(w: Any, g: Any, kept: Kept, t: int, rate: float, o: Values) -> Any:
    kept["m"] = o["beta1"] * kept.get("m", 0) + (1 - o["beta1"]) * g
    kept["v"] = o["beta2"] * kept.get("v", 0) + (1 - o["beta2"]) * g * g
    first, second = kept["m"] / (1 - o["beta1"] ** t), kept["v"] / (1 - o["beta2"] ** t)
    return w - rate * first / (np.sqrt(second) + o["epsilon"])


def adamw(w: Any, g: Any, kept: Kept, t: int, rate: float, o: Values) -> Any:
    return adam(w, g, kept, t, rate, o) - rate * o["weight_decay"] * w


RULES: Mapping[str, Change] = {
    f.__name__: f for f in (sgd, momentum, nesterov, adagrad, rmsprop, adam, adamw)
}  # fmt: skip
COURSES: Mapping[str, Callable[[float, float, Values], float]] = {
    "constant": lambda rate, k, o: rate,
    "step": lambda rate, k, o: rate * o["factor"] ** floor(k / o["every"]),
    "exponential": lambda rate, k, o: rate * o["factor"] ** k,
    "inverse": lambda rate, k, o: rate / (1 + o["decay"] * k),
    "linear": lambda rate, k, o: rate + (o["final_rate"] - rate) * min(k / o["epochs"], 1),
    "cosine": lambda rate, k, o: (
        o["final_rate"] + (rate - o["final_rate"]) * (1 + cos(pi * min(k / o["epochs"], 1))) / 2
    ),
}


def course(name: str, k: int, o: Values) -> float:
    """Return the learning rate of an epoch, behind a warm-up where one is asked for."""
    rate, warm = o["learning_rate"], o.get("warmup", 0)
    if "epochs" in o:
        o = {**o, "epochs": max(o["epochs"] - warm, 1)}
    return min((k + 1) / (warm + 1), 1) * COURSES[name](rate, max(k - warm, 0), o)


def prepared(grads: Mapping[str, Any], values: Mapping[str, Any], o: Values, rule: str) -> dict[str, Any]:
    """Return gradients clipped by norm, then by value, with the gradient of the penalty added."""
    made = dict(grads)
    norm = np.sqrt(sum((g.astype(np.float64) ** 2).sum() for g in made.values()))
    if "clip_norm" in o and norm > o["clip_norm"]:
        made = {p: g * (o["clip_norm"] / norm) for p, g in made.items()}
    if "clip_value" in o:
        made = {p: np.clip(g, -o["clip_value"], o["clip_value"]) for p, g in made.items()}
    if "weight_decay" in o and rule != "adamw":
        made = {p: g + o["weight_decay"] * values[p] for p, g in made.items()}
    return made


def train(
    gradients: Callable[..., Any],
    data: tuple[Any, Any],
    values: dict[str, Any],
    rule: str,
    rate: str,
    options: Values,
    *,
    epochs: int,
    batch: int,
    ascend: bool = False,
) -> None:
    """Train in NumPy over given gradients; the values are replaced."""
    kept: dict[str, Kept] = {p: {} for p in values}
    x, t = data
    step = 0
    for k in range(epochs):
        now = course(rate, k, options)
        for first in range(0, len(x), batch):
            part = slice(first, first + batch)
            _, *found = gradients(x[part], t[part], *values.values())
            grads = dict(zip(values, ((-g if ascend else g) for g in found), strict=True))
            step += 1
            for p, g in prepared(grads, values, options, rule).items():
                values[p] = RULES[rule](values[p], g, kept[p], step, now, options)
