"""The pool on Elasticsearch 8 or 9, plain: no plugin, no script, no ingest pipeline."""
