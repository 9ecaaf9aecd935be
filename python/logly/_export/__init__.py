"""Sinks that send records to a collector of OpenTelemetry, over HTTP.

Read `exporter` first (one sink) and `sending` (its thread, and failures), then `options` with `resource`
(arguments and environment), `transport` (one connection), `answers` (those of a collector) and `spool` with `segment`
(files that keep requests for later).
"""
