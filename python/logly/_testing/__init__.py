"""Code that `logly.testing` and the pytest plug-in share."""
