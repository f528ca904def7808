"""What every log line carries."""

import logging

from meetinity_events.observability.request_id import current_request_id


class RequestIdFilter(logging.Filter):
    """Adds `request_id` to each record."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Always True: it only adds."""
        record.request_id = current_request_id()
        return True
