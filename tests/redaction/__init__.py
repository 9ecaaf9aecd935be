"""Redaction: secrets in records are masked, on every way out."""
