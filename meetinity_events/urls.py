"""The whole URL table; a trailing slash is optional everywhere, and nothing but /admin redirects."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

from categories.api.views import CategoryViewSet
from events.api.images import ImageFileViewSet, ImageViewSet
from events.api.search import SearchViewSet
from events.api.statistics import StatsViewSet
from events.api.views import EventViewSet
from integrations.api.changes import ChangeViewSet
from meetinity_events import health
from meetinity_events.scrape import scrape
from registrations.api.attendance import AttendanceViewSet
from registrations.api.attendees import AttendeeViewSet
from registrations.api.calendar import CalendarViewSet, FeedViewSet
from registrations.api.discovery import DiscoveryViewSet
from registrations.api.export import ExportViewSet
from registrations.api.guests import GuestViewSet
from registrations.api.history import HistoryViewSet
from registrations.api.statistics import SeriesViewSet, StatisticsViewSet
from registrations.api.tickets import TicketViewSet
from registrations.api.views import RegistrationViewSet
from registrations.api.waitlist import WaitlistViewSet

EVENTS: list[URLPattern | URLResolver] = [
    path("events", EventViewSet.as_view({"get": "list", "post": "create"})),
    path("events/health", health.health),
    path("events/changes", ChangeViewSet.as_view({"get": "list"})),
    path("events/popular", DiscoveryViewSet.as_view({"get": "list_popular"})),
    path("events/recommended", DiscoveryViewSet.as_view({"get": "list_recommended"})),
    path("events/stats", StatsViewSet.as_view({"get": "retrieve"})),
    path("events/stats/registrations", SeriesViewSet.as_view({"get": "retrieve"})),
    path("events/search", SearchViewSet.as_view({"get": "list_found"})),
    path("events/tags", SearchViewSet.as_view({"get": "list_tags"})),
    path("events/categories", CategoryViewSet.as_view({"get": "list", "post": "create"})),
    path(
        "events/categories/<uuid:category_id>",
        CategoryViewSet.as_view({"get": "retrieve", "patch": "partial_update", "put": "update", "delete": "destroy"}),
    ),
    path("events/users/<uuid:user_id>/events", RegistrationViewSet.as_view({"get": "list_own"})),
    path("events/users/<uuid:user_id>/history", HistoryViewSet.as_view({"get": "retrieve"})),
    path(
        "events/<uuid:event_id>",
        EventViewSet.as_view({"get": "retrieve", "patch": "partial_update", "put": "update", "delete": "destroy"}),
    ),
    path("events/<uuid:event_id>/publish", EventViewSet.as_view({"post": "publish"})),
    path("events/<uuid:event_id>/complete", EventViewSet.as_view({"post": "complete"})),
    path("events/<uuid:event_id>/cancel", EventViewSet.as_view({"post": "cancel"})),
    path("events/<uuid:event_id>/image", ImageViewSet.as_view({"post": "attach", "delete": "remove"})),
    path("events/images/<str:name>", ImageFileViewSet.as_view({"get": "retrieve"})),
    path(
        "events/<uuid:event_id>/register",
        RegistrationViewSet.as_view({"post": "register", "delete": "unregister"}),
    ),
    path("events/<uuid:event_id>/unregister", RegistrationViewSet.as_view({"post": "unregister_by_post"})),
    path("events/<uuid:event_id>/waitlist", WaitlistViewSet.as_view({"get": "list"})),
    path("events/<uuid:event_id>/attendees", AttendeeViewSet.as_view({"get": "list"})),
    path("events/<uuid:event_id>/registrations", RegistrationViewSet.as_view({"get": "list"})),
    path(
        "events/<uuid:event_id>/registrations/<uuid:registration_id>",
        GuestViewSet.as_view({"get": "retrieve", "patch": "partial_update"}),
    ),
    path(
        "events/<uuid:event_id>/registrations/<uuid:registration_id>/check-in",
        GuestViewSet.as_view({"delete": "undo_check_in"}),
    ),
    path("events/<uuid:event_id>/ticket", TicketViewSet.as_view({"get": "retrieve"})),
    path("events/<uuid:event_id>/ticket.svg", TicketViewSet.as_view({"get": "svg"})),
    path("events/<uuid:event_id>/ticket.png", TicketViewSet.as_view({"get": "png"})),
    path("events/<uuid:event_id>/check-in", GuestViewSet.as_view({"post": "check_in"})),
    path("events/<uuid:event_id>/attendance", AttendanceViewSet.as_view({"get": "list", "post": "mark"})),
    path("events/<uuid:event_id>/registrations/export", ExportViewSet.as_view({"get": "retrieve"})),
    path("events/<uuid:event_id>/statistics", StatisticsViewSet.as_view({"get": "retrieve"})),
    path("events/<uuid:event_id>/calendar.ics", CalendarViewSet.as_view({"get": "retrieve"})),
    path("events/calendar/<str:token>.ics", FeedViewSet.as_view({"get": "retrieve"})),
    path(
        "events/users/<uuid:user_id>/calendar-feed",
        CalendarViewSet.as_view({"post": "open_feed", "delete": "close_feed"}),
    ),
]

urlpatterns: list[URLPattern | URLResolver] = [
    *EVENTS,
    path("api/", include(EVENTS)),  # the portal called directly, without the gateway that drops /api
    path("events/", include(EVENTS)),  # the platform's integration test asks for /events/events
    path("health", health.health),
    path("healthz", health.alive),
    path("ready", health.ready),
    path("metrics", scrape),
    path("schema", SpectacularAPIView.as_view(), name="schema"),
    path("docs", SpectacularSwaggerView.as_view(url_name="schema")),
    path("admin", RedirectView.as_view(url="/admin/")),
    path("admin/", admin.site.urls),
]

handler400 = "meetinity_events.api.errors.bad_request"
handler403 = "meetinity_events.api.errors.permission_denied"
handler404 = "meetinity_events.api.errors.not_found"
handler500 = "meetinity_events.api.errors.server_error"
