"""Events around a point: distances on the sphere, also where a map has its seam, and pages of the nearest."""

import math
from typing import Any

import pytest

from events.api import filters
from events.models import Event
from events.place import EARTH_RADIUS_KM, chord_of
from tests.factories import Caller, in_days, make_event

pytestmark = [pytest.mark.django_db, pytest.mark.database]

Point = tuple[float, float]
PARIS, VERSAILLES, LYON = (48.8566, 2.3522), (48.8049, 2.1204), (45.7640, 4.8357)
FIJI_WEST, FIJI_EAST = (-17.0, 179.9), (-17.0, -179.9)
NORTH, SOUTH = (90.0, 0.0), (-90.0, 0.0)


def make_at(organiser: Caller, title: str, point: Point, **fields: Any) -> Event:
    return make_event(organiser, title=title, latitude=point[0], longitude=point[1], **fields)


def ask(caller: Caller, point: Point, **query: Any) -> dict[str, Any]:
    response = caller.get("/events", {"latitude": point[0], "longitude": point[1], **query})
    assert response.status_code == 200, response.json()
    body: dict[str, Any] = response.json()
    return body


def titles(caller: Caller, point: Point, **query: Any) -> list[str]:
    return [event["title"] for event in ask(caller, point, **query)["events"]]


def haversine_km(one: Point, other: Point) -> float:
    """The textbook's formula, as an oracle."""
    (north, east), (to_north, to_east) = (map(math.radians, point) for point in (one, other))
    half = math.sin((to_north - north) / 2) ** 2
    half += math.cos(north) * math.cos(to_north) * math.sin((to_east - east) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(min(half, 1)))


def test_the_nearest_come_first_within_the_radius(alice: Caller, bob: Caller) -> None:
    for title, place in (("lyon", LYON), ("versailles", VERSAILLES), ("paris", PARIS)):
        make_at(alice, title, place)
    make_event(alice, title="nowhere")

    assert titles(bob, PARIS, sort="distance") == ["paris", "versailles", "lyon"]
    assert titles(bob, PARIS, sort="distance", radius_km=30) == ["paris", "versailles"]
    distances = [event["distance_km"] for event in ask(bob, PARIS, sort="distance")["events"]]
    assert distances == [0.0, pytest.approx(17.915, abs=0.001), pytest.approx(391.499, abs=0.001)]


@pytest.mark.parametrize(
    ("here", "there"),
    [
        (PARIS, LYON),
        (FIJI_WEST, FIJI_EAST),
        ((10.0, 180.0), (10.0, -180.0)),
        (NORTH, SOUTH),
        (NORTH, (90.0, 135.0)),
        ((89.99, 0.0), (89.99, 180.0)),
        ((0.0, 0.0), (0.0, 180.0)),
        ((12.5, 33.25), (-12.5, -146.75)),
        ((52.5, 13.4), (52.500001, 13.400001)),
    ],
)
def test_a_distance_is_that_of_the_great_circle(alice: Caller, bob: Caller, here: Point, there: Point) -> None:
    make_at(alice, "there", there)
    expected = haversine_km(here, there)

    (event,) = ask(bob, here)["events"]

    assert event["distance_km"] == pytest.approx(expected, abs=0.002)
    assert titles(bob, here, radius_km=expected + 0.5) == ["there"]
    if expected > 1:
        assert titles(bob, here, radius_km=expected - 0.5) == []


def test_a_radius_is_no_box(alice: Caller, bob: Caller) -> None:
    """In the corner of the box that the index looks at, but further away."""
    corner = (7.0, 7.0)
    make_at(alice, "corner", corner)
    distance = haversine_km((0.0, 0.0), corner)

    assert chord_of(distance * 0.8) > math.sin(math.radians(7.0))
    assert titles(bob, (0.0, 0.0), radius_km=distance * 0.8) == []


def test_half_way_round_is_everywhere(alice: Caller, bob: Caller) -> None:
    make_at(alice, "antipode", (-48.8566, -177.6478))

    assert titles(bob, PARIS, radius_km=20_038) == ["antipode"]


@pytest.mark.parametrize("sort", ["distance", "upcoming", "recent", "popular"])
def test_cursors_lead_through_all_that_is_near(alice: Caller, bob: Caller, sort: str) -> None:
    """Three of them at one place, so that the distance alone is no order."""
    for number in range(7):
        make_at(alice, str(number), (48.8 + max(number, 3) / 100, 2.35), start_date=in_days(number + 1))
    seen, cursor = [], ""
    while cursor is not None:
        page = ask(bob, PARIS, sort=sort, radius_km=100, page_size=2, **({"cursor": cursor} if cursor else {}))
        seen += [event["title"] for event in page["events"]]
        cursor = page["next_cursor"]

    assert sorted(seen) == [str(number) for number in range(7)]
    assert page["total"] == 7


@pytest.mark.parametrize("sort", ["distance", "upcoming"])
def test_many_within_the_radius_are_read_in_their_order_and_not_counted(
    alice: Caller, bob: Caller, sort: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filters, "COUNTED_BY_ROWS", 3)
    for number in range(5):
        make_at(alice, str(number), (48.85 + number / 100, 2.35), start_date=in_days(number + 1))
    make_at(alice, "lyon", LYON, start_date=in_days(0.5))

    page = ask(bob, (48.85, 2.35), sort=sort, radius_km=50)

    assert [event["title"] for event in page["events"]] == ["0", "1", "2", "3", "4"]
    assert (page["total"], page["total_relation"]) == (3, "gte")


def test_a_place_moves_with_its_coordinates_and_goes_without_them(alice: Caller, bob: Caller) -> None:
    event = make_at(alice, "moving", PARIS)
    alice.patch(f"/events/{event.id}", {"latitude": LYON[0], "longitude": LYON[1]})
    assert [titles(bob, PARIS, radius_km=50), titles(bob, LYON, radius_km=50)] == [[], ["moving"]]

    alice.patch(f"/events/{event.id}", {"latitude": None, "longitude": None})
    assert titles(bob, LYON) == []


@pytest.mark.parametrize("radius", ["0", "-1", "50000", "NaN", "Infinity", "1e400", "x", "\0"])
def test_a_radius_that_is_none_is_refused(bob: Caller, radius: str) -> None:
    response = bob.get("/events", {"latitude": 1, "longitude": 1, "radius_km": radius})

    assert response.status_code == 422
    assert list(response.json()["error"]["details"]) == ["radius_km"]


def test_a_number_with_many_digits_is_taken(alice: Caller, bob: Caller) -> None:
    make_at(alice, "here", (0.00000001, 0.00000001))

    assert titles(bob, (0.0, 0.0), radius_km="0.00200000000000000000000000000000000001") == ["here"]
