"""Test vectors that separate the right gradient from the usual mistakes."""
