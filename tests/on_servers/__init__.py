"""The pool on real Kafka and Elasticsearch."""
