"""Every metric of the service, declared once. The first seven are the platform's, name and label for name and label."""

from prometheus_client import Counter, Gauge, Histogram

EVENTS_CREATED = Counter("events_created_total", "Total events created")
REGISTRATIONS = Counter("registrations_total", "Total event registrations")
API_REQUESTS = Counter("api_requests_total", "Total API requests", ["method", "endpoint"])
REQUEST_DURATION = Histogram("request_duration_seconds", "Request duration")
EVENT_PROCESSING = Histogram("event_processing_seconds", "Event processing time")
ACTIVE_EVENTS = Gauge("active_events", "Number of active events", multiprocess_mode="mostrecent")
UPCOMING_EVENTS = Gauge("upcoming_events", "Number of upcoming events", multiprocess_mode="mostrecent")

EVENTS_PROCESSED = Counter("events_processed_total", "Requests and messages processed", ["service"])
API_RESPONSES = Counter("api_responses_total", "Total API responses", ["status"])
RATE_LIMIT_UNCOUNTED = Counter("rate_limit_uncounted_total", "Requests let through because Redis was away")
CACHE_BUILDS = Counter("cache_builds_total", "Answers made because the cache had none", ["outcome"])
CACHE_FORGETS_LOST = Counter("cache_forgets_lost_total", "Changes that the cache did not hear of")
OUTBOX_PUBLISHED = Counter("outbox_published_total", "Messages acknowledged by Kafka", ["event_type"])
OUTBOX_PARKED = Counter("outbox_parked_total", "Outbox rows that can never be sent")
OUTBOX_PENDING = Gauge("outbox_pending", "Messages that wait for Kafka", multiprocess_mode="mostrecent")
OUTBOX_OLDEST = Gauge("outbox_oldest_seconds", "Age of the oldest of them", multiprocess_mode="mostrecent")
DEAD_LETTERS = Gauge("dead_letters", "Parked incoming messages that wait for staff", multiprocess_mode="mostrecent")
SCRAPES_WITHOUT_DATABASE = Counter("scrapes_without_database_total", "Scrapes whose gauges are of an earlier time")
WORKER_HEARTBEAT = Gauge(
    "worker_heartbeat_timestamp_seconds", "Last sign of life", ["worker"], multiprocess_mode="mostrecent"
)
SEAT_DRIFT = Gauge("seat_drift", "Events whose seats were miscounted at the last check", multiprocess_mode="mostrecent")
SEAT_CHECKED = Gauge("seat_check_timestamp_seconds", "Time of that check", multiprocess_mode="mostrecent")
MESSAGES_CONSUMED = Counter("messages_consumed_total", "Kafka messages read", ["topic", "event_type", "outcome"])
CONSUMER_LAG = Gauge(
    "consumer_lag", "Messages that the consumer has not read", ["topic", "partition"], multiprocess_mode="mostrecent"
)
USER_SERVICE_CALLS = Counter("user_service_calls_total", "Questions to user-service", ["outcome"])
USER_SERVICE_FAILURES = Counter("user_service_failures_total", "Exchanges without a usable answer", ["cause"])
MATCHING_CALLS = Counter("matching_calls_total", "Calls to matching-service", ["outcome"])
MATCHING_PENDING = Gauge("matching_pending", "Rows that wait for matching-service", multiprocess_mode="mostrecent")
