"""`manage.py issue_token SUBJECT`: a token as the platform would issue it, for development and operations."""

import time
from typing import Any

import jwt
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from meetinity_events.api.principal import parse_subject


class Command(BaseCommand):
    """Signs with JWT_SECRET; a deployment that verifies by JWKS holds no key to sign with."""

    requires_system_checks = ()  # they would read all views first, which takes as long as the rest
    help = "Print a signed token for a user."

    def add_arguments(self, parser: CommandParser) -> None:
        """Who, for how long, and in which role."""
        parser.add_argument("subjects", nargs="+", metavar="SUBJECT", help="UUID, integer or any other id of the user")
        parser.add_argument("--admin", action="store_true", help="add the role admin")
        parser.add_argument("--service", action="store_true", help="add the role service")
        parser.add_argument("--hours", type=float, default=24.0, help="lifetime (24)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Prints the bare token, for several users one a line in their order."""
        if not settings.JWT_SECRET:
            raise CommandError("JWT_JWKS_URL is set: only the platform's issuer can sign tokens.")
        for subject in options["subjects"]:
            try:
                parse_subject(subject)
            except ValueError as error:
                raise CommandError(f"SUBJECT is {error}.") from error
            token = sign_token(
                subject, is_admin=options["admin"], is_service=options["service"], hours=options["hours"]
            )
            self.stdout.write(token)


def sign_token(subject: str, *, is_admin: bool = False, is_service: bool = False, hours: float = 24.0) -> str:
    """A token of `subject`; digits become the integer that real tokens carry."""
    roles = ["admin"] * is_admin + ["service"] * is_service
    claims: dict[str, Any] = {
        "sub": int(subject) if subject.isascii() and subject.isdigit() else subject,
        "exp": int(time.time() + hours * 3600),
        **({"role": " ".join(roles)} if roles else {}),
        **({"iss": settings.JWT_ISSUER} if settings.JWT_ISSUER else {}),
        **({"aud": settings.JWT_AUDIENCE} if settings.JWT_AUDIENCE else {}),
    }
    return jwt.encode(claims, settings.JWT_SECRET, algorithm=settings.JWT_ALGORITHMS[0])
