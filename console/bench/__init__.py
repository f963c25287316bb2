"""Benchmarks: JSON out, for comparing versions; no test depends on a figure."""
