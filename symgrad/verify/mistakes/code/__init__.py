"""Naming the mistake in code."""
