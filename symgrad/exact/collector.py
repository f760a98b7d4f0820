"""Python's collector of circles, off for a while.

Expressions, graphs and statements hold no circles and die when nothing refers to them.  Where hundreds of
thousands of them are kept, the collector walks over them again and again, and takes half of the time.
"""

import gc
from collections.abc import Generator
from contextlib import contextmanager


@contextmanager
def paused() -> Generator[None, None, None]:
    """Leave the collector off inside; also a decorator."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()
