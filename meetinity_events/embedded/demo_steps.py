"""The story that the demo plays: alice organises; bob, carol and dave want her two seats."""

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from meetinity_events.embedded.demo_clients import PATIENCE_SECONDS, Api, EventTopic, Payload, send_message
from meetinity_events.embedded.demo_service import Service
from meetinity_events.embedded.errors import EmbeddedError
from meetinity_events.embedded.manage import run_manage

Lines = Sequence[str]
NAMES = ("alice", "bob", "carol", "dave")
REASON = "The venue is closed"


class Story:
    """Who takes part and what has happened so far; everybody is new each time, so that a demo can be repeated."""

    def __init__(self, service: Service) -> None:
        """Read the topic from now on."""
        self.service = service
        self.api = Api(service.url)
        self.topic = EventTopic(service.brokers, service.event_topic)
        self.ids = {name: str(uuid4()) for name in NAMES}
        self.tokens: dict[str, str] = {}
        self.event_id = ""

    def call(self, name: str, method: str, path: str, body: Payload | None = None) -> tuple[int, Payload]:
        """One HTTP call with the token of `name`."""
        return self.api.call(method, path, self.tokens[name], body)

    def close(self) -> None:
        """Leave the topic."""
        self.topic.close()


def make_tokens(story: Story) -> Lines:
    """Four users that the service has never seen."""
    tokens = run_manage(story.service.environ, "issue_token", *(story.ids[name] for name in NAMES)).split()
    story.tokens = dict(zip(NAMES, tokens, strict=True))
    return [f"{name} is {story.ids[name]}" for name in NAMES]


def create_event(story: Story) -> Lines:
    """Alice's event with two seats."""
    start = datetime.now(UTC) + timedelta(days=30)
    body = {
        "title": "Demo: two seats for three people",
        "category": "Networking",
        "start_date": format_time(start),
        "max_attendees": 2,
        "location": "Paris, France",
        "tags": ["demo", "networking"],
    }
    status, event = story.call("alice", "POST", "/events", body)
    expect("the status", 201, status, event)
    story.event_id = event["id"]
    expect("its organiser", story.ids["alice"], event["created_by"])
    return [f"201, event {story.event_id}, {event['seats_left']} seats left"]


def register_three(story: Story) -> Lines:
    """201, 201, 409: the capacity holds."""
    lines = []
    for name, expected in (("bob", 201), ("carol", 201), ("dave", 409)):
        status, body = story.call(name, "POST", f"/events/{story.event_id}/register", {})
        expect(f"the status for {name}", expected, status, body)
        lines.append(f"{name}: {status} {body['error']['message'] if status == 409 else body['status']}")
    return lines


def read_created(story: Story) -> Lines:
    """The event's own message."""
    message = story.topic.wait_for(story.event_id, "event.created")[0]
    expect("created_by", story.ids["alice"], message["created_by"])
    expect("category", "Networking", message["category"])
    return [f"event.created: {message['title']!r}, {message['category']}, {message['start_date']}"]


def read_registrations(story: Story) -> Lines:
    """One message for each seat taken, and none for the refusal."""
    messages = story.topic.wait_for(story.event_id, "event.registration.created", count=2)
    expect("the users", [story.ids["bob"], story.ids["carol"]], [message["user_id"] for message in messages])
    return [f"event.registration.created: user {message['user_id']}" for message in messages]


def delete_bob(story: Story) -> Lines:
    """What user-service would write."""
    payload = {"event_type": "user.deleted", "user_id": story.ids["bob"], "timestamp": format_time(datetime.now(UTC))}
    send_message(story.service.brokers, story.service.user_topic, story.ids["bob"], payload)
    return [f"user.deleted: user {story.ids['bob']}"]


def see_the_seat_free(story: Story) -> Lines:
    """Bob's seat comes back."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        status, event = story.call("alice", "GET", f"/events/{story.event_id}")
        expect("the status", 200, status, event)
        if event["seats_left"] == 1 or time.monotonic() > deadline:
            break
        time.sleep(0.5)
    expect("seats_left", 1, event["seats_left"])
    expect("current_attendees", 1, event["current_attendees"])
    return ["200, 1 attendee, 1 seat left"]


def cancel_event(story: Story) -> Lines:
    """Alice gives up."""
    status, event = story.call("alice", "POST", f"/events/{story.event_id}/cancel", {"reason": REASON})
    expect("the status", 200, status, event)
    expect("the event's status", "cancelled", event["status"])
    return ["200, status cancelled"]


def read_cancelled(story: Story) -> Lines:
    """Carol is the one to tell: bob is gone and dave never had a seat."""
    message = story.topic.wait_for(story.event_id, "event.cancelled")[0]
    expect("affected_users", [story.ids["carol"]], message["affected_users"])
    expect("reason", REASON, message["reason"])
    return [f"event.cancelled: {message['reason']!r}, affected users {message['affected_users']}"]


STEPS: tuple[tuple[str, Callable[[Story], Lines]], ...] = (
    ("Tokens from manage.py issue_token", make_tokens),
    ("alice creates an event with two seats", create_event),
    ("bob, carol and dave register", register_three),
    ("event.created in the topic", read_created),
    ("The registrations in the topic", read_registrations),
    ("user-service says that bob is deleted", delete_bob),
    ("The seat is free again", see_the_seat_free),
    ("alice cancels the event", cancel_event),
    ("event.cancelled in the topic", read_cancelled),
)


def expect(what: str, expected: object, seen: object, answer: object = "") -> None:
    """Raise EmbeddedError when they differ; `answer` says more about what was seen."""
    if expected != seen:
        raise EmbeddedError(f"{what} should be {expected!r} and is {seen!r}. {answer}".strip())


def format_time(moment: datetime) -> str:
    """Write a UTC instant the way the wire does."""
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
