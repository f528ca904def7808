"""Health probes and metrics."""

from meetinity_events.settings.environment import read_number, read_seconds

HEALTH_FIGURES_SECONDS = read_number("HEALTH_FIGURES_SECONDS", 15, minimum=1)
HEALTH_PROBE_SECONDS = read_seconds("HEALTH_PROBE_SECONDS", 5.0)
HEALTH_PROBE_TIMEOUT_SECONDS = read_seconds("HEALTH_PROBE_TIMEOUT_SECONDS", 1.0)
WORKER_METRICS_PORT = read_number("WORKER_METRICS_PORT", 0, maximum=65535)
PROMETHEUS_EXPORT_MIGRATIONS = False
