"""Faults on purpose: killed processes, changed files, erased reports, bad input. Nothing may be lost, doubled or left behind."""
