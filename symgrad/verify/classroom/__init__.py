"""Worksheets, printed figures, exercises and grades."""
