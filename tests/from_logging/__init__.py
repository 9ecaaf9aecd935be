"""What programs written for `logging` rely on."""
