"""What `logly.testing` and the pytest plug-in share."""
