"""What people look at: walks through the numbers, pictures, pages."""
