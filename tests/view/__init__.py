"""The command `logly view`: logs of any program, read back."""
