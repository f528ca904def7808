"""The wire: what goes to Kafka and what comes from it."""
