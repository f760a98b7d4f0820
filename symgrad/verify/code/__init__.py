"""Gradients claimed as NumPy code."""
