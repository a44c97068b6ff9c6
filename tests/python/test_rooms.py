"""Public rooms: made, changed, joined, left, destroyed, restored."""

import pytest_asyncio

from support import shapes
from support.client import about, new_id


@pytest_asyncio.fixture
async def garden(ada):
    """A public room that Ada made."""
    return (await ada.ok("room:create", name="Garden"))["room"]["id"]


async def test_a_room_is_made_with_name_and_topic_and_its_maker_is_in_it(house, ada, ben):
    made = await ada.ok("room:create", name="Garden", topic="What grows", private=False)
    assert set(made) == {"room", "seq"}
    shapes.room_view(made["room"], name="Garden", topic="What grows", private=False,
                     joined=True, members=1, unread=0)
    fact = shapes.fact(await ben.hear("roomcreated"), "room", by=ada.id, call=made["room"]["id"])
    # In a fact nothing depends on who hears it.
    shapes.room(fact["room"], id=made["room"]["id"], name="Garden", topic="What grows")
    joined = shapes.fact(
        await ada.hear("roomjoined", about(room=made["room"]["id"])),
        "room", "member", by=ada.id,
    )
    assert joined["member"] == ada.id
    await house.settle()
    assert ben.heard("roomjoined", about(room=made["room"]["id"])) == []


async def test_name_and_topic_of_a_room_are_changed_by_its_members(house, ada, ben, garden):
    changed = await ada.ok("room:update", room=garden, name="Orchard", topic="Apples")
    assert set(changed) == {"room", "seq"}
    shapes.room_view(changed["room"], id=garden, name="Orchard", topic="Apples", joined=True)
    fact = shapes.fact(await ben.hear("roomupdated"), "room", by=ada.id)
    shapes.room(fact["room"], id=garden, name="Orchard", topic="Apples")
    assert fact["seq"] == changed["seq"]

    await ben.refused("room:update", "forbidden", room=garden, name="Mine")
    await ben.ok("room:join", room=garden)
    only_name = await ben.ok("room:update", room=garden, name="Vineyard")
    shapes.room_view(only_name["room"], name="Vineyard", topic="Apples")
    only_topic = await ben.ok("room:update", room=garden, topic="")
    shapes.room_view(only_topic["room"], name="Vineyard", topic="")


async def test_a_change_that_changes_nothing_makes_no_fact(house, ada, garden):
    changed = await ada.ok("room:update", room=garden, name="Garden")
    shapes.room_view(changed["room"], name="Garden")
    await house.settle()
    assert ada.heard("roomupdated") == []


async def test_joining_answers_what_is_in_the_room_and_its_members_hear_of_it(
    house, hanna, ada, ben, garden
):
    note = (await ada.ok("note:create", room=garden, title="Plan", body="dig"))["note"]
    message = (await ada.ok("message:send", room=garden, body="hello"))["message"]
    joined = await ben.ok("room:join", room=garden)
    assert set(joined) == {"room", "members", "notes", "messages", "head", "seq"}
    shapes.room_view(joined["room"], id=garden, joined=True, members=2)
    assert {shapes.member(one)["id"] for one in joined["members"]} == {ada.id, ben.id}
    assert [shapes.note(one) for one in joined["notes"]] == [note]
    assert [shapes.message(one) for one in joined["messages"]] == [message]
    assert joined["head"] >= joined["seq"]
    for client in [ada, ben]:
        fact = await client.hear("roomjoined", about(room=garden, member=ben.id))
        shapes.fact(fact, "room", "member", by=ben.id)
    await house.settle()
    assert hanna.heard("roomjoined", about(room=garden)) == []


async def test_who_joined_hears_from_then_on_what_happens_there(house, ada, ben, garden):
    await ada.ok("message:send", room=garden, body="before")
    joined = await ben.ok("room:join", room=garden)
    sent = await ada.ok("message:send", room=garden, body="after")
    heard = await ben.hear("messageposted")
    assert heard["message"] == sent["message"]
    assert heard["seq"] > joined["head"]


async def test_opening_a_room_shows_it_without_joining(house, ada, ben, garden):
    await ada.ok("message:send", room=garden, body="hello")
    opened = await ben.ok("room:open", room=garden)
    assert set(opened) == {"room", "members", "notes", "messages", "head"}
    shapes.room_view(opened["room"], id=garden, joined=False, members=1, unread=0)
    assert [shapes.message(one)["body"] for one in opened["messages"]] == ["hello"]
    await house.settle()
    assert ada.heard("roomjoined", about(room=garden, member=ben.id)) == []


async def test_in_a_public_room_anybody_reads_and_writes_without_joining(house, ada, ben, garden):
    await ben.ok("message:send", room=garden, body="passing by")
    key = (await ben.ok("note:create", room=garden, title="Left here"))["note"]["key"]
    assert (await ada.hear("messageposted"))["by"] == ben.id
    assert (await ada.hear("notecreated"))["note"]["key"] == key
    await house.settle()
    # Not being a member means not being told.
    assert ben.heard("messageposted") == ben.heard("notecreated") == []
    assert (await ben.ok("message:list", room=garden))["messages"]


async def test_leaving_is_told_to_the_room_and_to_who_left_and_ends_the_feed(
    house, ada, ben, garden
):
    await ben.ok("room:join", room=garden)
    left = await ben.ok("room:leave", room=garden)
    assert set(left) == {"seq"}
    for client in [ada, ben]:
        fact = shapes.fact(await client.hear("roomleft"), "room", "member", by=ben.id)
        assert (fact["room"], fact["member"], fact["seq"]) == (garden, ben.id, left["seq"])
    await ada.ok("message:send", room=garden, body="after")
    await house.settle()
    assert ben.heard("messageposted") == []
    rooms = {room["id"]: room for room in (await ben.ok("room:list"))["rooms"]}
    shapes.room_view(rooms[garden], joined=False, members=1)


async def test_joining_twice_and_leaving_twice_are_one_joining_and_one_leaving(
    house, ada, ben, garden
):
    for _ in range(2):
        shapes.room_view((await ben.ok("room:join", room=garden))["room"], members=2)
    for _ in range(2):
        await ben.ok("room:leave", room=garden)
    await house.settle()
    is_bens = about(room=garden, member=ben.id)
    of_ben = [name for name, fact in ada.facts() if is_bens(fact)]
    assert of_ben == ["roomjoined", "roomleft"]


async def test_inviting_and_removing_work_in_a_public_room_too(house, ada, ben, garden):
    await ben.refused("room:invite", "forbidden", room=garden, member=ben.id)
    invited = await ada.ok("room:invite", room=garden, member=ben.id)
    assert set(invited) == {"seq"}
    fact = await ben.hear("roomjoined", about(room=garden))
    shapes.fact(fact, "room", "member", by=ada.id)
    assert fact["member"] == ben.id
    await ada.ok("room:remove", room=garden, member=ben.id)
    fact = shapes.fact(await ben.hear("roomleft"), "room", "member", by=ada.id)
    assert fact["member"] == ben.id
    # A public room stays open to who was removed.
    await ben.ok("room:open", room=garden)


async def test_the_list_has_every_room_one_may_see_as_one_sees_it(house, ada, ben, garden):
    secret = (await ada.ok("room:create", name="Secret", private=True))["room"]["id"]
    listed = await ada.ok("room:list")
    assert set(listed) == {"rooms"}
    assert [shapes.room_view(room)["name"] for room in listed["rooms"]] == [
        "General", "Garden", "Secret"
    ]
    for_ben = {room["id"]: room for room in (await ben.ok("room:list"))["rooms"]}
    assert secret not in for_ben
    shapes.room_view(for_ben[garden], joined=False, members=1)


async def test_a_destroyed_room_takes_its_notes_and_messages_with_it(house, ada, ben, garden):
    key = (await ada.ok("note:create", room=garden, title="Plan", body="dig"))["note"]["key"]
    message = (await ada.ok("message:send", room=garden, body="hello"))["message"]
    destroyed = await ada.ok("room:destroy", room=garden)
    assert set(destroyed) == {"room", "seq"}
    assert shapes.is_time(shapes.room_view(destroyed["room"])["destroyed_at"])
    fact = shapes.fact(await ben.hear("roomdestroyed"), "room", by=ada.id)
    shapes.room(fact["room"], id=garden)

    assert garden not in [room["id"] for room in (await ada.ok("room:list"))["rooms"]]
    await ada.refused("room:open", "not_found", room=garden)
    await ada.refused("room:join", "not_found", room=garden)
    await ada.refused("room:update", "not_found", room=garden, name="Back")
    await ada.refused("note:read", "not_found", key=key)
    await ada.refused("note:create", "not_found", room=garden, title="Late")
    await ada.refused("message:list", "not_found", room=garden)
    await ada.refused("message:send", "not_found", room=garden, body="late")
    await ada.refused("message:edit", "not_found", message=message["id"], body="late")
    assert (await ada.ok("note:count"))["count"] == 0


async def test_a_restored_room_is_as_it_was(house, ada, ben, garden):
    key = (await ada.ok("note:create", room=garden, title="Plan", body="dig"))["note"]["key"]
    message = (await ada.ok("message:send", room=garden, body="hello"))["message"]
    await ben.ok("room:join", room=garden)
    await ada.ok("room:destroy", room=garden)
    restored = await ada.ok("room:restore", room=garden)
    assert set(restored) == {"room", "seq"}
    assert "destroyed_at" not in restored["room"]
    shapes.room_view(restored["room"], id=garden, members=2, joined=True)
    fact = shapes.fact(await ben.hear("roomrestored"), "room", by=ada.id)
    shapes.room(fact["room"], id=garden)
    opened = await ben.ok("room:open", room=garden)
    assert [note["key"] for note in opened["notes"]] == [key]
    assert opened["messages"] == [message]
    assert (await ben.ok("note:read", key=key))["note"]["body"] == "dig"


async def test_a_room_is_destroyed_and_restored_by_its_maker_and_the_host_only(
    house, hanna, ada, ben, garden
):
    await ben.ok("room:join", room=garden)
    await ben.refused("room:destroy", "forbidden", room=garden)
    await hanna.ok("room:destroy", room=garden)
    await ben.refused("room:restore", "forbidden", room=garden)
    await ada.ok("room:restore", room=garden)
    await ada.ok("room:destroy", room=garden)
    await hanna.ok("room:restore", room=garden)


async def test_a_room_that_does_not_exist_is_not_found(ada, ben):
    for call in ["room:update", "room:destroy", "room:restore", "room:join", "room:open",
                 "room:leave"]:
        await ada.refused(call, "not_found", room=new_id())
    await ada.refused("room:invite", "not_found", room=new_id(), member=ben.id)
    await ada.refused("room:remove", "not_found", room=new_id(), member=ben.id)
    await ada.refused("room:read", "not_found", room=new_id(), seq=1)
    await ada.refused("room:direct", "not_found", member=new_id())


async def test_names_of_rooms_are_checked(ada, garden):
    for name in ["", "   ", "x" * 41, "a\nb", "a\u202eb", 7, None]:
        await ada.refused("room:create", "bad_request", name=name)
    await ada.refused("room:update", "bad_request", room=garden, name="")
    await ada.refused("room:create", "bad_request", name="Fine", topic="x" * 121)
    assert (await ada.ok("room:create", name="  Trimmed "))["room"]["name"] == "Trimmed"
    await ada.ok("room:create", name="é" * 40)
