"""What every log line carries."""

import logging

from django.http import HttpRequest

from meetinity_events.observability.request_id import KEY, current_request_id


class RequestIdFilter(logging.Filter):
    """Adds `request_id` to each record."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Always True: it only adds."""
        request = getattr(record, "request", None)
        answered = request.META.get(KEY, "") if isinstance(request, HttpRequest) else ""
        record.request_id = current_request_id() or answered
        return True
