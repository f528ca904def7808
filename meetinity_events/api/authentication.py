"""Bearer tokens of the platform, verified by simplejwt without a user table and without a query.

What was verified is remembered for some minutes, since the same client comes back with the same token.
"""

import time
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

import jwt
from django.conf import settings
from django.http import HttpRequest
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.request import Request
from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.backends import TokenBackend
from rest_framework_simplejwt.exceptions import InvalidToken, TokenBackendError
from rest_framework_simplejwt.tokens import AccessToken, Token

from meetinity_events.api.principal import Principal, Subject, parse_subject

REMEMBERED_TOKENS = 4096
REMEMBERED_SECONDS = 300
"""Tokens are verified again in each such span, so that a key that was taken back ends what it signed."""


class PlatformTokenBackend(TokenBackend):
    """PyJWT set for real tokens: `sub` may be an integer, `exp` must be there, one list of algorithms."""

    def __init__(self) -> None:
        super().__init__(
            settings.JWT_ALGORITHMS[0],
            signing_key=settings.JWT_SECRET,
            audience=settings.JWT_AUDIENCE,
            issuer=settings.JWT_ISSUER,
            leeway=settings.JWT_LEEWAY_SECONDS,
        )
        if settings.JWT_JWKS_URL:
            self.jwks_client = jwt.PyJWKClient(settings.JWT_JWKS_URL, cache_keys=True, timeout=1)

    def get_verifying_key(self, token: Any) -> Any:
        """The secret, or the published key that the token names, which then also fixes the algorithm."""
        return self.jwks_client.get_signing_key_from_jwt(token) if settings.JWT_JWKS_URL else self.prepared_signing_key

    def decode(self, token: Any, verify: bool = True) -> dict[str, Any]:
        """The claims. Raises TokenBackendError for whatever is wrong with the token or with the published keys."""
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                self.get_verifying_key(token),
                algorithms=settings.JWT_ALGORITHMS,
                audience=self.audience,
                issuer=self.issuer,
                leeway=self.get_leeway(),
                options={
                    "require": ["exp"],
                    "verify_sub": False,
                    "verify_jti": False,
                    "verify_aud": self.audience is not None,
                    "verify_signature": verify,
                },
            )
        except (jwt.PyJWTError, OSError, OverflowError, ValueError) as error:
            raise TokenBackendError("Token is invalid or expired") from error
        return claims


class PlatformToken(AccessToken):
    """A platform access token; PyJWT has checked its expiry, which simplejwt would check again and trip over 10**30."""

    _backend: PlatformTokenBackend | None = None

    @classmethod
    def get_token_backend(cls) -> PlatformTokenBackend:
        """One backend per process: it keeps the prepared key."""
        if PlatformToken._backend is None:
            PlatformToken._backend = PlatformTokenBackend()
        return PlatformToken._backend

    def check_exp(self, claim: str = "exp", current_time: Any = None) -> None:
        """Nothing: done while decoding, with the leeway."""


class PlatformAuthentication(JWTAuthentication):
    """`Authorization: Bearer <JWT>`; the caller becomes a Principal."""

    def __init__(self) -> None:
        """Without simplejwt's look-up of a user model."""

    def authenticate(self, request: Request | HttpRequest) -> tuple[Any, Token] | None:
        """The Principal and the token; None without a bearer token. Raises AuthenticationFailed for a bad one."""
        header = self.get_header(request)
        raw = None if header is None else self.get_raw_token(header)
        return None if raw is None else read_token(raw)

    def get_user(self, validated_token: Token) -> Any:
        """The Principal of a verified token; a subject that is no user id is a bad token (401)."""
        claims = validated_token.payload
        try:
            subject = parse_subject(claims.get("sub", claims.get("user_id")))
        except ValueError as error:
            raise InvalidToken("The token names no user.") from error
        raw = validated_token.token
        token = raw.decode("latin-1") if isinstance(raw, bytes) else str(raw)
        return Principal(
            subject.id,
            subject.upstream_id,
            is_admin=is_admin(subject, claims),
            is_service="service" in roles_in(claims),
            token=token,
        )


class Verified(NamedTuple):
    """A token that was good when it was looked at, and the second that its `exp` names."""

    principal: Any
    token: Token
    ends_at: int


def read_token(raw: bytes) -> tuple[Any, Token]:
    """The Principal and the token. Raises InvalidToken."""
    now = time.time()
    verified = verify(raw, int(now // REMEMBERED_SECONDS), token_rules())
    if verified.ends_at <= now - settings.JWT_LEEWAY_SECONDS:
        verified = verify.__wrapped__(raw, 0, ())  # says what is wrong with it
    return verified.principal, verified.token


def token_rules() -> tuple[Any, ...]:
    """All that decides about a token beside its bytes: what was verified by other rules does not count."""
    backend = PlatformToken.get_token_backend()
    return backend, settings.JWT_JWKS_URL, tuple(settings.ADMIN_USER_IDS), tuple(settings.ADMIN_EMAILS)


@lru_cache(REMEMBERED_TOKENS)
def verify(raw: bytes, span: int, rules: tuple[Any, ...]) -> Verified:
    """Look at a token; `span` and `rules` are there for the memory alone. Raises InvalidToken, and forgets that."""
    authentication = PlatformAuthentication()
    token = authentication.get_validated_token(raw)
    return Verified(authentication.get_user(token), token, int(token.payload["exp"]))


class PlatformAuthenticationScheme(OpenApiAuthenticationExtension):
    """How the OpenAPI document names it."""

    target_class = PlatformAuthentication
    name = "bearer"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        """OpenAPI's HTTP bearer scheme."""
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}


def is_admin(subject: Subject, claims: Mapping[str, Any]) -> bool:
    """By claim, or by the deployment's lists, since the platform's tokens carry no role today."""
    email = claims.get("email")
    return (
        "admin" in roles_in(claims)
        or subject.upstream_id in settings.ADMIN_USER_IDS
        or str(subject.id) in settings.ADMIN_USER_IDS
        or (isinstance(email, str) and email.lower() in settings.ADMIN_EMAILS)
    )


def roles_in(claims: Mapping[str, Any]) -> set[str]:
    """Every word of the claims `role`, `roles`, `permissions` and `scope`, as text or as a list of text."""
    words: set[str] = set()
    for name in ("role", "roles", "permissions", "scope"):
        value = claims.get(name)
        if isinstance(value, str):
            words.update(value.split())
        elif isinstance(value, list):
            words.update(word for word in value if isinstance(word, str))
    return words


def principal_of(request: Request) -> Principal:
    """The caller of a request that passed the permissions."""
    principal: object = request.user
    assert isinstance(principal, Principal)
    return principal
