"""What Django itself needs: applications, middleware, hosts, secrets, static files."""

from meetinity_events.settings import environment
from meetinity_events.settings.environment import (
    IS_PRODUCTION,
    PROJECT_ROOT,
    env,
    read_choice,
    read_list,
    read_number,
    read_seconds,
    read_secret,
    read_url,
)

SERVICE_NAME = "event-service"
SERVICE_ENV = environment.SERVICE_ENV
DATA_DIR = environment.DATA_DIR
DEBUG = False
SECRET_KEY = read_secret("DJANGO_SECRET_KEY")
DEMO_ADMIN_PASSWORD = "" if IS_PRODUCTION else read_secret("DEMO_ADMIN_PASSWORD")
APP_PORT = read_number("APP_PORT", 8083, minimum=1, maximum=65535)
BIND_ADDRESS = env.str("BIND_ADDRESS", "0.0.0.0" if IS_PRODUCTION else "127.0.0.1")  # noqa: S104
WEB_WORKERS = read_number("WEB_WORKERS", 4, minimum=1)
WEB_THREADS = read_number("WEB_THREADS", 4, minimum=1)

ALLOWED_HOSTS = read_list("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1],event-service")
CSRF_TRUSTED_ORIGINS = read_list("CSRF_TRUSTED_ORIGINS")

ROOT_URLCONF = "meetinity_events.urls"
WSGI_APPLICATION = "meetinity_events.wsgi.application"
APPEND_SLASH = False
USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = False
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "corsheaders",
    "django_filters",
    "django_prometheus",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "integrations",
    "categories",
    "events",
    "registrations",
]

MIDDLEWARE = [
    "meetinity_events.observability.request_id.RequestIdMiddleware",
    "meetinity_events.observability.request_metrics.RequestMetricsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "meetinity_events.api.request_shape.RequestShapeMiddleware",
    "meetinity_events.api.throttling.RateLimitHeadersMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("MinimumLengthValidator", "CommonPasswordValidator", "NumericPasswordValidator")
]

STATIC_URL = "/static/"
# The image collects the admin's files once; development serves them from where they are installed.
STATIC_ROOT = PROJECT_ROOT / "static" if IS_PRODUCTION else None
WHITENOISE_USE_FINDERS = not IS_PRODUCTION

API_GATEWAY_URL = read_url("API_GATEWAY_URL", "http://localhost:8080", "http", "https")
USER_SERVICE_URL = read_url("USER_SERVICE_URL", "http://localhost:8081", "http", "https")
USER_SERVICE_TIMEOUT_SECONDS = read_seconds("USER_SERVICE_TIMEOUT_SECONDS", 0.5)
# Who passes when user-service cannot be asked: everybody or nobody.
USER_VALIDATION = read_choice("USER_VALIDATION", "open", "closed")
MATCHING_SERVICE_URL = read_url("MATCHING_SERVICE_URL", "http://localhost:8082", "http", "https")
MATCHING_SERVICE_TIMEOUT_SECONDS = read_seconds("MATCHING_SERVICE_TIMEOUT_SECONDS", 2.0)

SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SESSION_COOKIE_SECURE = IS_PRODUCTION
CSRF_COOKIE_SECURE = IS_PRODUCTION
X_FRAME_OPTIONS = "DENY"
# TLS ends at the gateway, which also owns HSTS, and follows our redirects into a loop: this service sends neither.
SILENCED_SYSTEM_CHECKS = ["security.W004", "security.W008"]
