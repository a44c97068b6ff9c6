"""Private rooms do not exist for those who are not in them; direct conversations are such rooms."""

import pytest_asyncio

from support import shapes
from support.client import about


@pytest_asyncio.fixture
async def secret(ada):
    """A private room that Ada made."""
    return (await ada.ok("room:create", name="Secret", private=True))["room"]["id"]


async def test_only_its_members_hear_of_a_private_room(house, hanna, ada, ben, secret):
    await ada.ok("room:update", room=secret, topic="hidden")
    await ada.ok("message:send", room=secret, body="hidden")
    key = (await ada.ok("note:create", room=secret, title="Hidden"))["note"]["key"]
    await ada.ok("note:update", key=key, title="Hidden still")
    await ada.ok("note:destroy", key=key)
    await ada.ok("note:restore", key=key)
    await ada.ok("room:destroy", room=secret)
    await ada.ok("room:restore", room=secret)
    await house.settle()
    assert ada.fact_names()[-10:] == [
        "roomcreated", "roomjoined", "roomupdated", "messageposted", "notecreated", "noteupdated",
        "notedestroyed", "noterestored", "roomdestroyed", "roomrestored",
    ]
    for outsider in [hanna, ben]:
        assert secret not in str(outsider.heard_all)
        assert key not in str(outsider.heard_all)


async def test_for_everybody_else_it_is_exactly_as_if_it_did_not_exist(hanna, ada, ben, secret):
    key = (await ada.ok("note:create", room=secret, title="Hidden", body="x"))["note"]["key"]
    message = (await ada.ok("message:send", room=secret, body="hidden"))["message"]["id"]
    nothing = "00000000-0000-7000-8000-000000000000"
    calls = [
        ("room:open", "room", secret, {}), ("room:join", "room", secret, {}),
        ("room:leave", "room", secret, {}), ("room:update", "room", secret, {"name": "Mine"}),
        ("room:destroy", "room", secret, {}), ("room:restore", "room", secret, {}),
        ("room:invite", "room", secret, {"member": ben.id}),
        ("room:remove", "room", secret, {"member": ada.id}),
        ("room:read", "room", secret, {"seq": 1}),
        ("note:create", "room", secret, {"title": "T"}), ("note:list", "room", secret, {}),
        ("note:count", "room", secret, {}), ("message:list", "room", secret, {}),
        ("message:send", "room", secret, {"body": "b"}),
        ("note:read", "key", key, {}), ("note:update", "key", key, {"title": "T"}),
        ("note:destroy", "key", key, {}), ("note:restore", "key", key, {}),
        ("message:edit", "message", message, {"body": "b"}),
        ("message:destroy", "message", message, {}),
    ]
    for outsider in [hanna, ben]:
        for call, field, hidden, others in calls:
            about_hidden = await outsider.refused(call, "not_found", **{field: hidden}, **others)
            about_nothing = await outsider.refused(call, "not_found", **{field: nothing}, **others)
            assert about_hidden == about_nothing, call
        assert (await outsider.ok("note:count"))["count"] == 0
        assert (await outsider.ok("note:list"))["notelist"] == []
        assert secret not in str(await outsider.ok("room:list"))
        assert secret not in str(await outsider.ok("room:list", destroyed=True))
        snapshot = str(await outsider.thank())
        assert not {secret, key, message} & set(snapshot.split("'"))


async def test_a_message_may_not_refer_to_a_note_its_author_cannot_see(ada, ben, secret):
    key = (await ada.ok("note:create", room=secret, title="Hidden"))["note"]["key"]
    general = ben.snapshot["rooms"][0]["id"]
    await ben.refused("message:send", "not_found", room=general, body="look", note=key)


async def test_an_invited_member_is_told_the_room_and_joins_its_feed(
    house, hanna, ada, ben, secret
):
    await ada.ok("message:send", room=secret, body="before")
    invited = await ada.ok("room:invite", room=secret, member=ben.id)
    assert set(invited) == {"seq"}
    for client in [ada, ben]:
        fact = await client.hear("roomjoined", about(room=secret, member=ben.id))
        shapes.fact(fact, "room", "member", by=ada.id)
    opened = await ben.ok("room:open", room=secret)
    shapes.room_view(opened["room"], private=True, joined=True, members=2)
    assert [message["body"] for message in opened["messages"]] == ["before"]
    sent = await ada.ok("message:send", room=secret, body="after")
    assert (await ben.hear("messageposted"))["message"] == sent["message"]
    await house.settle()
    assert secret not in str(hanna.heard_all)
    # Any member may bring in others.
    await ben.ok("room:invite", room=secret, member=hanna.id)
    await hanna.hear("roomjoined", about(room=secret))


async def test_who_was_removed_hears_that_and_sees_the_room_no_more(house, ada, ben, secret):
    await ada.ok("room:invite", room=secret, member=ben.id)
    removed = await ada.ok("room:remove", room=secret, member=ben.id)
    assert set(removed) == {"seq"}
    fact = shapes.fact(await ben.hear("roomleft"), "room", "member", by=ada.id)
    assert (fact["room"], fact["member"]) == (secret, ben.id)
    await ada.ok("message:send", room=secret, body="after")
    await house.settle()
    assert ben.heard("messageposted") == []
    await ben.refused("room:open", "not_found", room=secret)
    await ben.refused("room:join", "not_found", room=secret)


async def test_who_comes_back_after_being_removed_meanwhile_is_told_so_and_nothing_else(
    house, ada, ben, secret
):
    await ada.ok("room:invite", room=secret, member=ben.id)
    head = (await ben.thank())["head"]
    await ben.close()
    await ada.ok("message:send", room=secret, body="still with Ben")
    await ada.ok("room:remove", room=secret, member=ben.id)
    await ada.ok("message:send", room=secret, body="without Ben")
    again = await house.connect(ben.token)
    page = await again.ok("thanks", since=head)
    assert [fact["name"] for fact in page["facts"]] == ["roomleft"]


async def test_the_last_one_who_leaves_a_private_room_sees_it_no_more(ada, secret):
    await ada.ok("room:leave", room=secret)
    await ada.refused("room:open", "not_found", room=secret)


async def test_a_direct_conversation_is_a_private_room_of_two(house, hanna, ada, ben):
    made = await ada.ok("room:direct", member=ben.id)
    assert set(made) == {"room", "seq"}
    shapes.room_view(made["room"], private=True, joined=True, members=2)
    assert set(made["room"]["direct"]) == {ada.id, ben.id}
    for client in [ada, ben]:
        fact = shapes.fact(await client.hear("roomcreated"), "room", by=ada.id)
        assert set(shapes.room(fact["room"])["direct"]) == {ada.id, ben.id}
    sent = await ben.ok("message:send", room=made["room"]["id"], body="just us")
    assert (await ada.hear("messageposted"))["message"] == sent["message"]
    await house.settle()
    assert made["room"]["id"] not in str(hanna.heard_all)


async def test_there_is_one_direct_conversation_per_pair_whoever_asks(house, hanna, ada, ben):
    room = (await ada.ok("room:direct", member=ben.id))["room"]["id"]
    assert (await ada.ok("room:direct", member=ben.id))["room"]["id"] == room
    assert (await ben.ok("room:direct", member=ada.id))["room"]["id"] == room
    assert (await ada.ok("room:direct", member=hanna.id))["room"]["id"] != room
    await house.settle()
    assert len(ben.heard("roomcreated")) == 1


async def test_a_direct_conversation_stays_between_its_two_people(hanna, ada, ben):
    room = (await ada.ok("room:direct", member=ben.id))["room"]["id"]
    await ada.refused("room:invite", "forbidden", room=room, member=hanna.id)
    await ada.refused("room:remove", "forbidden", room=room, member=ben.id)
    await ada.refused("room:leave", "forbidden", room=room)
    await ada.refused("room:direct", "bad_request", member=ada.id)
