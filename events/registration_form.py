"""What an organiser may ask of those who register: a small JSON Schema, without anything that costs or reaches out."""

from typing import Any

import orjson
from django.core.exceptions import ValidationError
from jsonschema import Draft202012Validator

MAX_FORM_BYTES = 16 * 1024

TEXT = {"type": "string", "maxLength": 500}
COUNT = {"type": "integer", "minimum": 0, "maximum": 10_000}
CHOICES = {
    "type": "array",
    "minItems": 1,
    "maxItems": 100,
    "uniqueItems": True,
    "items": {"type": ["string", "number", "boolean"], "maxLength": 200},
}
QUESTION = {
    "type": "object",
    "required": ["type"],
    "additionalProperties": False,
    "properties": {
        "type": {"enum": ["string", "integer", "number", "boolean", "array"]},
        "title": TEXT,
        "description": TEXT,
        "enum": CHOICES,
        "format": {"enum": ["date", "email"]},
        "minLength": COUNT,
        "maxLength": COUNT,
        "minimum": {"type": "number"},
        "maximum": {"type": "number"},
        "items": {
            "type": "object",
            "additionalProperties": False,
            "properties": {"type": {"const": "string"}, "enum": CHOICES, "maxLength": COUNT},
        },
        "minItems": COUNT,
        "maxItems": COUNT,
        "uniqueItems": {"type": "boolean"},
    },
}
# No `$ref` that could fetch, no `pattern` that could take for ever, no nesting that could.
FORM = {
    "type": "object",
    "required": ["type", "properties"],
    "additionalProperties": False,
    "properties": {
        "type": {"const": "object"},
        "title": TEXT,
        "description": TEXT,
        "properties": {
            "type": "object",
            "minProperties": 1,
            "maxProperties": 50,
            "propertyNames": {"pattern": "^[a-z][a-z0-9_]{0,49}$"},
            "additionalProperties": QUESTION,
        },
        "required": {"type": "array", "uniqueItems": True, "items": {"type": "string"}},
        "additionalProperties": {"const": False},
    },
}
VALIDATOR = Draft202012Validator(FORM)


def validate_form(form: Any) -> None:
    """Raises ValidationError with one sentence for each fault, ten at most; None asks nothing."""
    if form is None:
        return
    if len(orjson.dumps(form)) > MAX_FORM_BYTES:
        raise ValidationError(f"At most {MAX_FORM_BYTES} bytes.")
    faults = [f"{fault.json_path}: this breaks the rule `{fault.validator}`." for fault in VALIDATOR.iter_errors(form)]
    faults = faults or [
        f"{name} is required but not asked." for name in set(form.get("required", ())) - {*form["properties"]}
    ]
    if faults:
        raise ValidationError(faults[:10])
