"""Files: rotation, retention, compression, names."""
