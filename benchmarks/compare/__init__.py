"""Compares logly with other logging libraries: same content, same machine, one process per measurement."""
