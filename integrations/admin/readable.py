"""Bytes and payloads of any kind as bounded text for people."""

import base64
import json
from collections.abc import Sequence

from django.utils.html import format_html
from django.utils.safestring import SafeString

BYTES_SHOWN = 16 * 1024
CHARACTERS_SHOWN = 64 * 1024
CONTROL_CHARACTERS = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160)) if chr(code) not in "\t\n"}


def show_bytes(label: str, head: Sequence[int] | None, size: int | None) -> SafeString:
    """Bytes for people: their beginning as text, as JSON with one key a line where they are all here and are JSON."""
    if head is None or size is None:
        return format_html("<p>{}: none</p>", label)
    text = readable(bytes(head))
    if size <= BYTES_SHOWN:
        text = pretty_json(text)
    rest = f", the first {BYTES_SHOWN:,}" if size > BYTES_SHOWN else ""
    return format_html("<p>{}: {} bytes{}</p>{}", label, f"{size:,}", rest, preformatted(text))


def show_headers(headers: Sequence[Sequence[str | None]]) -> SafeString:
    """The [name, base64 or null] of a dead letter, one a line."""
    return preformatted("\n".join(f"{name}: {readable(base64.b64decode(value or ''))}" for name, value in headers))


def readable(content: bytes) -> str:
    """Text in which everything that cannot be shown is written out as its code."""
    return content.decode("utf-8", "backslashreplace").translate(CONTROL_CHARACTERS)


def pretty_json(text: str) -> str:
    """The text with one key a line where it is JSON, else as it is."""
    try:
        pretty = json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return text
    return pretty if len(pretty) <= CHARACTERS_SHOWN else text


def preformatted(text: str) -> SafeString:
    """Lines as they are, up to 64 Ki characters, in a form that every encoding takes."""
    shown = text[:CHARACTERS_SHOWN].encode("utf-8", "backslashreplace").decode()
    rest = f"\n… {len(text) - CHARACTERS_SHOWN:,} characters more" if len(text) > CHARACTERS_SHOWN else ""
    return format_html('<pre style="white-space: pre-wrap; overflow-wrap: anywhere">{}</pre>', shown + rest)
