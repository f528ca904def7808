"""`manage.py consume_kafka` without one of its guards, as a process: it does not go back to what failed."""

from unittest.mock import patch

import django
from django.core.management import call_command

django.setup()
with patch("integrations.kafka.consumer.put_back"):
    call_command("consume_kafka")
