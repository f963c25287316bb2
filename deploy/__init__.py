"""How the pool is installed: compose, and Kafka and Elasticsearch on one machine without containers."""
