"""The pool in one SQLite file: documents, log, full-text index, timers; the runner's topics lie in the same file."""
