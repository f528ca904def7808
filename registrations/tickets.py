"""The ticket of a registration: a short signed text, and the same as a QR code.

A ticket is good for one time of being registered: whoever cancels and registers again has another one. It carries no
date, because the event may move; the check-in knows when it is too early or too late.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from io import BytesIO
from uuid import UUID

import segno
from django.core.signing import BadSignature, Signer

from registrations.errors import TicketInvalid
from registrations.models import Registration

SALT = "registrations.ticket"
QUIET_ZONE_MODULES = 4
PIXELS_PER_MODULE = 8


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a token says: which registration, and which of its times of being registered."""

    registration_id: UUID
    times_registered: int


def write_ticket(registration: Registration) -> str:
    """`{id in base64url}.{times_registered}.{HMAC-SHA256 in base64url}`: 68 characters as a rule."""
    name = urlsafe_b64encode(registration.id.bytes).rstrip(b"=").decode()
    return signer().sign(f"{name}.{registration.times_registered}")


def read_ticket(token: str) -> Ticket:
    """Raises TicketInvalid for everything that this service has not signed as a ticket."""
    try:
        name, _, times = signer().unsign(token).partition(".")
    except BadSignature as error:
        raise TicketInvalid from error
    return Ticket(UUID(bytes=urlsafe_b64decode(f"{name}==")), int(times))


def signer() -> Signer:
    """Keyed by DJANGO_SECRET_KEY: a new secret ends every ticket."""
    return Signer(salt=SALT, sep=".")


def draw_ticket(token: str, kind: str) -> bytes:
    """The QR code as `svg` or `png`: error correction M or better, black on white within its quiet zone."""
    drawing = BytesIO()
    code = segno.make_qr(token, error="m")
    code.save(drawing, kind=kind, scale=PIXELS_PER_MODULE, border=QUIET_ZONE_MODULES, light="white")
    return drawing.getvalue()
