"""Who sits at the desk."""

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client


def sit_down(user: User) -> Client:
    """A browser in which this user has logged in."""
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def staff() -> Client:
    """A superuser."""
    return sit_down(User.objects.create_superuser("root"))


@pytest.fixture
def colleague() -> Client:
    """Another moderator, who is no superuser and may see and moderate events."""
    user = User.objects.create_user("maria", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=["view_event", "change_event"]))
    return sit_down(user)


@pytest.fixture
def observer() -> Client:
    """Staff who may see everything and touch nothing."""
    user = User.objects.create_user("clerk", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    return sit_down(user)
