"""What the vocabulary refuses."""

from meetinity_events.errors import DomainError, NotFound


class CategoryNotFound(NotFound):
    """No such category."""

    code = "category_not_found"
    message = "There is no such category."


class CategoryNameTaken(DomainError):
    """Two categories cannot share a name."""

    code = "category_name_taken"
    message = "There is a category of this name already."


class CategoryInUse(DomainError):
    """Events refer to it, so that the foreign key keeps it."""

    code = "category_in_use"
    message = "Events belong to this category; deactivate it instead."
