"""Tests of the modules that join logly with other libraries, against the real ones."""
