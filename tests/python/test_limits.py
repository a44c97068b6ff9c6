"""Limits: told in `welcome`, refused with the time to wait, set and lifted on the command line."""

import asyncio

import aiohttp
import pytest

from support.host import NotStarted

# For what is said and for the closing.
DEADLINE = aiohttp.ClientWSTimeout(ws_receive=10, ws_close=10)

LIMITS = {
    "message_before_sign_in_bytes": 65_536, "message_bytes": 4_194_304, "outstanding_calls": 64,
    "inward_events": 256, "outward_packets": 4_096, "outward_bytes": 8_388_608,
    "sign_in_within_ms": 5_000, "connections_per_address": 64, "not_signed_in": 32,
    "sockets_per_member": 4, "sockets": 128, "calls_per_s": 60, "calls_burst": 240,
    "messages_per_s": 5, "messages_burst": 20, "edits_per_s": 30, "presence_per_s": 20,
    "http_per_s": 20, "http_burst": 80, "failed_sign_ins": 5, "note_bytes": 1_048_576,
    "message_chars": 4_000, "name_chars": 40, "title_chars": 120, "free_disk_bytes": 209_715_200,
}


async def test_every_client_is_told_the_limits(ada):
    told = ada.welcome["limits"]
    assert {name: told[name] for name in LIMITS} == LIMITS
    assert all(isinstance(value, int) for value in told.values())


async def test_too_many_calls_are_refused_with_the_time_to_wait(serve):
    house = await serve("--limits", "calls_per_s=1,calls_burst=3")
    ada = await house.connect((await house.sign_in("Ada")).json["token"])
    answers = await asyncio.gather(*(ada.ask("note:count", {}) for _ in range(8)))
    assert ["ok" in answer for answer in answers[:3]] == [True] * 3
    error = ada.check_error(answers[-1]["error"], "rate_limited")
    assert 0 < error["retry_after_ms"] <= 3_000
    # Whoever waits as long as it was told gets on.
    await asyncio.sleep(error["retry_after_ms"] / 1_000)
    await ada.ok("note:count")


async def test_the_burst_is_counted_per_person_over_all_sockets(serve):
    house = await serve("--limits", "calls_per_s=1,calls_burst=4")
    ada = await house.connect((await house.sign_in("Ada")).json["token"])
    tab = await house.connect(ada.token)
    ben = await house.connect((await house.sign_in("Ben")).json["token"])
    answers = await asyncio.gather(*(
        client.ask("note:count", {}) for _ in range(4) for client in [ada, tab]
    ))
    refused = [answer["error"]["code"] for answer in answers if "error" in answer]
    assert refused and set(refused) == {"rate_limited"}
    assert len(answers) - len(refused) >= 4
    await ben.ok("note:count")


async def test_twenty_messages_at_once_are_fine_and_then_five_each_second(house, ada):
    room = ada.snapshot["rooms"][0]["id"]
    answers = await asyncio.gather(*(
        ada.ask("message:send", {"room": room, "body": str(n)}) for n in range(40)
    ))
    assert all("ok" in answer for answer in answers[:20])
    refused = [answer["error"] for answer in answers if "error" in answer]
    assert refused
    for error in refused:
        assert 0 < ada.check_error(error, "rate_limited")["retry_after_ms"] <= 1_000
    # Other calls are not held up, and nothing that was refused was done.
    await ada.ok("room:list")
    listed = (await ada.ok("message:list", room=room, limit=100))["messages"]
    assert len(listed) == 40 - len(refused)


async def test_lifted_limits_refuse_nothing(serve):
    house = await serve("--limits", "off")
    ada = await house.join("Ada")
    room = ada.snapshot["rooms"][0]["id"]
    answers = await asyncio.gather(*(
        ada.ask("message:send", {"room": room, "body": str(n)}) for n in range(300)
    ))
    assert all("ok" in answer for answer in answers)
    told = ada.welcome["limits"]
    assert told["messages_per_s"] > 1_000_000
    # Sizes stay.
    assert told["note_bytes"] == LIMITS["note_bytes"]
    await ada.refused("message:send", "too_large", room=room, body="x" * 4_001)


async def test_whoever_never_listens_is_cut_off_in_the_end(serve):
    house = await serve("--limits", "calls_per_s=1,calls_burst=1,inward_events=100000")
    ada = await house.connect((await house.sign_in("Ada")).json["token"])
    ben = await house.connect((await house.sign_in("Ben")).json["token"])
    for _ in range(400):
        await ada.emit("note:count", {})
    assert await ada.hear_end()
    await ben.ok("note:count")


async def test_more_than_a_socket_s_queue_takes_ends_it_and_harms_nobody(serve):
    house = await serve("--limits", "off,inward_events=20")
    ada = await house.join("Ada")
    ben = await house.join("Ben")
    room = ada.snapshot["rooms"][0]["id"]
    body = "line\n" * 20_000
    key = (await ben.ok("note:create", room=room, title="T", body=body))["note"]["key"]
    for _ in range(400):
        await ada.emit("note:read", {"key": key})
    assert await ada.hear_end()
    await ben.ok("room:list")


async def test_a_message_that_is_too_large_ends_the_connection_and_not_the_host(house, ada, ben):
    await ada.emit("note:create", {"body": "x" * LIMITS["message_bytes"]})
    assert await ada.hear_end()
    await ben.ok("room:list")


async def test_a_large_message_within_the_limit_is_taken(ada):
    room = ada.snapshot["rooms"][0]["id"]
    # Too large for a note, not for a message of the connection.
    await ada.refused("note:create", "too_large", room=room, title="T", body="x" * 3_000_000)


async def test_who_does_not_sign_in_is_let_go(serve):
    house = await serve("--limits", "sign_in_within_ms=300")
    url = house.url.replace("http", "ws") + "/socket.io/?EIO=4&transport=websocket"
    async with house.http.ws_connect(url, timeout=DEADLINE) as socket:
        said = [message.data async for message in socket]
    assert said[0].startswith("0")
    # Nothing but the protocol's own pings until the host closes.
    assert set(said[1:]) <= {"1", "2"}


async def test_a_limit_that_does_not_exist_is_said_so_and_nothing_starts(serve):
    for limits in ["no_such=1", "calls_per_s=many", "calls_per_s"]:
        with pytest.raises(NotStarted) as failed:
            await serve("--limits", limits)
        assert failed.value.code == 2
        assert "--limits" in failed.value.said
