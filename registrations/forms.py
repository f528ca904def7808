"""The answers to an event's registration form."""

from collections.abc import Mapping
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker, ValidationError

from meetinity_events.errors import InvalidFields


def check_answers(form: Mapping[str, Any] | None, answers: Mapping[str, Any] | None) -> None:
    """Raises InvalidFields, naming `registration_data.<question>`, where the answers do not fit the form.

    `form` is a JSON Schema (2020-12) as `events.registration_form` allows it; an event without one takes any answers.
    A question that the form does not ask has no answer.
    """
    if form is None:
        return
    closed = {**form, "additionalProperties": False}
    details: dict[str, list[str]] = {}
    for fault in Draft202012Validator(closed, format_checker=FormatChecker()).iter_errors(dict(answers or {})):
        for name, sentence in read_fault(fault, form):
            details.setdefault(f"registration_data.{name}", []).append(sentence)
    if details:
        raise InvalidFields(details=details)


def read_fault(fault: ValidationError, form: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The questions that a fault is about, each with a sentence that repeats no answer."""
    if fault.path:
        return [(str(fault.path[0]), f"This breaks the form's rule `{fault.validator}`.")]
    given: Any = fault.instance
    if fault.validator == "required":
        return [(name, "This question has to be answered.") for name in form["required"] if name not in given]
    return [(name, "The form does not ask this.") for name in given if name not in form["properties"]]
