"""The id that a caller gives a request, or that it gets."""

from uuid import UUID

import pytest

from meetinity_events.observability.request_id import current_request_id, current_traceparent
from tests.factories import Caller

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.mark.parametrize("given", ["a", "req-1_2.3:4", "018f2f6e-7c1a-7bbb-8ccc-0123456789ab", "x" * 128])
def test_a_well_formed_id_is_echoed(given: str, anonymous: Caller) -> None:
    assert anonymous.get("/healthz", HTTP_X_REQUEST_ID=given)["X-Request-ID"] == given


@pytest.mark.parametrize("given", ["", " ", "a b", "a\nb", "é", "<script>", "x" * 129, '"', "a,b"])
def test_another_id_is_replaced_by_a_new_one(given: str, anonymous: Caller) -> None:
    answered = [anonymous.get("/healthz", HTTP_X_REQUEST_ID=given)["X-Request-ID"] for _ in range(2)]

    assert answered[0] != answered[1]
    assert [str(UUID(request_id)) for request_id in answered] == answered


@pytest.mark.parametrize("path", ["/nothing", "/events", "/admin/", "/static/nothing.css"])
def test_refusals_carry_the_id_too(path: str, anonymous: Caller) -> None:
    assert anonymous.get(path, HTTP_X_REQUEST_ID="known")["X-Request-ID"] == "known"


def test_a_body_that_is_too_large_is_refused_under_its_id(anonymous: Caller) -> None:
    response = anonymous.post("/events", b" " * (1024 * 1024 + 1), HTTP_X_REQUEST_ID="known")

    assert (response.status_code, response["X-Request-ID"]) == (413, "known")


def test_an_id_ends_with_its_request(anonymous: Caller) -> None:
    anonymous.get("/healthz", HTTP_X_REQUEST_ID="known", HTTP_TRACEPARENT=TRACE)

    assert (current_request_id(), current_traceparent()) == ("", "")
