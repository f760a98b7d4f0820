"""Naming the mistake in a formula about a network."""
