"""The runner on Kafka: Faust agents around the same stages, with Elasticsearch as the pool."""
