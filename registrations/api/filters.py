"""The filter of the lists of registrations, by django-filter."""

import django_filters

from meetinity_events.api.pagination import Ordering
from registrations.models import Registration, RegistrationStatus

FIRST_COME = Ordering("first_come", "registered_at")
FIRST_WAITING = Ordering("first_waiting", "waitlist_number")
LATEST_FIRST = Ordering("latest_first", "registered_at", descending=True)


class RegistrationFilters(django_filters.FilterSet):
    """Narrow by state."""

    status = django_filters.ChoiceFilter(choices=RegistrationStatus.choices)

    class Meta:
        """Declared above."""

        model = Registration
        fields: tuple[str, ...] = ()
