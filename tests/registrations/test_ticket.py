"""The ticket of a registration: what it says, who gets it, and what its pictures read as."""

import io
import re
from datetime import datetime, timedelta
from typing import Any

import pytest
import segno
import zxingcpp
from django.core.signing import Signer
from PIL import Image

from events.models import Event
from registrations.errors import TicketInvalid
from registrations.models import Registration
from registrations.tickets import SALT, draw_ticket, read_ticket, write_ticket
from tests.factories import Caller, in_days, make_event, snapshot

pytestmark = pytest.mark.django_db


def join(event: Event, guest: Caller) -> Registration:
    assert guest.post(f"/events/{event.id}/register").status_code == 201
    return Registration.objects.get(event=event, user_id=guest.id)


def as_text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def test_the_ticket_names_the_registration_and_says_when_it_is_good(
    alice: Caller, bob: Caller, settings: Any, django_assert_num_queries: Any
) -> None:
    settings.ATTENDANCE_GRACE_HOURS = 2
    start = in_days(7)
    event = make_event(alice, start_date=start, end_date=start + timedelta(hours=3))
    registration = join(event, bob)

    with django_assert_num_queries(1):
        response = bob.get(f"/events/{event.id}/ticket")

    ticket = response.json()
    assert (response.status_code, response["Cache-Control"]) == (200, "no-store")
    assert read_ticket(ticket["token"]).registration_id == registration.id
    assert {name: value for name, value in ticket.items() if name != "token"} == {
        "registration_id": str(registration.id),
        "event_id": str(event.id),
        "user_id": str(bob.id),
        "status": "registered",
        "check_in_opens_at": as_text(event.start_date - timedelta(hours=24)),
        "check_in_closes_at": as_text(event.start_date + timedelta(hours=5)),
    }


def test_it_is_short_and_the_same_every_time(alice: Caller, bob: Caller) -> None:
    registration = join(make_event(alice), bob)
    token = write_ticket(registration)

    assert len(token) == 22 + 1 + 1 + 1 + 43
    assert token == write_ticket(registration)
    assert token.isascii()


def test_registering_again_makes_another_ticket(alice: Caller, bob: Caller) -> None:
    event = make_event(alice)
    join(event, bob)
    first = bob.get(f"/events/{event.id}/ticket").json()
    bob.delete(f"/events/{event.id}/register")
    join(event, bob)
    second = bob.get(f"/events/{event.id}/ticket").json()

    assert second["registration_id"] == first["registration_id"]
    assert second["token"] != first["token"]


def test_the_png_reads_as_the_token(alice: Caller, bob: Caller) -> None:
    event = make_event(alice)
    join(event, bob)

    response = bob.get(f"/events/{event.id}/ticket.png")

    assert (response["Content-Type"], response["Cache-Control"]) == ("image/png", "no-store")
    (code,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(response.content)).convert("L"))
    assert code.format == zxingcpp.BarcodeFormat.QRCode
    assert code.text == bob.get(f"/events/{event.id}/ticket").json()["token"]


def test_the_svg_has_the_modules_of_the_png(alice: Caller, bob: Caller) -> None:
    """Its path is drawn module by module and read like a photograph."""
    event = make_event(alice)
    join(event, bob)

    response = bob.get(f"/events/{event.id}/ticket.svg")

    assert (response["Content-Type"], response["Cache-Control"]) == ("image/svg+xml", "no-store")
    (code,) = zxingcpp.read_barcodes(rasterise(response.content))
    assert code.text == bob.get(f"/events/{event.id}/ticket").json()["token"]


@pytest.mark.parametrize("kind", ["svg", "png"])
def test_error_correction_is_m_or_better_within_the_quiet_zone(kind: str) -> None:
    token = "x" * 68
    code = segno.make_qr(token, error="m")
    modules = code.symbol_size(border=4)[0]

    assert code.error in ("M", "Q", "H")
    drawing = draw_ticket(token, kind)
    if kind == "png":
        picture = Image.open(io.BytesIO(drawing)).convert("L")
        assert picture.size == (modules * 8, modules * 8)
        assert {picture.getpixel((x, y)) for x in range(32) for y in range(modules * 8)} == {255}
    else:
        assert f'width="{modules * 8}"'.encode() in drawing


@pytest.mark.parametrize("address", ["ticket", "ticket.svg", "ticket.png"])
def test_only_who_holds_a_seat_has_one(alice: Caller, bob: Caller, carol: Caller, root: Caller, address: str) -> None:
    event = make_event(alice)
    join(event, bob)
    join(event, carol)
    carol.delete(f"/events/{event.id}/register")
    before = snapshot(event)

    assert [caller.get(f"/events/{event.id}/{address}").status_code for caller in (bob, carol, alice, root)] == [
        200,
        409,
        404,
        404,
    ]
    refusal = carol.get(f"/events/{event.id}/{address}").json()["error"]["details"]
    assert refusal == {"reason": ["no_seat"]}
    assert snapshot(event) == before


def test_who_waits_has_none_yet(alice: Caller, bob: Caller) -> None:
    event = make_event(alice)
    event.registrations.create(user_id=bob.id, status="waitlisted", waitlist_number=1)

    assert bob.get(f"/events/{event.id}/ticket").json()["error"]["details"] == {"reason": ["no_seat"]}


def test_whatever_was_not_signed_as_a_ticket_is_none(alice: Caller, bob: Caller, settings: Any) -> None:
    token = write_ticket(join(make_event(alice), bob))
    name, times, signature = token.split(".")
    forged = [
        "",
        ".",
        "x",
        token[:-1],
        token + "A",
        f"{name}.2.{signature}",
        f"{name}.{times}.{signature[::-1]}",
        f"{'A' * 22}.{times}.{signature}",
        Signer(sep=".").sign(f"{name}.{times}"),
        Signer(sep=".", salt="cursor").sign(f"{name}.{times}"),
        Signer(sep=".", salt=SALT, key="another secret").sign(f"{name}.{times}"),
        "é" * 68,
    ]
    for text in forged:
        with pytest.raises(TicketInvalid):
            read_ticket(text)

    settings.SECRET_KEY = "another secret of the service"
    with pytest.raises(TicketInvalid):
        read_ticket(token)


def rasterise(svg: bytes) -> Image.Image:
    """segno draws one path of horizontal strokes, one module high; here each becomes pixels."""
    text = svg.decode()
    size, scale = (int(re.findall(pattern, text)[0]) for pattern in (r'width="(\d+)"', r"scale\((\d+)\)"))
    (path,) = re.findall(r'class="qrline" stroke="#000" d="([^"]+)"', text)
    picture = Image.new("L", (size, size), 255)
    x = y = 0.0
    for command, numbers in re.findall(r"([Mmh])([^Mmh]+)", path):
        values = [float(number) for number in re.findall(r"-?\d*\.?\d+", numbers)]
        if command == "h":
            top = int((y - 0.5) * scale)
            picture.paste(0, (int(x * scale), top, int((x + values[0]) * scale), top + scale))
            x += values[0]
        else:
            x, y = (values[0], values[1]) if command == "M" else (x + values[0], y + values[1])
    return picture
