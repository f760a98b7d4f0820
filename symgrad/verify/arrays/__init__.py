"""NumPy code run unchanged on exact numbers."""
