"""Files in trouble: full disks, torn lines, lost descriptors."""
