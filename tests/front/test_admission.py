"""Who may send how much, on a real hub: what is not wanted is refused before it comes."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from front_server import connected
from hub import Hub, running_hub

API = "/api/automation-hub/"
UPLOAD = f"{API}v3/artifacts/collections/"
ARTIFACTS = f"{API}pulp/api/v3/artifacts/"
NAMESPACES = f"{API}v3/namespaces/"
TOKEN = "Authorization: Token 0123456789012345678901234567890123456789"
EXPECT = "Expect: 100-continue"


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """A hub that takes files up to 20 MiB."""
    with running_hub(tmp_path_factory.mktemp("small") / "data", workers="0", upload_limit_mb="20") as hub:
        yield hub


def told(hub: Hub, path: str, *lines: str, body: bytes = b"") -> str:
    """What the hub says first to a request with these headers, and so much of a body."""
    head = "\r\n".join((f"POST {path} HTTP/1.1", "Host: 127.0.0.1", *lines, "", ""))
    with connected(urlsplit(hub.url).port or 0, head.encode() + body) as client:
        answer = client.makefile("rb")
        first = answer.readline().decode()
        if " 100 " in first:
            return first
        return first + answer.read().decode()


def basic(hub: Hub) -> str:
    prepared = hub.request("GET", "pulp/api/v3/status/").request
    return f"Authorization: {prepared.headers['Authorization']}"


@pytest.mark.parametrize("path", ["/healthz", "/nowhere/", "/", NAMESPACES, f"{API}pulp/api/v3/tasks/"])
def test_what_is_no_upload_is_refused_where_it_is_longer_than_json_may_be(small: Hub, path: str) -> None:
    answer = told(small, path, "Content-Length: 10485761", EXPECT)

    assert answer.startswith("HTTP/1.1 413 ")
    assert "Send at most 10 MiB at once, but for files." in answer
    assert ('{"errors": [' in answer) is (path == NAMESPACES)


@pytest.mark.parametrize("path", [UPLOAD, ARTIFACTS, "/ansible/collections/", "/upload/"])
def test_a_file_is_refused_that_is_longer_than_one_may_be(small: Hub, path: str) -> None:
    answer = told(small, path, "Content-Length: 999999999999", EXPECT, basic(small))

    assert answer.startswith("HTTP/1.1 413 ")
    assert "Send at most 20 MiB at once." in answer


@pytest.mark.parametrize("path", [UPLOAD, ARTIFACTS, "/ansible/collections/"])
@pytest.mark.parametrize("lines", [["Content-Length: 1000"], ["Transfer-Encoding: chunked"]])
def test_a_file_of_nobody_is_not_even_awaited(small: Hub, path: str, lines: list[str]) -> None:
    answer = told(small, path, *lines, EXPECT)

    assert answer.startswith("HTTP/1.1 401 ")
    assert ('"code": "not_authenticated"' in answer or '"code":"not_authenticated"' in answer) is (
        path == UPLOAD
    )


@pytest.mark.parametrize("path", [UPLOAD, ARTIFACTS, NAMESPACES])
@pytest.mark.parametrize("line", [TOKEN, "Cookie: sessionid=made-up"])
def test_so_is_a_large_one_of_somebody_who_is_not_who_he_says(small: Hub, path: str, line: str) -> None:
    answer = told(small, path, "Content-Length: 9000000", EXPECT, line)

    assert answer.startswith("HTTP/1.1 401 ")


@pytest.mark.parametrize("path", [UPLOAD, ARTIFACTS, UPLOAD.rstrip("/"), "/upload/"])
def test_a_large_file_of_somebody_is_asked_for(small: Hub, path: str) -> None:
    assert told(small, path, "Content-Length: 20000000", EXPECT, basic(small)) == "HTTP/1.1 100 Continue\r\n"


def test_what_comes_in_parts_is_refused_as_soon_as_it_is_too_much(small: Hub) -> None:
    part = b"100000\r\n" + bytes(1 << 20) + b"\r\n"

    anybody = told(small, NAMESPACES, "Transfer-Encoding: chunked", body=part + b"1\r\nx\r\n0\r\n\r\n")
    admin = told(
        small, NAMESPACES, "Transfer-Encoding: chunked", basic(small), body=part * 10 + b"1\r\nx\r\n0\r\n\r\n"
    )

    assert anybody.startswith("HTTP/1.1 401 ")
    assert admin.startswith("HTTP/1.1 413 ")


def test_who_sends_all_before_he_listens_is_told_too(small: Hub) -> None:
    answer = small.request("POST", "v3/namespaces/", data=bytes(30 << 20), headers={"Connection": "close"})

    assert answer.status_code == 413
