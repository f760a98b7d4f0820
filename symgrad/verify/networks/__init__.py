"""Claims about the networks that the program knows."""
