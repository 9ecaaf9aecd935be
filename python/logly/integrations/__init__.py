"""Modules that join logly with other libraries, each imported when it is first asked for."""
