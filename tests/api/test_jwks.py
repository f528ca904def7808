"""A deployment that verifies by the issuer's published keys: RS256 and ES256, and never an HMAC."""

import base64
import hashlib
import hmac
import json
import socket
import struct
from collections.abc import Callable
from threading import Thread
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import ECAlgorithm, RSAAlgorithm
from pytest_httpserver import HTTPServer

from meetinity_events.embedded.ports import find_free_port
from tests.api.tokens import call_with, in_seconds, is_refused, make_token

pytestmark = pytest.mark.django_db

ADDRESS = "/jwks.json"


@pytest.fixture(scope="module")
def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="module")
def ec_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@pytest.fixture
def keys(rsa_key: rsa.RSAPrivateKey, ec_key: ec.EllipticCurvePrivateKey) -> dict[str, Any]:
    """What the issuer publishes."""
    return {
        "keys": [
            {**RSAAlgorithm.to_jwk(rsa_key.public_key(), as_dict=True), "kid": "rsa", "use": "sig"},
            {**ECAlgorithm.to_jwk(ec_key.public_key(), as_dict=True), "kid": "ec", "use": "sig"},
        ]
    }


@pytest.fixture
def issuer(httpserver: HTTPServer, keys: dict[str, Any], deploy: Callable[..., None]) -> HTTPServer:
    """The issuer, and a deployment that verifies by its keys; JWT_SECRET stays, to show that it counts for nothing."""
    httpserver.expect_request(ADDRESS).respond_with_json(keys)
    deploy(JWT_JWKS_URL=httpserver.url_for(ADDRESS), JWT_ALGORITHMS=["RS256", "ES256"])
    return httpserver


def sign_with_rsa(key: rsa.RSAPrivateKey, kid: object = "rsa") -> str:
    return make_token(key=key, algorithm="RS256", headers={"kid": kid} if kid else None)


def sign_by_hand(header: dict[str, Any], key: bytes) -> str:
    """An HMAC that PyJWT would not make with this key or header."""
    parts = (header, {"sub": 42, "exp": in_seconds(3600)})
    text = b".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in parts)
    signature = hmac.new(key, text, hashlib.sha256).digest()
    return (text + b"." + base64.urlsafe_b64encode(signature).rstrip(b"=")).decode()


def test_both_kinds_of_published_key_are_taken(
    issuer: HTTPServer, rsa_key: rsa.RSAPrivateKey, ec_key: ec.EllipticCurvePrivateKey
) -> None:
    ec_token = make_token(key=ec_key, algorithm="ES256", headers={"kid": "ec"})

    assert [call_with(token).status_code for token in (sign_with_rsa(rsa_key), ec_token)] == [200, 200]


def test_the_keys_are_fetched_once(issuer: HTTPServer, rsa_key: rsa.RSAPrivateKey) -> None:
    for _ in range(3):
        call_with(sign_with_rsa(rsa_key))

    assert [request.path for request, _ in issuer.log] == [ADDRESS]


def test_known_keys_outlive_their_issuer(issuer: HTTPServer, rsa_key: rsa.RSAPrivateKey) -> None:
    call_with(sign_with_rsa(rsa_key))
    issuer.clear()
    issuer.expect_request(ADDRESS).respond_with_data("", status=500)

    assert call_with(sign_with_rsa(rsa_key)).status_code == 200


def test_an_expired_token_is_refused(issuer: HTTPServer, rsa_key: rsa.RSAPrivateKey) -> None:
    token = make_token(key=rsa_key, algorithm="RS256", headers={"kid": "rsa"}, exp=in_seconds(-31))

    assert is_refused(call_with(token))


def test_a_token_of_the_platforms_secret_is_refused(issuer: HTTPServer) -> None:
    assert is_refused(call_with(make_token(headers={"kid": "rsa"})))


@pytest.mark.parametrize("algorithm", ["HS256", "RS256", "none"])
def test_an_hmac_signed_with_the_public_key_is_refused(
    algorithm: str, issuer: HTTPServer, rsa_key: rsa.RSAPrivateKey
) -> None:
    pem = rsa_key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    assert is_refused(call_with(sign_by_hand({"alg": algorithm, "typ": "JWT", "kid": "rsa"}, pem)))


def test_a_token_without_a_signature_is_refused(issuer: HTTPServer) -> None:
    assert is_refused(call_with(make_token(key="", algorithm="none", headers={"kid": "rsa"})))


@pytest.mark.parametrize("kid", [None, "unknown", "ec"])
def test_a_token_that_names_another_key_is_refused(
    kid: str | None, issuer: HTTPServer, rsa_key: rsa.RSAPrivateKey
) -> None:
    assert is_refused(call_with(sign_with_rsa(rsa_key, kid)))


@pytest.mark.parametrize("kid", [42, ["rsa"], {"rsa": 1}])
def test_a_key_name_that_is_no_text_is_refused(kid: object, issuer: HTTPServer) -> None:
    assert is_refused(call_with(sign_by_hand({"alg": "RS256", "kid": kid}, b"key")))


def test_a_stranger_who_borrows_the_name_of_a_key_is_refused(issuer: HTTPServer) -> None:
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    assert is_refused(call_with(sign_with_rsa(stranger)))


def test_a_deployment_with_a_secret_refuses_signatures_of_a_key_pair(rsa_key: rsa.RSAPrivateKey) -> None:
    assert is_refused(call_with(sign_with_rsa(rsa_key)))


@pytest.mark.parametrize("body", ["", "<html>", "[]", '{"keys": []}', '{"keys": [{"kty": "??"}]}', '{"keys": {}}'])
def test_keys_that_cannot_be_read_verify_nothing(body: str, issuer: HTTPServer, rsa_key: rsa.RSAPrivateKey) -> None:
    issuer.clear()
    issuer.expect_request(ADDRESS).respond_with_data(body, content_type="application/json")

    assert is_refused(call_with(sign_with_rsa(rsa_key)))


def test_an_issuer_that_is_away_verifies_nothing(deploy: Callable[..., None], rsa_key: rsa.RSAPrivateKey) -> None:
    deploy(JWT_JWKS_URL=f"http://127.0.0.1:{find_free_port()}{ADDRESS}", JWT_ALGORITHMS=["RS256", "ES256"])

    assert is_refused(call_with(sign_with_rsa(rsa_key)))


def test_an_issuer_that_hangs_up_verifies_nothing(deploy: Callable[..., None], rsa_key: rsa.RSAPrivateKey) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}{ADDRESS}"
        deploy(JWT_JWKS_URL=url, JWT_ALGORITHMS=["RS256", "ES256"])
        hanging_up = Thread(target=reset_the_next_connection, args=[listener])
        hanging_up.start()
        assert is_refused(call_with(sign_with_rsa(rsa_key)))
        hanging_up.join()


def reset_the_next_connection(listener: socket.socket) -> None:
    connection, _ = listener.accept()
    connection.recv(1)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
