"""Claims that would be right with one thing in them written otherwise."""
