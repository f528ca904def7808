"""Change a category, and its name on every event that belongs to it."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from categories.cache import forget_categories_on_commit
from categories.errors import CategoryNameTaken
from categories.models import Category
from events.cache import forget_names_on_commit
from events.models import Event


def update_category(*, category_id: UUID, changes: Mapping[str, Any]) -> Category:
    """Apply `changes` (columns of Category); a new name is written on its events as well.

    Raises CategoryNotFound, CategoryNameTaken. Owns one transaction; locks the category's row, then its events'. An
    event's `version` and `updated_at` stay, since nobody edited it, and nothing is said about it. A repeat changes
    nothing.
    """
    try:
        with transaction.atomic():
            category = Category.objects.lock(category_id)
            is_renamed = changes.get("name", category.name) != category.name
            for name, value in changes.items():
                setattr(category, name, value)
            category.save(update_fields=list(changes))
            forget_categories_on_commit()
            if is_renamed:
                Event.objects.filter(category_ref=category).update(category=category.name)
                forget_names_on_commit()
    except IntegrityError as error:
        raise CategoryNameTaken from error
    return category
