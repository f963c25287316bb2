"""Kafka and Elasticsearch on one Linux machine without containers: for a first try, for tests. No access control, one node."""
