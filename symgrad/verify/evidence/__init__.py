"""The judge: what is claimed, what it is held against, and what shows that the two are equal or not."""
