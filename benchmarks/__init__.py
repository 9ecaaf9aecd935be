"""Benchmarks of logly; `benchmarks/README.md` says how they measure."""
