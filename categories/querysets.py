"""Questions about categories in the words of the domain."""

from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Q, QuerySet

from categories.errors import CategoryNotFound
from meetinity_events.errors import InvalidFields

if TYPE_CHECKING:
    from categories.models import Category


class CategoryQuerySet(QuerySet["Category"]):
    """Filters that can be chained."""

    def choose(self, name_or_id: str) -> "Category":
        """The active category of this name or id. Raises InvalidFields (422) when there is none."""
        try:
            wanted = Q(id=UUID(name_or_id))
        except ValueError:
            wanted = Q(name=name_or_id)
        category = self.filter(wanted, is_active=True).first()
        if category is None:
            raise InvalidFields(details={"category": ["There is no such active category."]})
        return category

    def find(self, category_id: UUID) -> "Category":
        """The category of this id, active or not. Raises CategoryNotFound."""
        category = self.filter(pk=category_id).first()
        if category is None:
            raise CategoryNotFound
        return category

    def lock(self, category_id: UUID) -> "Category":
        """The same with its row locked until the transaction ends."""
        return self.select_for_update(no_key=True).find(category_id)
