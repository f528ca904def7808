"""How a test uses the desk: it ticks rows of a list, runs an action, and reads what it is told."""

import re
from html import unescape
from typing import Any

from django.contrib.admin.models import LogEntry
from django.db.models import Model
from django.test import Client
from django.utils.html import strip_tags

from events.models import Event
from registrations.services.update_event import update_event
from tests.factories import Caller


def address_of(model: type[Model], rest: str = "") -> str:
    """A page of the desk."""
    return f"/admin/{model._meta.app_label}/{model._meta.model_name}/{rest}"


def see(*events: Event) -> list[str]:
    """What the list's hidden fields say about the events as they are in the test's hands."""
    return [f"{event.pk}:{event.version}" for event in events]


def act(client: Client, action: str, *rows: Model, query: str = "", **fields: Any) -> Any:
    """Run an action on the ticked rows of one model; the answer after the redirect."""
    data = {"action": action, "_selected_action": [str(row.pk) for row in rows], **fields}
    return client.post(address_of(type(rows[0]), query), data, follow=True)


def move(client: Client, action: str, *events: Event, reason: str = "", query: str = "") -> list[str]:
    """Confirm a move of events as they are in the test's hands; returns what the moderator is told."""
    return told(act(client, action, *events, query=query, seen=see(*events), confirmed="yes", reason=reason))


def told(response: Any) -> list[str]:
    """The messages above the page, read from it: the client's `context` mixes what several threads render."""
    _, _, rest = response.content.decode().partition('<ul class="messagelist">')
    return [unescape(strip_tags(item)) for item in re.findall(r"<li.*?</li>", rest.partition("</ul>")[0], re.DOTALL)]


def listed(client: Client, model: type[Model], query: str = "") -> list[Any]:
    """The ids of the rows that a list shows, in its order."""
    return [row.pk for row in client.get(address_of(model, query)).context["cl"].result_list]


def cells(client: Client, model: type[Model], query: str = "") -> list[list[str]]:
    """The text of every cell of a list, without the boxes to tick."""
    table = client.get(address_of(model, query)).content.decode().split('id="result_list"')[1].split("</table>")[0]
    rows = re.findall(r"<tr>(.*?)</tr>", table.split("<tbody>")[1], re.DOTALL)
    texts = [re.findall(r'<t[dh] class="field-[^>]*>(.*?)</t[dh]>', row, re.DOTALL) for row in rows]
    return [[unescape(strip_tags(text)).replace("\xa0", " ") for text in row] for row in texts]


def page_of(client: Client, row: Model) -> str:
    """A row's page, unescaped."""
    return unescape(client.get(address_of(type(row), f"{row.pk}/change/")).content.decode())


def log() -> list[tuple[str, str, str]]:
    """Who did what to which row, oldest first."""
    return list(LogEntry.objects.order_by("pk").values_list("user__username", "object_id", "change_message"))


def edit(event: Event, editor: Caller) -> None:
    """Somebody else changes the event; the test's hands keep the old version."""
    assert editor.principal is not None
    update_event(event_id=event.pk, editor=editor.principal, changes={"location": "Lyon"})
