"""A matching-service over real HTTP that answers as a test says and remembers what it was told."""

from collections.abc import Callable, Collection
from uuid import UUID

from django.db import transaction
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from integrations.matching.attendance import PATH, record_attendance

EVENTS = [UUID(f"01890a5d-ac96-774b-bcce-b302099a805{number}") for number in range(4)]


class MatchingService:
    """`told` holds an (event number, attendee numbers) for each call, in order."""

    def __init__(self, server: HTTPServer) -> None:
        self.told: list[tuple[int, list[int]]] = []
        self.bodies: list[dict[str, object]] = []
        self.requests: list[Request] = []
        self.answer: Callable[[Request], Response]
        self.answer_with(200)
        server.expect_request(PATH, method="POST").respond_with_handler(self._serve)

    def answer_with(self, status: int, **headers: str) -> None:
        """The same to everybody from now on."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}

        def answer(request: Request) -> Response:
            return Response("", status, named)

        self.answer = answer

    def refuse(self, status: int, *, events: Collection[int] = (), users: Collection[int] = ()) -> None:
        """Answer `status` to the calls about these, 200 to the others."""

        def judge(request: Request) -> Response:
            event, attendees = numbers(request)
            is_bad = event in events or not set(users).isdisjoint(attendees)
            return Response("", status if is_bad else 200)

        self.answer = judge

    def _serve(self, request: Request) -> Response:
        self.told.append(numbers(request))
        self.bodies.append(request.get_json())
        self.requests.append(request)
        return self.answer(request)


def numbers(request: Request) -> tuple[int, list[int]]:
    """Event and attendees of a call."""
    body = request.get_json()
    return EVENTS.index(UUID(body["event_id"])), [UUID(user_id).int for user_id in body["attendees"]]


@transaction.atomic
def promise(event: int, *users: int, category: str = "Networking", tags: tuple[str, ...] = ("tech",)) -> None:
    """One row of the outbox for each thousand users."""
    record_attendance(event_id=EVENTS[event], attendees=map(make_user, users), category=category, tags=tags)


def make_user(number: int) -> UUID:
    """As the platform's numbered users are."""
    return UUID(int=number)
