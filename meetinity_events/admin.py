"""What the pages of the staff's desk share: they show, count within bounds, and act through services alone."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import NAMESPACE_URL, UUID, uuid5

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.views.main import ChangeList
from django.contrib.auth import get_permission_codename
from django.core.exceptions import BadRequest, ValidationError
from django.core.paginator import Paginator
from django.db import OperationalError
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.html import format_html

from meetinity_events.api.principal import Principal, parse_subject, subject_of
from meetinity_events.errors import DomainError

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Any]
    AnyPaginator = Paginator[Any]
else:  # Django's classes take no type argument while the service runs
    ModelAdmin = admin.ModelAdmin
    AnyPaginator = Paginator

ROWS_COUNTED = 10_000
ROWS_PER_PAGE = 50

admin.site.site_header = admin.site.site_title = "Meetinity events"
admin.site.index_title = "The staff's desk"
admin.site.site_url = None  # there is no page at / that "View site" could lead to


def principal_of(request: HttpRequest) -> Principal:
    """The staff member as an admin of the platform, under an id that no user of the platform has."""
    name = f"staff:{request.user.pk}"
    return Principal(uuid5(NAMESPACE_URL, f"meetinity:{name}"), name, is_admin=True)


def show_user(user_id: UUID) -> str:
    """A user as the platform names them: by number, or by UUID."""
    return subject_of(user_id).upstream_id


def read_user_id(term: str) -> UUID | None:
    """A whole id, as UUID or as the platform's number; None for any other text."""
    try:
        return parse_subject(int(term)).id if term.isascii() and term.isdigit() else UUID(term)
    except ValueError:
        return None


def explain(refusal: Exception) -> str:
    """One sentence for staff."""
    if isinstance(refusal, DomainError):
        return refusal.message
    if isinstance(refusal, OperationalError):
        return "The database is busy; try again in a moment."
    return f"{type(refusal).__name__}: {refusal}"


class BoundedPaginator(AnyPaginator):
    """Counts 10,000 rows at most: what lies behind them is found by a filter and not by the number of its page."""

    @cached_property
    def count(self) -> int:
        """Never reads more than it returns."""
        assert isinstance(self.object_list, QuerySet)
        return self.object_list.order_by()[:ROWS_COUNTED].count()


class DeskChangeList(ChangeList):
    """A list that leaves the large columns in the database and says when it ends before the table does."""

    model_admin: "ReadOnlyAdmin"

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if self.result_count == ROWS_COUNTED:
            self.title = (
                f"The first {ROWS_COUNTED:,} {self.opts.verbose_name_plural}; a filter or a search finds others"
            )

    def get_queryset(self, request: HttpRequest, exclude_parameters: list[str | None] | None = None) -> QuerySet[Any]:
        """The filtered rows without `list_defer`."""
        return super().get_queryset(request, exclude_parameters).defer(*self.model_admin.list_defer)


class ConditionFilter(admin.SimpleListFilter):
    """A choice between named conditions, offered without a look into the table."""

    conditions: ClassVar[Mapping[str, Q]]

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin) -> list[tuple[str, str]]:
        """Every condition."""
        return [(name, name.capitalize()) for name in self.conditions]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """The rows for which the chosen condition holds."""
        condition = self.conditions.get(self.value() or "")
        return queryset if condition is None else queryset.filter(condition)


class ReadOnlyAdmin(ModelAdmin):
    """Shows, and writes through actions alone, each of which calls a service for one row after the other."""

    paginator = BoundedPaginator
    list_per_page = ROWS_PER_PAGE
    list_max_show_all = 0
    list_defer: Sequence[str] = ()
    # What an action may raise for one row; the next row gets its turn all the same.
    refusals: tuple[type[Exception], ...] = (DomainError, OperationalError)
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    change_form_template = "admin/desk/change_form.html"

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False

    def has_act_permission(self, request: HttpRequest) -> bool:
        """Whom Django's permission to change these rows was given may run their actions."""
        return request.user.has_perm(f"{self.opts.app_label}.{get_permission_codename('change', self.opts)}")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """Our own."""
        return DeskChangeList

    def find_whole(self, term: str) -> Q | None:
        """The condition for a whole id, which an index answers; None: look into `search_fields`."""
        return None

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Rows by a whole id, or else by a part of `search_fields`."""
        condition = self.find_whole(search_term.strip())
        if condition is None:
            return super().get_search_results(request, queryset, search_term)
        return queryset.filter(condition), False

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        """A row's page, with a button for each action."""
        context["row_actions"] = [(name, label) for name, label in self.get_action_choices(request) if name]
        return super().render_change_form(request, context, add, change, form_url, obj)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list and its actions; 400 for a filter or a ticked row that cannot exist."""
        if "%00" in request.GET.urlencode():
            raise BadRequest
        try:
            ticked_ids(self.opts.model, request)
        except ValidationError as error:
            raise BadRequest from error
        return super().changelist_view(request, extra_context)

    def find_ticked(self, request: HttpRequest) -> list[Any]:
        """The ticked rows by id, whether or not the list's filter still shows them; tells of each that is gone."""
        ids = ticked_ids(self.opts.model, request)
        rows = self.get_queryset(request).defer(*self.list_defer).in_bulk(ids)
        for missing in [pk for pk in ids if pk not in rows]:
            self.message_user(
                request, f"{missing}: there is no such {self.opts.verbose_name} any more.", messages.ERROR
            )
        return [row for _, row in sorted(rows.items())]

    def act_on_each(self, request: HttpRequest, rows: Iterable[Model], act: Callable[[Any], str]) -> None:
        """Call `act`, which returns what happened, for one row after the other, and report each result to the staff."""
        for row in rows:
            try:
                self.report(request, row, act(row))
            except self.refusals as refusal:
                self.refuse(request, row, refusal)

    def refuse(self, request: HttpRequest, row: Model, refusal: Exception) -> None:
        """Tell why nothing was done to a row."""
        self.report(request, row, f"refused. {explain(refusal)}", messages.ERROR)

    def report(self, request: HttpRequest, row: Model, result: str, level: int = messages.SUCCESS) -> None:
        """Tell what became of a row, with the way to its page: titles repeat."""
        address = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[row.pk])
        self.message_user(request, format_html('<a href="{}">{}</a>: {}', address, row, result), level)


def ticked_ids(model: type[Model], request: HttpRequest) -> list[Any]:
    """The ids of the rows that an action is for. Raises ValidationError for what is no id."""
    return [model._meta.pk.to_python(value) for value in request.POST.getlist(ACTION_CHECKBOX_NAME)]
