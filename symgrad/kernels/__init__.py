"""Kernels: a graph becomes statements, statements become a readable module, the module is imported."""
