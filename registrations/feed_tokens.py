"""The secret part of a calendar feed's address: a serial and its signature, without a word about whose it is."""

from uuid import UUID

from django.core.signing import BadSignature, Signer

from registrations.errors import CalendarFeedNotFound

SALT = "registrations.calendar_feed"


def write_token(serial: UUID) -> str:
    """The same for the same serial, so that an address can be shown again."""
    return signer().sign(serial.hex)


def read_token(token: str) -> UUID:
    """The serial of a token that this service signed as one. Raises CalendarFeedNotFound, without a query."""
    try:
        return UUID(hex=signer().unsign(token))
    except (BadSignature, ValueError) as error:
        raise CalendarFeedNotFound from error


def signer() -> Signer:
    """A full stop instead of a colon, which some calendars write as %3A."""
    return Signer(sep=".", salt=SALT)
