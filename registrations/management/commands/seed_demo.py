"""`manage.py seed_demo`: a few events and people to look at, a token to call with and a login for the admin."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from events.models import Event
from events.services.create_event import create_event
from integrations.management.commands.issue_token import sign_token
from meetinity_events.api.principal import Principal
from registrations.services.register_user import register_user
from registrations.statistics import refresh_views

ORGANISER, DEMO_USER, GUESTS = 1, 2, (3, 4, 5)
ADMIN_NAME = "demo-admin"

# Title, category, location, days ahead, capacity, tags, online link.
EVENTS: tuple[tuple[str, str, str | None, int, int | None, list[str], str | None], ...] = (
    ("Tech Networking Meetup", "Networking", "San Francisco, CA", 7, 40, ["tech", "startup"], None),
    ("Networking à Paris", "Networking", "Paris, France", 10, 25, ["networking", "paris"], None),
    ("Django for Product Teams", "Workshop", "Berlin, Germany", 14, 12, ["python", "django"], None),
    ("Platform Conference", "Conference", "Lyon, France", 45, 300, ["platform", "kafka"], None),
    ("Friday Founders' Drinks", "Meetup", "London, UK", 3, None, ["founders"], None),
    ("PostgreSQL at Scale", "Webinar", None, 5, 1000, ["postgresql"], "https://meet.example.com/postgresql"),
    ("Autumn Job Fair", "Career", "Madrid, Spain", 30, 500, ["jobs", "careers"], None),
)


class Command(BaseCommand):
    """Through the services, so that messages flow too; events are added once, the printed lines come every time."""

    help = "Add demo data and print a token and an admin's login (development only)."

    def handle(self, *args: Any, **options: Any) -> None:
        """Prints two lines."""
        if settings.SERVICE_ENV == "production":
            raise CommandError("seed_demo makes a login that anybody can read: not in production.")
        if not Event.objects.exists():
            add_events()
            refresh_views()
        password = add_admin()
        self.stdout.write(f"Demo user's token: {sign_token(str(DEMO_USER), hours=24 * 30)}")
        self.stdout.write(f"Demo admin's login: {ADMIN_NAME} / {password}")


def person(number: int) -> Principal:
    """A demo user of the platform, whose users count up."""
    return Principal(UUID(int=number), str(number))


def add_events() -> None:
    """The seven events and a few guests."""
    start = timezone.now().replace(hour=18, minute=0, second=0, microsecond=0)
    for title, category, location, days, capacity, tags, link in EVENTS:
        fields = {
            "title": title,
            "description": f"{title}: meet the people who build what you use.",
            "location": location,
            "start_date": start + timedelta(days=days),
            "end_date": start + timedelta(days=days, hours=3),
            "max_attendees": capacity,
            "tags": tags,
            "is_virtual": link is not None,
            "virtual_link": link,
        }
        event = create_event(organiser=person(ORGANISER), fields=fields, category=category)
        for guest in GUESTS:
            register_user(event_id=event.id, user=person(guest))


def add_admin() -> str:
    """A superuser with a password from the data folder; returns the password."""
    password: str = settings.DEMO_ADMIN_PASSWORD
    users = get_user_model().objects
    if not users.filter(username=ADMIN_NAME).exists():
        users.create_superuser(ADMIN_NAME, password=password)
    return password
