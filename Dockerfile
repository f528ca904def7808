# The service without the servers it talks to. The web is the image's own command; the other processes run the same
# image with theirs:
#   celery -A meetinity_events worker -Q default,heartbeat --concurrency 2 -n default@%h
#   celery -A meetinity_events worker -Q outbox,heartbeat --concurrency 1 -n outbox@%h
#   celery -A meetinity_events beat --schedule /var/lib/meetinity/beat-schedule     (one in all)
#   python manage.py consume_kafka
# and, before a release: `python manage.py migrate` and `python manage.py create_topics`.
# They answer no HTTP: start them with the health check off.
#
# What production has to say: DATABASE_URL, REDIS_URL, CELERY_BROKER_URL, KAFKA_BOOTSTRAP_SERVERS, USER_SERVICE_URL,
# DJANGO_SECRET_KEY, JWT_SECRET (or JWT_JWKS_URL), and ALLOWED_HOSTS for names other than localhost and event-service.

FROM python:3.11-slim AS builder
WORKDIR /build
RUN python -m venv /opt/venv
ENV PATH="/opt/venv/bin:$PATH"
COPY requirements/base.txt requirements/base.txt
# Every pinned package has a wheel, on amd64 and arm64 alike: no compiler is needed.
RUN pip install --no-cache-dir --disable-pip-version-check --only-binary=:all: --require-hashes \
    -r requirements/base.txt

FROM python:3.11-slim AS runtime
# The curl of the day, with its security fixes.
# hadolint ignore=DL3008
RUN apt-get update && apt-get install -y --no-install-recommends curl && rm -rf /var/lib/apt/lists/*
RUN groupadd -r -g 10001 meetinity && useradd -r -u 10001 -g meetinity -d /var/lib/meetinity meetinity
COPY --from=builder /opt/venv /opt/venv
ENV PATH="/opt/venv/bin:$PATH" \
    PYTHONUNBUFFERED=1 \
    SERVICE_ENV=production \
    DATA_DIR=/var/lib/meetinity \
    PROMETHEUS_MULTIPROC_DIR=/var/lib/meetinity/metrics
WORKDIR /app
COPY manage.py ./
COPY meetinity_events meetinity_events
COPY integrations integrations
COPY categories categories
COPY events events
COPY registrations registrations
# The two secrets let the settings load; this step writes them nowhere. What the service writes is its user's; its code
# and the admin's files are not.
RUN DJANGO_SECRET_KEY=while-building JWT_SECRET=while-building python manage.py collectstatic --noinput \
    && mkdir -p "$PROMETHEUS_MULTIPROC_DIR" uploads/events \
    && chown -R meetinity:meetinity "$DATA_DIR" uploads
# meetinity, by its number: Kubernetes' runAsNonRoot cannot judge a name.
USER 10001
EXPOSE 8083
# The platform's own words, for a shell because of the `||`.
# hadolint ignore=DL3025
HEALTHCHECK --interval=30s --timeout=10s --start-period=5s --retries=3 \
    CMD curl -f http://localhost:8083/health || exit 1
CMD ["gunicorn", "-c", "python:meetinity_events.gunicorn_conf", "meetinity_events.wsgi:application"]
