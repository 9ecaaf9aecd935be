"""Reading back what was written."""
