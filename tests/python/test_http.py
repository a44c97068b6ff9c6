"""What is served beside the event API on the same port, and to whom."""

import asyncio
import re

import pytest

from support import shapes


async def test_health_says_who_hosts_once_somebody_does(house):
    assert "host" not in (await house.request("GET", "/health")).json
    hanna = await house.join_as_host("Hanna")
    assert (await house.request("GET", "/health")).json["host"] == "Hanna"
    await hanna.ok("member:update", name="Johanna")
    assert (await house.request("GET", "/health")).json["host"] == "Johanna"


async def test_health_says_that_the_session_is_open(house):
    answer = await house.request("GET", "/health")
    assert answer.status == 200
    health = answer.json
    assert set(health) == {
        "status", "session", "version", "name", "protocol", "browsers",
    }
    assert health["status"] == "ok" and health["session"] == house.session
    assert re.match(r"^\d+\.\d+\.\d+", health["version"])


async def test_the_interface_is_served_at_the_root(house):
    answer = await house.request("GET", "/")
    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("text/html")
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("file", [
    "socket.io.js", "socket.io.min.js", "socket.io.esm.min.js", "socket.io.js.map",
])
async def test_the_official_client_bundle_is_served(house, file):
    answer = await house.request("GET", f"/socket.io/{file}")
    assert answer.status == 200
    if file.endswith(".js"):
        assert "javascript" in answer.headers["Content-Type"]
    assert "socket.io" in answer.text.lower()


async def test_the_client_bundle_is_not_served_where_it_is_switched_off(serve):
    house = await serve("--no-serve-client")
    for file in ["socket.io.js", "socket.io.min.js"]:
        answer = await house.request("GET", f"/socket.io/{file}")
        assert (answer.status, answer.error["code"]) == (404, "not_found")
    # The event API is there all the same.
    await (await house.join("Ada")).ok("room:list")


@pytest.mark.parametrize("headers", [
    {"Host": "evil.example"}, {"Host": "127.0.0.1.evil.example"},
    {"Origin": "http://evil.example"}, {"Origin": "null"}, {"Origin": "https://127.0.0.1:1"},
])
@pytest.mark.parametrize("path", ["/", "/health", "/socket.io/?EIO=4&transport=polling"])
async def test_a_foreign_host_or_origin_is_forbidden_everywhere(house, headers, path):
    answer = await house.request("GET", path, headers=headers)
    assert (answer.status, answer.error["code"]) == (403, "forbidden")


async def test_a_page_of_the_host_itself_may_do_everything(house):
    headers = {"Origin": house.url}
    answer = await house.request("POST", "/sign-in", json={"name": "Ada"}, headers=headers)
    assert answer.status == 201
    ada = await house.connect(answer.json["token"], headers=headers)
    await ada.ok("room:list")
    port = house.url.rsplit(":", 1)[1]
    local = {"Host": f"localhost:{port}", "Origin": f"https://localhost:{port}"}
    assert (await house.request("GET", "/health", headers=local)).status == 200


async def test_a_browser_is_turned_away_where_browsers_are_off(serve):
    house = await serve("--browsers", "off")
    assert (await house.request("GET", "/health", headers={"Origin": house.url})).status == 403
    assert (await house.request("GET", "/health")).status == 200
    assert (await house.sign_in("Hanna", invite=house.invite)).status == 201


async def test_refusals_have_the_same_shape_everywhere(house):
    for method, path, status, code in [
        ("GET", "/nowhere", 404, "not_found"), ("GET", "/assets/nothing.js", 404, "not_found"),
        ("PUT", "/sign-in", 405, "bad_request"), ("POST", "/health", 405, "bad_request"),
        ("GET", "/socket.io/?EIO=3&transport=polling", 400, "bad_request"),
        ("GET", "/socket.io/?EIO=4&transport=polling&sid=unknown", 400, "bad_request"),
    ]:
        answer = await house.request(method, path)
        assert (answer.status, answer.error["code"]) == (status, code), path
        assert answer.error["message"][-1] == "."


async def test_every_answer_forbids_what_no_answer_needs(house):
    for path in ["/", "/health", "/api.json", "/nowhere", "/socket.io/socket.io.js"]:
        headers = (await house.request("GET", path)).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert "Access-Control-Allow-Origin" not in headers


async def test_requests_are_limited_per_address(serve):
    house = await serve("--limits", "http_per_s=1,http_burst=3")
    answers = await asyncio.gather(*(house.request("GET", "/health") for _ in range(8)))
    assert len([answer for answer in answers if answer.status == 200]) >= 3
    refused = [answer for answer in answers if answer.status == 429]
    assert refused
    assert refused[0].error["code"] == "rate_limited"
    assert 0 < refused[0].error["retry_after_ms"] <= 1_000
    # Neither the interface nor the event API is counted.
    assert (await house.request("GET", "/")).status == 200
    polling = await house.request("GET", "/socket.io/?EIO=4&transport=polling")
    assert polling.status == 200


async def test_a_body_that_is_too_large_is_refused(house):
    answer = await house.request("POST", "/sign-in", json={"name": "x" * 100_000})
    assert (answer.status, answer.error["code"]) == (413, "too_large")


async def test_the_session_s_id_is_a_uuid_and_stays(house):
    assert shapes.is_id(house.session)
    before = house.session
    await house.restart()
    assert house.session == before
