"""What every test starts from: the cast, a clean cache, the six categories, and other services that are away."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import TransactionTestCase, override_settings
from hypothesis import settings
from pytest_django import DjangoDbBlocker
from xdist.scheduler import LoadFileScheduling

from integrations.management.commands.issue_token import sign_token
from integrations.users import client, transport
from meetinity_events.api.principal import Principal
from tests.emptying import delete_all_rows
from tests.factories import Caller
from tests.live import LiveService, live_service

settings.register_profile("default", derandomize=True, database=None, max_examples=30)
settings.register_profile("thorough", derandomize=False, database=None, max_examples=1000)
settings.load_profile("default")

NOBODY_LISTENS_HERE = "http://127.0.0.1:9"


LONGEST_FIRST = (
    "tests/embedded/test_run.py",
    "tests/faults/",
    "tests/broker/apache/test_consumer.py",
    "tests/broker/apache/test_user_deleted.py",
    "tests/broker/",
    "tests/concurrency/",
    "tests/events/test_image_memory.py",
    "tests/registrations/test_truth.py",
    "tests/registrations/test_export_memory.py",
    "tests/authorization/test_table.py",
)
# They call the fixtures `live` and `careless`, of which every process has its own.
SAME_PROCESS = (
    "tests/concurrency/",
    "tests/integrations/test_idempotency.py",
    "tests/registrations/test_export.py",
    "tests/test_operations.py",
)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long files go first, so that the processes end together; within that the order stays random."""

    def rank(item: pytest.Item) -> int:
        return next((n for n, start in enumerate(LONGEST_FIRST) if item.nodeid.startswith(start)), len(LONGEST_FIRST))

    items.sort(key=rank)


class FileScheduling(LoadFileScheduling):
    """A file stays in one process, for the sake of its fixtures, and so do all files that need the live service."""

    def _split_scope(self, nodeid: str) -> str:
        return "live" if nodeid.startswith(SAME_PROCESS) else str(super()._split_scope(nodeid))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> FileScheduling:
    """What `--numprocesses` hands the tests out by."""
    return FileScheduling(config, log)


@pytest.fixture(autouse=True)
def _clean_cache() -> None:
    """Limits and figures of one test must not reach the next."""
    cache.clear()


@pytest.fixture(autouse=True)
def _other_services_are_away(settings: Any) -> None:
    """Refuses at once; the tests that need one start their own and name it."""
    settings.USER_SERVICE_URL = settings.MATCHING_SERVICE_URL = NOBODY_LISTENS_HERE


@pytest.fixture(autouse=True)
def _user_service_unknown() -> None:
    """No test knows what another one has learnt about user-service."""
    transport.circuit.reset()
    transport.retries.left = transport.RETRIES_AT_ONCE
    client.missing_until.clear()


@pytest.fixture(autouse=True)
def _static_files_on_demand(settings: Any) -> None:
    """Each test client builds the middleware anew, and WhiteNoise would read every static file each time."""
    settings.WHITENOISE_AUTOREFRESH = True


@pytest.fixture(autouse=True, scope="session")
def _rows_are_deleted() -> Iterator[None]:
    """After a transactional test; Django would truncate, which takes longer than most tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", delete_all_rows)
        yield


@pytest.fixture(scope="module")
def kept_rows(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """A transaction around a module whose own fixtures store rows; none of its tests may be transactional."""
    with django_db_blocker.unblock(), override_settings(USER_SERVICE_URL=NOBODY_LISTENS_HERE), transaction.atomic():
        yield
        transaction.set_rollback(True)


def caller(number: int, *, is_admin: bool = False, is_service: bool = False) -> Caller:
    """A person of the platform, whose users count up, with a token in the hand."""
    token = sign_token(str(number), is_admin=is_admin, is_service=is_service)
    return Caller(Principal(UUID(int=number), str(number), is_admin=is_admin, is_service=is_service, token=token))


@pytest.fixture
def alice() -> Caller:
    """She organises."""
    return caller(101)


@pytest.fixture
def bob() -> Caller:
    """He attends."""
    return caller(102)


@pytest.fixture
def carol() -> Caller:
    """A stranger to every event."""
    return caller(103)


@pytest.fixture
def root() -> Caller:
    """An admin."""
    return caller(104, is_admin=True)


@pytest.fixture
def neighbour() -> Caller:
    """Another service of the platform."""
    return caller(105, is_service=True)


@pytest.fixture
def anonymous() -> Caller:
    """Without a token."""
    return Caller(None)


@pytest.fixture
def crowd() -> Callable[[int], list[Caller]]:
    """As many other people as a test needs."""
    return lambda size: [caller(1000 + number) for number in range(size)]


@pytest.fixture(scope="session")
def live(django_db_setup: None) -> Iterator[LiveService]:
    """The service over HTTP, one for the whole session; for tests with `transaction=True`."""
    with live_service() as service:
        yield service


@pytest.fixture(scope="session")
def careless(django_db_setup: None) -> Iterator[LiveService]:
    """The same without its guards: what the controls of the races call."""
    with live_service("tests.concurrency.careless:application") as service:
        yield service
