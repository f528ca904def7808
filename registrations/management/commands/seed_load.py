"""`manage.py seed_load`: a large database to measure with, by COPY."""

import time
from datetime import UTC, datetime
from functools import partial
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from events.cache import EVENTS
from events.search.words import refresh_words
from meetinity_events.api.cache import forget
from registrations.sample_data.load import AlreadyLoadedError, Loaded, load, settle
from registrations.sample_data.plan import Plan, fewest_users
from registrations.statistics import refresh_views


class Command(BaseCommand):
    """Adds to what is there; the same seed and moment make the same rows, and are refused a second time."""

    help = "Load made-up events and registrations with a realistic skew, for measurements."

    def add_arguments(self, parser: CommandParser) -> None:
        """How much, and which."""
        parser.add_argument("--events", type=int, default=100_000, metavar="N")
        parser.add_argument("--registrations", type=int, metavar="N", help="default: five an event")
        parser.add_argument("--users", type=int, metavar="N", help="default: a tenth of the registrations")
        parser.add_argument("--seed", type=int, default=1, metavar="N", help="another one makes other rows")
        parser.add_argument("--until", metavar="TIME", help="the present of the data, ISO 8601; default: now")
        parser.add_argument("--in-production", action="store_true", help="where SERVICE_ENV is production, too")

    def handle(self, *args: Any, **options: Any) -> None:
        """Prints what was loaded."""
        if settings.SERVICE_ENV == "production" and not options["in_production"]:
            raise CommandError("seed_load adds made-up events for everybody to see: not in production.")
        plan, started = read_plan(options), time.monotonic()
        try:
            loaded = load(plan, report=partial(self.show_progress, options["verbosity"]))
        except AlreadyLoadedError as error:
            raise CommandError(error.message) from None
        settle(refresh_views, refresh_words)  # as beat would
        forget(generations=(EVENTS,))
        self.stdout.write(describe(plan, loaded, time.monotonic() - started))

    def show_progress(self, verbosity: int, loaded: Loaded) -> None:
        """One line a step, with `-v 2`."""
        if verbosity > 1:
            self.stdout.write(f"{loaded.events.total():,} events, {loaded.registrations:,} registrations")


def read_plan(options: dict[str, Any]) -> Plan:
    """Raises CommandError for numbers that cannot be."""
    events, seed = options["events"], options["seed"]
    registrations = 5 * events if options["registrations"] is None else options["registrations"]
    if events < 1 or registrations < 0 or seed < 0:
        raise CommandError("--events is at least 1, --registrations and --seed at least 0.")
    fewest = fewest_users(events, registrations)
    users = fewest if options["users"] is None else options["users"]
    if users < fewest:
        raise CommandError(f"So many registrations need at least {fewest:,} users.")
    return Plan(events, registrations, users, seed, read_moment(options["until"]))


def read_moment(text: str | None) -> datetime:
    """The present of the data, to the second."""
    if text is None:
        return timezone.now().replace(microsecond=0)
    moment = parse_datetime(text)
    if moment is None or moment.tzinfo is None:
        raise CommandError("--until is a time with its offset, for example 2026-10-15T18:00:00Z.")
    return moment.astimezone(UTC).replace(microsecond=0)


def describe(plan: Plan, loaded: Loaded, seconds: float) -> str:
    """What was loaded, in a few lines."""
    states = ", ".join(f"{count:,} {status}" for status, count in loaded.events.most_common())
    return (
        f"{loaded.events.total():,} events: {states}; {loaded.full:,} of them full\n"
        f"{loaded.registrations:,} registrations: {loaded.seats:,} seats, {loaded.waiting:,} waiting,"
        f" {loaded.cancelled:,} cancelled\n"
        f"{loaded.profiles:,} new profiles; new partitions: {', '.join(loaded.partitions) or 'none'}\n"
        f"In {seconds:.0f} s. The same again: --seed {plan.seed} --users {plan.users} --until {plan.until.isoformat()}"
    )
