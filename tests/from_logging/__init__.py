"""The behaviour that programs written for `logging` rely on."""
