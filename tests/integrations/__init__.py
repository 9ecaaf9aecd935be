"""The modules for frameworks and servers, each against the real thing."""
