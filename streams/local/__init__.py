"""The local runner: topics, offsets, documents and index in one SQLite file, one transaction a batch."""
