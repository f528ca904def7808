"""The service's own settings with one more route: the empty view that the others are compared with."""

from meetinity_events.settings import *  # noqa: F403 - that is what these settings are

ROOT_URLCONF = "benchmarks.urls"
