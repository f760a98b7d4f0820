"""The command line: `symgrad VERB …`; each verb imports what it needs, and only that."""

from symgrad.cli.main import main

__all__ = ["main"]
