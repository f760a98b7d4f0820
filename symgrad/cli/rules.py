"""The options of the command line that choose an update rule; nothing is imported that takes time."""

from argparse import ArgumentParser, Namespace

OPTIMIZERS = ("sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamw")
RATES = ("constant", "step", "exponential", "inverse", "linear", "cosine")

NUMBERS = {
    "weight_decay": "what each gradient gains of its parameter",
    "clip_norm": "the largest norm of all gradients together",
    "clip_value": "the largest size of an entry of a gradient",
    "warmup": "for how many epochs the learning rate rises",
}


def add_rule(verb: ArgumentParser) -> None:
    """Add the options that choose an update rule, and which parameters it changes."""
    verb.add_argument("--optimizer", default="sgd", help=f"the update rule: {', '.join(OPTIMIZERS)}")
    verb.add_argument(
        "--learning-rate-schedule",
        dest="rate",
        default="constant",
        metavar="NAME",
        help=f"the course of the learning rate: {', '.join(RATES)}",
    )
    for name, help_text in NUMBERS.items():
        verb.add_argument(_word(name), type=float, metavar="NUMBER", help=help_text)
    verb.add_argument("--option", action="append", default=[], metavar="NAME=NUMBER", help="of the optimizer")
    verb.add_argument("--train-only", nargs="+", metavar="W", help="hold all other parameters fixed")


def numbers(options: Namespace) -> dict[str, float]:
    """Return what was asked for besides the rule and the course of its learning rate."""
    given = {name: getattr(options, name) for name in NUMBERS}
    return {name: value for name, value in given.items() if value is not None}


def words(options: Namespace) -> list[str]:
    """Return the options as they are typed, those that say nothing new left out."""
    found = [] if options.optimizer == "sgd" else ["--optimizer", options.optimizer]
    found += [] if options.rate == "constant" else ["--learning-rate-schedule", options.rate]
    found += [word for name, value in numbers(options).items() for word in (_word(name), repr(value))]
    return found + [word for option in options.option for word in ("--option", option)]


def _word(name: str) -> str:
    return f"--{name.replace('_', '-')}"
