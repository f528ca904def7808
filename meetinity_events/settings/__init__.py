"""The settings, one file per concern. A variable that is wrong ends the process with one line that names it."""

from environs import EnvError

try:
    from meetinity_events.settings.api import *
    from meetinity_events.settings.base import *
    from meetinity_events.settings.caching import *
    from meetinity_events.settings.database import *
    from meetinity_events.settings.kafka import *
    from meetinity_events.settings.logs import *
    from meetinity_events.settings.observability import *
    from meetinity_events.settings.tasks import *
    from meetinity_events.settings.uploads import *
except EnvError as error:
    raise SystemExit(f"Refusing to start. {error}") from None
