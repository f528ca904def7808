"""Categories over HTTP: everybody reads, admins write."""

from functools import partial
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import RestrictedError
from django.http import HttpRequest, HttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from categories.api.serializers import CategoryInput, CategorySerializer, category_fields
from categories.cache import categories_entry, forget_categories_on_commit
from categories.errors import CategoryInUse, CategoryNameTaken
from categories.models import Category
from categories.querysets import CategoryQuerySet
from events.services.update_category import update_category
from integrations.api.idempotency import IDEMPOTENCY_KEY, REPLAYED, answer_once
from integrations.gateway.idempotency import ReplayKey, claim
from meetinity_events.api.hot_reads import ReadViewSet, answer_bytes, hot_read
from meetinity_events.api.json import JSONRenderer
from meetinity_events.api.openapi import refusals
from meetinity_events.api.permissions import IsAdminOrReads
from meetinity_events.api.principal import Principal

WRITE_REFUSALS = refusals(400, 401, 403, 404, 409, 413, 415, 422)


class CategoryViewSet(ReadViewSet):
    """The vocabulary of events."""

    permission_classes = (IsAdminOrReads,)

    @extend_schema(
        operation_id="list_categories",
        tags=["categories"],
        parameters=[OpenApiParameter("include_inactive", bool, description="For admins")],
        responses={200: CategorySerializer(many=True), **refusals(401, 403)},
    )
    @hot_read
    def list(self, request: HttpRequest, caller: Principal) -> HttpResponse:
        """The active categories by name."""
        entry = categories_entry(partial(write_categories, Category.objects.filter(is_active=True)))
        is_all = caller.is_admin and request.GET.get("include_inactive") == "true"
        with self.look_up(request, caller, *(() if is_all else (entry,))) as found:
            body = write_categories(Category.objects.all()) if is_all else found.get(entry)
        return answer_bytes(body or b"")

    @extend_schema(
        operation_id="get_category", tags=["categories"], responses={200: CategorySerializer, **refusals(401, 403, 404)}
    )
    def retrieve(self, request: Request, category_id: UUID) -> Response:
        """One category, active or not."""
        return answer(category_id, status.HTTP_200_OK)

    @extend_schema(
        operation_id="create_category",
        tags=["categories"],
        parameters=[IDEMPOTENCY_KEY, REPLAYED],
        request=CategoryInput,
        responses={201: CategorySerializer, **WRITE_REFUSALS},
    )
    def create(self, request: Request) -> Response:
        """Add a word; for admins."""

        def do(replay: ReplayKey | None) -> Response:
            fields = category_fields(request.data)
            try:
                with transaction.atomic():
                    category = Category.objects.create(**fields)
                    forget_categories_on_commit()
                    claim(replay, status=status.HTTP_201_CREATED, resource_id=category.id)
            except IntegrityError as error:
                raise CategoryNameTaken from error
            return answer(category.id, status.HTTP_201_CREATED)

        return answer_once(request, do, answer)

    @extend_schema(
        operation_id="update_category",
        tags=["categories"],
        request=CategoryInput(partial=True),
        responses={200: CategorySerializer, **WRITE_REFUSALS},
    )
    def partial_update(self, request: Request, category_id: UUID) -> Response:
        """Change some fields; a new name is written on its events too; for admins."""
        return change(request, category_id)

    @extend_schema(
        operation_id="replace_category",
        tags=["categories"],
        request=CategoryInput(partial=True),
        responses={200: CategorySerializer, **WRITE_REFUSALS},
    )
    def update(self, request: Request, category_id: UUID) -> Response:
        """The same as PATCH."""
        return change(request, category_id)

    @extend_schema(
        operation_id="delete_category", tags=["categories"], responses={204: None, **refusals(401, 403, 404, 409)}
    )
    def destroy(self, request: Request, category_id: UUID) -> Response:
        """Remove a word that no event uses; deactivate any other; for admins."""
        category = Category.objects.find(category_id)
        try:
            with transaction.atomic():
                category.delete()
                forget_categories_on_commit()
        except (IntegrityError, RestrictedError) as error:
            raise CategoryInUse from error
        return Response(status=status.HTTP_204_NO_CONTENT)


def write_categories(categories: CategoryQuerySet) -> bytes:
    """The array of them. One query."""
    return JSONRenderer().render(list(categories.values(*CategorySerializer.Meta.fields)))


def answer(category_id: UUID, http_status: int) -> Response:
    """The category as it is now."""
    return Response(CategorySerializer(Category.objects.find(category_id)).data, status=http_status)


def change(request: Request, category_id: UUID) -> Response:
    """Apply the fields of the body."""
    changes = category_fields(request.data, partial=True)
    return Response(CategorySerializer(update_category(category_id=category_id, changes=changes)).data)
