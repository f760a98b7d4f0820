"""Training by PyTorch, run by a Python that has it: `peer_torch_training.py IN.npz OUT.npz`.

The input holds arrays under "case|name", a case "optimizer schedule limit decay warmup"; the output holds the
weights of every case after training.  Nothing of symgrad is imported.
"""

import sys

import numpy as np
import torch

torch.set_default_dtype(torch.float64)

RATE, BATCH, EPOCHS = 0.03, 4, 6
OPTIMIZERS = {
    "sgd": lambda p, decay: torch.optim.SGD(p, RATE, weight_decay=decay),
    "momentum": lambda p, decay: torch.optim.SGD(p, RATE, momentum=0.9, weight_decay=decay),
    "nesterov": lambda p, decay: torch.optim.SGD(p, RATE, momentum=0.9, weight_decay=decay, nesterov=True),
    "adagrad": lambda p, decay: torch.optim.Adagrad(p, RATE, weight_decay=decay),
    "rmsprop": lambda p, decay: torch.optim.RMSprop(p, RATE, weight_decay=decay),
    "adam": lambda p, decay: torch.optim.Adam(p, RATE, weight_decay=decay),
    "adamw": lambda p, decay: torch.optim.AdamW(p, RATE, weight_decay=decay),
}
COURSES = {
    "constant": lambda o, _left: torch.optim.lr_scheduler.LambdaLR(o, lambda _k: 1.0),
    "step": lambda o, _left: torch.optim.lr_scheduler.StepLR(o, 2, 0.7),
    "exponential": lambda o, _left: torch.optim.lr_scheduler.ExponentialLR(o, 0.95),
    "inverse": lambda o, _left: torch.optim.lr_scheduler.LambdaLR(o, lambda k: 1 / (1 + 0.3 * k)),
    "linear": lambda o, left: torch.optim.lr_scheduler.LinearLR(o, 1.0, 0.0, left),
    "cosine": torch.optim.lr_scheduler.CosineAnnealingLR,
}


def scheduler(optimizer, course, warmup):
    after = COURSES[course](optimizer, EPOCHS - warmup)
    if not warmup:
        return after
    rise = torch.optim.lr_scheduler.LinearLR(optimizer, 1 / (warmup + 1), 1.0, warmup)
    return torch.optim.lr_scheduler.SequentialLR(optimizer, [rise, after], [warmup])


def clip(weights, limit):
    """Clip as published: clip_grad_norm_ adds 1e-6 to the norm."""
    norm = torch.nn.utils.get_total_norm([w.grad for w in weights])
    torch.nn.utils.clip_grads_with_norm_(weights, limit, norm - 1e-6)


def train(case, given):
    rule, course, limit, decay, warmup = case.split()
    weights = [torch.from_numpy(given[name].copy()).requires_grad_() for name in ("W1", "b1", "W2", "b2")]
    x, t = (torch.from_numpy(given[name]) for name in "xt")
    optimizer = OPTIMIZERS[rule](weights, float(decay))
    rates = scheduler(optimizer, course, int(warmup))
    for _ in range(EPOCHS):
        for rows in torch.arange(len(x)).split(BATCH):
            optimizer.zero_grad()
            hidden = torch.tanh(x[rows] @ weights[0].T + weights[1])
            y = hidden @ weights[2].T + weights[3]
            (((y - t[rows]) ** 2).sum() / 2 / len(rows)).backward()
            if float(limit):
                clip(weights, float(limit))
            optimizer.step()
        rates.step()
    return [w.detach().numpy() for w in weights]


def main(source, target):
    given, cases = np.load(source), {}
    for key in given.files:
        case, name = key.split("|")
        cases.setdefault(case, {})[name] = given[key]
    found = {f"{case}|{k}": w for case, arrays in cases.items() for k, w in enumerate(train(case, arrays))}
    np.savez(target, **found)


if __name__ == "__main__":
    main(*sys.argv[1:])
