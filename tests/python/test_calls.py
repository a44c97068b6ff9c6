"""What holds for every call: how it is answered, in which order, and what a repeat does."""

import asyncio

import pytest

from support import shapes
from support.client import ACKNOWLEDGED, new_id
from support.names import CALLS, CHANGES


@pytest.mark.parametrize("payload", [{}, {"key": "not an id"}, {"key": 7}, {"room": []}])
async def test_a_payload_that_cannot_be_read_is_a_bad_request(hanna, payload):
    await hanna.refused("note:read", "bad_request", **payload)


@pytest.mark.parametrize("payload", ["text", 7, True, [], [{}]])
async def test_a_payload_that_is_no_object_is_a_bad_request(hanna, payload):
    # A tuple is what the client library takes apart into arguments.
    answer = await hanna.ask("note:count", (payload,))
    assert set(answer) == {"error"}
    hanna.check_error(answer["error"], "bad_request")
    assert (await hanna.ok("note:count"))["count"] == 0


@pytest.mark.parametrize("name", ["no:such", "", "note", "note:", "notecreated", "user count"])
async def test_an_unknown_name_is_a_bad_request_and_the_socket_lives_on(hanna, name):
    await hanna.refused(name, "bad_request")
    await hanna.ok("room:list")


async def test_more_than_one_argument_is_a_bad_request(hanna):
    answer = await hanna.ask("note:count", ({}, {}))
    hanna.check_error(answer["error"], "bad_request")


async def test_a_call_without_fields_may_send_no_payload_at_all(hanna):
    assert await hanna.ask("note:count") == {"ok": {"count": 0}}
    assert await hanna.ask("note:count", (None,)) == {"ok": {"count": 0}}


async def test_fields_that_are_not_known_are_ignored(hanna):
    made = await hanna.ok("room:create", name="Later", since_version=9, nested={"a": [1]})
    shapes.room_view(made["room"], name="Later")
    assert (await hanna.ok("room:list", later=True))["rooms"]


async def test_a_client_without_acknowledgements_is_answered_by_reply(house, hanna):
    await hanna.emit("note:count", {"re": "my mark"})
    assert await hanna.hear("reply") == {"re": "my mark", "ok": {"count": 0}}
    await hanna.emit("note:read", {"re": "2", "key": new_id()})
    reply = await hanna.hear("reply")
    assert set(reply) == {"re", "error"} and reply["re"] == "2"
    hanna.check_error(reply["error"], "not_found")
    await hanna.emit("no:such", {"re": "3"})
    assert (await hanna.hear("reply"))["error"]["code"] == "bad_request"
    await hanna.emit("room:create", {"re": "4", "name": "By reply"})
    reply = await hanna.hear("reply")
    assert reply["re"] == "4"
    shapes.room_view(reply["ok"]["room"], name="By reply")
    assert isinstance(reply["ok"]["seq"], int)


async def test_a_call_that_wants_no_answer_is_carried_out_all_the_same(hanna):
    await hanna.emit("room:create", {"name": "Silent"})
    assert (await hanna.hear("roomcreated"))["room"]["name"] == "Silent"
    assert hanna.heard("reply") == []


async def test_calls_take_effect_and_are_answered_in_the_order_sent(serve):
    house = await serve("--limits", "off")
    hanna = await house.join_as_host()
    room = hanna.snapshot["rooms"][0]["id"]
    calls = []
    for number in range(100):
        calls.append(hanna.send("note:create", {"room": room, "title": f"{number:03}"}))
        calls.append(hanna.send("note:count", {}))
        calls.append(hanna.send("note:read", {"key": new_id()}))
    answers = await asyncio.gather(*calls)
    # A read sees the writes before it and none behind it.
    assert [one["ok"]["count"] for one in answers[1::3]] == list(range(1, 101))
    acknowledged = [one["number"] for one in hanna.heard(ACKNOWLEDGED)]
    assert acknowledged == sorted(acknowledged)
    seqs = [one["ok"]["seq"] for one in answers[0::3]]
    assert seqs == sorted(seqs)
    await house.settle()
    titles = [fact["note"]["title"] for fact in hanna.heard("notecreated")]
    assert titles == [f"{number:03}" for number in range(100)]


async def test_an_answer_shows_what_its_own_call_left_and_nothing_later(serve):
    house = await serve("--limits", "off")
    hanna = await house.join_as_host()
    for _ in range(20):
        room, key = new_id(), new_id()
        calls = [hanna.send(call, payload) for call, payload in [
            ("room:create", {"id": room, "name": "First"}),
            ("room:update", {"room": room, "name": "Second"}),
            ("note:create", {"id": key, "room": room, "title": "First"}),
            ("note:update", {"key": key, "title": "Second"}),
            ("note:destroy", {"key": key}),
            ("note:restore", {"key": key}),
            ("room:destroy", {"room": room}),
            ("room:restore", {"room": room}),
            ("member:update", {"name": "First"}),
            ("member:update", {"name": "Second"}),
            ("session:update", {"name": "First"}),
            ("session:update", {"name": "Second"}),
        ]]
        oks = [(await call)["ok"] for call in calls]
        assert [ok["room"]["name"] for ok in oks[:2]] == ["First", "Second"]
        assert [ok["note"]["title"] for ok in oks[2:4]] == ["First", "Second"]
        assert ["trashed_at" in ok["note"] for ok in oks[4:6]] == [True, False]
        assert ["destroyed_at" in ok["room"] for ok in oks[6:8]] == [True, False]
        assert [ok["member"]["name"] for ok in oks[8:10]] == ["First", "Second"]
        assert [ok["session"]["name"] for ok in oks[10:12]] == ["First", "Second"]


async def test_the_caller_hears_its_own_fact_after_the_acknowledgement(house, hanna):
    id = new_id()
    made = await hanna.ok("room:create", id=id, name="Mine")
    fact = shapes.fact(await hanna.hear("roomcreated"), "room", by=hanna.id, call=id)
    joined = shapes.fact(await hanna.hear("roomjoined", lambda f: f.get("id") == id),
                         "room", "member", by=hanna.id, call=id)
    assert fact["room"]["id"] == made["room"]["id"] == id
    assert fact["seq"] < joined["seq"] == made["seq"]
    order = [one.event for one in hanna.heard_all]
    assert order.index("roomcreated") > len(order) - 1 - order[::-1].index(ACKNOWLEDGED)


async def test_the_host_makes_an_id_where_the_client_gave_none(hanna):
    made = await hanna.ok("room:create", name="Without")
    fact = shapes.fact(await hanna.hear("roomcreated"), "room", by=hanna.id)
    assert fact["id"] == made["room"]["id"]


async def test_what_is_created_gets_the_id_of_the_call(hanna):
    room = hanna.snapshot["rooms"][0]["id"]
    room_id, note_id, message_id = new_id(), new_id(), new_id()
    assert (await hanna.ok("room:create", id=room_id, name="R"))["room"]["id"] == room_id
    note = (await hanna.ok("note:create", id=note_id, room=room, title="N"))["note"]
    assert note["id"] == note["key"] == note_id
    message = (await hanna.ok("message:send", id=message_id, room=room, body="M"))["message"]
    assert message["id"] == message_id


async def test_every_call_of_the_interface_is_known(hanna):
    for call in sorted(CALLS):
        answer = await hanna.ask(call, {})
        message = answer.get("error", {}).get("message", "")
        assert "no call named" not in message, call


async def repeatable(hanna, ada):
    """One of every changing call, in an order in which each makes sense."""
    room = hanna.snapshot["rooms"][0]["id"]
    made = (await hanna.ok("room:create", name="Made", private=True))["room"]["id"]
    public = (await ada.ok("room:create", name="Public"))["room"]["id"]
    key = (await hanna.ok("note:create", room=room, title="T", body="text"))["note"]["key"]
    message = (await hanna.ok("message:send", room=room, body="M"))["message"]["id"]
    return [
        ("room:create", {"name": "Again"}), ("room:update", {"room": made, "topic": "t"}),
        ("room:invite", {"room": made, "member": ada.id}),
        ("room:remove", {"room": made, "member": ada.id}),
        ("room:destroy", {"room": made}), ("room:restore", {"room": made}),
        ("room:direct", {"member": ada.id}),
        ("room:join", {"room": public}), ("room:leave", {"room": public}),
        ("note:create", {"room": room, "title": "Again", "body": "b"}),
        ("note:update", {"key": key, "version": 1, "body": "b", "title": "U"}),
        ("note:destroy", {"key": key}), ("note:restore", {"key": key}),
        ("message:send", {"room": room, "body": "Again"}),
        ("message:edit", {"message": message, "body": "edited"}),
        ("message:destroy", {"message": message}),
        ("member:update", {"name": "Hanne"}), ("member:role", {"member": ada.id, "role": "viewer"}),
        ("session:update", {"name": "Renamed"}),
        ("device:revoke", {"device": await device_of(hanna, ada)}),
        ("member:remove", {"member": ada.id, "ban": True}), ("member:unban", {"member": ada.id}),
    ]


async def device_of(hanna, somebody):
    devices = (await hanna.ok("session:devices"))["devices"]
    return next(one["id"] for one in devices if one["member"] == somebody.id)


async def test_a_repeat_with_the_same_id_is_answered_like_the_first_time(house, hanna, ada):
    calls = await repeatable(hanna, ada)
    assert {call for call, _ in calls} == CHANGES
    for call, fields in calls:
        id = new_id()
        first = await hanna.ok(call, id=id, **fields)
        head = (await hanna.thank())["head"]
        assert await hanna.ok(call, id=id, **fields) == first, call
        assert (await hanna.thank())["head"] == head, f"{call} was done twice"
        await house.settle()
        facts = [fact for _, fact in hanna.facts() if fact.get("id") == id]
        assert facts, call
        assert [f["seq"] for f in facts] == sorted({f["seq"] for f in facts}), call


async def test_a_repeat_is_known_by_another_socket_and_after_the_host_was_opened_again(
    house, hanna, ada
):
    calls = await repeatable(hanna, ada)
    first = {}
    for call, fields in calls:
        fields["id"] = new_id()
        first[call] = await hanna.ok(call, **fields)
    other = await house.connect(hanna.token)
    assert await other.ok("message:send", **dict(calls)["message:send"]) == first["message:send"]

    await house.restart()
    again = await house.connect(hanna.token)
    head = again.welcome["head"]
    for call, fields in calls:
        repeated = await again.ok(call, **fields)
        assert repeated["seq"] == first[call]["seq"], call
        assert set(repeated) == set(first[call]), call
    assert (await again.thank())["head"] == head


async def test_the_same_id_with_other_contents_is_a_conflict(house, hanna):
    room, id = hanna.snapshot["rooms"][0]["id"], new_id()
    await hanna.ok("message:send", id=id, room=room, body="one")
    await hanna.refused("message:send", "conflict", id=id, room=room, body="two")
    await hanna.refused("room:create", "conflict", id=id, name="Another call")
    await house.restart()
    again = await house.connect(hanna.token)
    await again.refused("message:send", "conflict", id=id, room=room, body="two")
    messages = (await again.ok("message:list", room=room))["messages"]
    assert [one["body"] for one in messages] == ["one"]


async def test_an_id_is_unique_for_its_maker_and_a_thing_of_somebody_else_stays_theirs(
    hanna, ada
):
    room, id = hanna.snapshot["rooms"][0]["id"], new_id()
    await hanna.ok("note:create", id=id, room=room, title="Hanna's")
    await ada.refused("note:create", "conflict", id=id, room=room, title="Ada's")
    assert (await ada.ok("note:read", key=id))["note"]["title"] == "Hanna's"
    # What makes nothing of that name does not collide.
    await ada.ok("member:update", id=id, name="Adele")


async def test_refusals_are_not_remembered(house, hanna, ada):
    room, id = hanna.snapshot["rooms"][0]["id"], new_id()
    await hanna.ok("member:role", member=ada.id, role="viewer")
    await ada.refused("note:create", "forbidden", id=id, room=room, title="Now")
    await hanna.ok("member:role", member=ada.id, role="editor")
    assert (await ada.ok("note:create", id=id, room=room, title="Now"))["note"]["key"] == id


async def test_an_id_that_is_no_uuid_is_a_bad_request(hanna):
    await hanna.refused("room:create", "bad_request", id="seven", name="R")
