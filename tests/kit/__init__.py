"""The testing kit and the pytest plug-in."""
