"""JSON in and out with orjson: strict about NaN, UTF-8 and nesting where the standard library is not."""

from typing import Any

import orjson
from rest_framework.exceptions import ParseError
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer

RENDER_OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS


class JSONParser(BaseParser):
    """A JSON body; an empty one counts as `{}` because the mobile app sends the content type without a body."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        """Raises ParseError (400) for anything that is not one JSON value in UTF-8."""
        body = stream.read()
        try:
            return orjson.loads(body) if body else {}
        except orjson.JSONDecodeError as error:
            raise ParseError(f"The body is not valid JSON: {error}") from error


class JSONRenderer(BaseRenderer):
    """UUIDs as text, instants with `Z`, decimals as text."""

    media_type = "application/json"
    format = "json"
    charset = None
    render_style = "binary"

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        """The bytes; nothing for an answer without a body."""
        return b"" if data is None else orjson.dumps(data, default=str, option=RENDER_OPTIONS)


class AlwaysJSON(DefaultContentNegotiation):
    """Whatever `Accept` says, the answer is JSON: the header picks a dialect, never a format."""

    def select_renderer(self, request: Any, renderers: Any, format_suffix: str | None = None) -> Any:
        """The first renderer of the view."""
        return renderers[0], renderers[0].media_type
