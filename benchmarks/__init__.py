"""Benchmarks of logly; `benchmarks/README.md` describes how they measure."""
