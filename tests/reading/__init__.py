"""Reading log files back."""
