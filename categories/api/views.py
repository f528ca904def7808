"""Categories over HTTP: the list that a form offers."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from categories.api.serializers import CategorySerializer
from categories.models import Category
from meetinity_events.api.openapi import refusals


class CategoryViewSet(ViewSet):
    """The vocabulary of events."""

    @extend_schema(
        operation_id="list_categories",
        tags=["categories"],
        responses={200: CategorySerializer(many=True), **refusals(401, 403)},
    )
    def list(self, request: Request) -> Response:
        """The active categories by name."""
        return Response(list(Category.objects.filter(is_active=True).values(*CategorySerializer.Meta.fields)))
