"""What people look at: walks through the numbers, variants of a training step, pictures, pages."""
