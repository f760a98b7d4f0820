"""Is a derivation right, and if not, what went wrong."""
