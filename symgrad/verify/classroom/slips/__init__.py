"""What may have happened where a figure of a worksheet is wrong."""
