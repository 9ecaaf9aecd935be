"""Faults of files: full disks, torn lines, lost descriptors."""
