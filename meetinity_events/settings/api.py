"""The HTTP API: who may call, how much, how pages are sized, which origins browsers may call from."""

from corsheaders.defaults import default_headers

from meetinity_events.settings.environment import env, read_list, read_number, read_secret, read_url

JWT_JWKS_URL = read_url("JWT_JWKS_URL", "", "https", "http") if env.str("JWT_JWKS_URL", "") else ""
JWT_SECRET = "" if JWT_JWKS_URL else read_secret("JWT_SECRET")
JWT_ISSUER = env.str("JWT_ISSUER", "") or None
JWT_AUDIENCE = env.str("JWT_AUDIENCE", "") or None
JWT_LEEWAY_SECONDS = read_number("JWT_LEEWAY_SECONDS", 30)
ADMIN_USER_IDS = read_list("ADMIN_USER_IDS")
ADMIN_EMAILS = [email.lower() for email in read_list("ADMIN_EMAILS")]

# One list per deployment: a public key must never verify an HMAC.
JWT_ALGORITHMS = ["RS256", "ES256"] if JWT_JWKS_URL else ["HS256"]
SIMPLE_JWT = {
    "ALGORITHM": "RS256" if JWT_JWKS_URL else "HS256",
    "SIGNING_KEY": JWT_SECRET,
    "JWK_URL": JWT_JWKS_URL or None,
    "ISSUER": JWT_ISSUER,
    "AUDIENCE": JWT_AUDIENCE,
    "LEEWAY": JWT_LEEWAY_SECONDS,
    "USER_ID_CLAIM": "sub",
    "JTI_CLAIM": None,
    "TOKEN_TYPE_CLAIM": None,
    "AUTH_TOKEN_CLASSES": ("meetinity_events.api.authentication.PlatformToken",),
}

DEFAULT_PAGE_SIZE = read_number("DEFAULT_PAGE_SIZE", 20, minimum=1)
MAX_PAGE_SIZE = read_number("MAX_PAGE_SIZE", 100, minimum=1)
MAX_JSON_BYTES = 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = MAX_JSON_BYTES

# Requests per user and hour (the platform's document, "Rate Limiting").
RATE_LIMITS = {
    "browse": read_number("RATE_LIMIT_BROWSE", 100, minimum=1),
    "create": read_number("RATE_LIMIT_CREATE", 10, minimum=1),
    "register": read_number("RATE_LIMIT_REGISTER", 50, minimum=1),
    "search": read_number("RATE_LIMIT_SEARCH", 200, minimum=1),
    "upload": read_number("RATE_LIMIT_UPLOAD", 30, minimum=1),
}
# Coming events for which one user holds a seat or waits.
MAX_ACTIVE_REGISTRATIONS = read_number("MAX_ACTIVE_REGISTRATIONS", 100, minimum=1)

# How long after the end of an event guests may be checked in; afterwards beat marks who is missing as no_show.
ATTENDANCE_GRACE_HOURS = read_number("ATTENDANCE_GRACE_HOURS", 24)

CORS_ALLOWED_ORIGINS = read_list("CORS_ORIGINS", "http://localhost:3000,http://localhost:3001,http://localhost:8080")
CORS_ALLOW_HEADERS = (
    *default_headers,
    "if-match",
    "idempotency-key",
    "x-client-platform",
    "x-client-version",
    "x-request-id",
)
CORS_EXPOSE_HEADERS = (
    "Content-Disposition",
    "ETag",
    "Idempotency-Replayed",
    "RateLimit-Limit",
    "RateLimit-Remaining",
    "RateLimit-Reset",
    "Retry-After",
    "X-Request-ID",
)

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["meetinity_events.api.authentication.PlatformAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["meetinity_events.api.permissions.IsKnownUser"],
    "DEFAULT_THROTTLE_CLASSES": ["meetinity_events.api.throttling.HourlyThrottle"],
    "DEFAULT_PARSER_CLASSES": ["meetinity_events.api.json.JSONParser"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "meetinity_events.api.json.AlwaysJSON",
    "DEFAULT_RENDERER_CLASSES": ["meetinity_events.api.json.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "meetinity_events.api.openapi.PageSchema",
    "EXCEPTION_HANDLER": "meetinity_events.api.errors.handle_exception",
    "UNAUTHENTICATED_USER": None,
}

SPECTACULAR_SETTINGS = {
    "TITLE": "Meetinity Event Service",
    "DESCRIPTION": "Create, discover, search, register for and attend events.",
    "VERSION": "1.0.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_AUTHENTICATION": [],
    "SERVE_PERMISSIONS": [],
    "SERVERS": [{"url": "/"}],
    "PREPROCESSING_HOOKS": ["meetinity_events.api.openapi.drop_aliases"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "ENUM_NAME_OVERRIDES": {
        "EventStatus": "events.status.EventStatus",
        "RegistrationStatus": "registrations.models.RegistrationStatus",
        "CheckInMethod": "registrations.models.CheckInMethod",
    },
}
