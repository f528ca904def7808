"""PostgreSQL: one database, one lock timeout for every statement of the service."""

from meetinity_events.settings.environment import read_database, read_number

LOCK_TIMEOUT_MILLISECONDS = read_number("LOCK_TIMEOUT_MILLISECONDS", 2000, minimum=1)

_default = read_database("DATABASE_URL", "postgresql://meetinity:meetinity@localhost:5432/meetinity")
_options = _default.setdefault("OPTIONS", {})
_options.setdefault("connect_timeout", 3)
_options.setdefault("prepare_threshold", 0)  # of the few statements that go through meetinity_events.prepared
# For many short questions on disks without a head: no compiling, no helpers, no fear of single pages. A misspelt word
# of four letters shares few trigrams.
_planner = "-c jit=off -c max_parallel_workers_per_gather=0 -c random_page_cost=1.1"
_session = f"-c lock_timeout={LOCK_TIMEOUT_MILLISECONDS} {_planner} -c pg_trgm.similarity_threshold=0.2"
_options["options"] = f"{_options.get('options', '')} {_session}".strip()

DATABASES = {"default": _default}
