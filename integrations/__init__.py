"""The outside world: outbox, Kafka, user-service."""
