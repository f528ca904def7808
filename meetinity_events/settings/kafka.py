"""Kafka: where it is, what we write, what we read, and which handler each message goes to."""

from meetinity_events.settings.environment import env, read_list, read_number

KAFKA_BOOTSTRAP_SERVERS = env.str("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092")
KAFKA_EVENT_TOPIC = env.str("KAFKA_EVENT_TOPIC", "event.events")
KAFKA_USER_TOPICS = read_list("KAFKA_USER_TOPICS", "user.events")
KAFKA_CONSUMER_GROUP = env.str("KAFKA_CONSUMER_GROUP", "event-service")
KAFKA_CONSUMER_INSTANCE_ID = env.str("KAFKA_CONSUMER_INSTANCE_ID", "")
KAFKA_CONSUMER_METRICS_PORT = read_number("KAFKA_CONSUMER_METRICS_PORT", 0, maximum=65535)
KAFKA_BATCH_SIZE = read_number("KAFKA_BATCH_SIZE", 500, minimum=2)
KAFKA_SESSION_TIMEOUT_MS = read_number("KAFKA_SESSION_TIMEOUT_MS", 45_000, minimum=1000)
KAFKA_MAX_POLL_INTERVAL_MS = read_number("KAFKA_MAX_POLL_INTERVAL_MS", 300_000, minimum=1000)
KAFKA_PARKED_LIMIT = read_number("KAFKA_PARKED_LIMIT", 20, minimum=1)

# A message type and the doors that it enters by; integrations.checks resolves every path at start.
KAFKA_HANDLERS = {
    "user.updated": ["integrations.users.handlers.user_updated"],
    "user.deleted": ["registrations.handlers.user_deleted"],
}

# Told the keys of the messages that Kafka has acknowledged.
KAFKA_FOLLOWERS = ["registrations.cache.forget_again"]
