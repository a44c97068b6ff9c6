"""Notes as things: made, retitled, put into the trash, restored, listed, counted."""

import pytest_asyncio

from support import shapes
from support.client import new_id


@pytest_asyncio.fixture
async def general(ada):
    return ada.snapshot["rooms"][0]["id"]


@pytest_asyncio.fixture
async def plan(ada, general):
    """A note of Ada's with a text."""
    return (await ada.ok("note:create", room=general, title="Plan", body="dig"))["note"]["key"]


async def test_a_note_without_a_body_is_version_zero(house, ada, ben, general):
    made = await ada.ok("note:create", room=general, title="Plan")
    assert set(made) == {"note", "seq"}
    note = shapes.note(made["note"], room=general, title="Plan", version=0, created_by=ada.id,
                       updated_by=ada.id)
    assert note["id"] == note["key"]
    assert note["created_at"] == note["updated_at"]
    fact = shapes.fact(await ben.hear("notecreated"), "note", by=ada.id, call=note["id"])
    assert shapes.note(fact["note"]) == note
    assert fact["seq"] == made["seq"]
    assert (await ben.ok("note:read", key=note["key"]))["note"] == {**note, "body": ""}


async def test_a_note_with_a_body_is_version_one(house, ada, ben, general):
    made = await ada.ok("note:create", room=general, title="Plan", body="dig")
    note = shapes.note(made["note"], version=1)
    fact = await ben.hear("notecreated")
    shapes.note(fact["note"], key=note["key"], version=0)
    assert made["seq"] == fact["seq"] + 1
    versions = await ben.hear("note versions")
    assert [one["version"] for one in versions["notes"]] == [1]
    read = await ben.ok("note:read", key=note["key"])
    assert set(read) == {"note"}
    shapes.note_with_body(read["note"], body="dig", version=1)


async def test_an_empty_body_is_no_body(ada, general):
    made = await ada.ok("note:create", room=general, title="Plan", body="")
    shapes.note(made["note"], version=0)


async def test_the_edits_of_a_note_that_is_not_open_are_told_as_versions_only(
    house, ada, ben, plan
):
    await ada.ok("note:update", key=plan, version=1, body="dig deep")
    heard = await ben.hear("note versions", lambda it: it["notes"][0]["version"] == 2)
    [version] = heard["notes"]
    assert set(version) == {"key", "version", "updated_at", "updated_by"}
    assert version["key"] == plan and version["updated_by"] == ada.id
    assert shapes.is_time(version["updated_at"])
    assert ben.heard("noteedited") == ada.heard("noteedited") == []


async def test_versions_are_told_in_the_rooms_one_has_joined_only(house, hanna, ada):
    room = (await ada.ok("room:create", name="Garden"))["room"]["id"]
    key = (await ada.ok("note:create", room=room, title="Plan", body="dig"))["note"]["key"]
    await ada.hear("note versions", lambda it: it["notes"][0]["key"] == key)
    general = hanna.snapshot["rooms"][0]["id"]
    other = (await ada.ok("note:create", room=general, title="Seen", body="x"))["note"]["key"]
    await hanna.hear("note versions", lambda it: it["notes"][0]["key"] == other)
    assert key not in str(hanna.heard_all)


async def test_a_new_title_is_told_to_the_room(house, hanna, ada, ben, plan):
    changed = await ben.ok("note:update", key=plan, title="New plan")
    assert set(changed) == {"note", "seq"}
    shapes.note_with_body(changed["note"], key=plan, title="New plan", version=1, body="dig",
                          updated_by=ben.id, created_by=ada.id)
    for client in [hanna, ada, ben]:
        fact = shapes.fact(await client.hear("noteupdated"), "note", by=ben.id)
        shapes.note(fact["note"], key=plan, title="New plan", version=1, updated_by=ben.id)
        assert fact["seq"] == changed["seq"]


async def test_title_and_text_change_in_one_call(house, ada, ben, plan):
    id = new_id()
    changed = await ada.ok("note:update", id=id, key=plan, title="Both", version=1, body="dug")
    shapes.note_with_body(changed["note"], title="Both", body="dug", version=2)
    fact = shapes.fact(await ben.hear("noteupdated"), "note", by=ada.id, call=id)
    assert fact["seq"] == changed["seq"] - 1


async def test_the_same_title_again_is_no_fact(house, ada, plan):
    await ada.ok("note:update", key=plan, title="Plan")
    await house.settle()
    assert ada.heard("noteupdated") == []


async def test_facts_about_notes_go_to_those_who_joined_the_room_and_nobody_else(
    house, hanna, ada, ben
):
    room = (await ada.ok("room:create", name="Garden"))["room"]["id"]
    await ben.ok("room:join", room=room)
    key = (await ada.ok("note:create", room=room, title="Plan"))["note"]["key"]
    await ada.ok("note:update", key=key, title="Plans")
    await ada.ok("note:destroy", key=key)
    await ada.ok("note:restore", key=key)
    await house.settle()
    names = ["notecreated", "noteupdated", "notedestroyed", "noterestored"]
    for client in [ada, ben]:
        assert client.fact_names()[-4:] == names
    assert not set(hanna.fact_names()) & set(names)


async def test_a_destroyed_note_is_in_the_trash_and_out_of_every_list(
    house, ada, ben, plan, general
):
    destroyed = await ada.ok("note:destroy", key=plan)
    assert set(destroyed) == {"note", "seq"}
    assert shapes.is_time(shapes.note(destroyed["note"], key=plan)["trashed_at"])
    fact = shapes.fact(await ben.hear("notedestroyed"), "key", "note", by=ada.id)
    assert fact["key"] == plan and shapes.note(fact["note"]) == destroyed["note"]

    assert (await ben.ok("note:list"))["notelist"] == []
    assert (await ben.ok("note:count"))["count"] == 0
    assert (await ben.ok("room:open", room=general))["notes"] == []
    assert (await ben.thank())["snapshot"]["notes"] == []
    [line] = (await ben.ok("note:list", trashed=True))["notelist"]
    assert shapes.note_line(line)["key"] == plan


async def test_in_the_trash_a_note_can_be_read_and_not_be_written(ada, plan):
    await ada.ok("note:destroy", key=plan)
    read = (await ada.ok("note:read", key=plan))["note"]
    assert shapes.is_time(shapes.note_with_body(read, body="dig")["trashed_at"])
    await ada.refused("note:update", "gone", key=plan, version=1, body="more")
    await ada.refused("note:update", "gone", key=plan, title="More")


async def test_a_restored_note_is_as_it_was(house, ada, ben, plan):
    before = (await ada.ok("note:read", key=plan))["note"]
    await ada.ok("note:destroy", key=plan)
    restored = await ben.ok("note:restore", key=plan)
    assert set(restored) == {"note", "seq"}
    assert {**shapes.note(restored["note"]), "body": "dig"} == before
    fact = shapes.fact(await ada.hear("noterestored"), "key", "note", by=ben.id)
    assert fact["key"] == plan and shapes.note(fact["note"]) == restored["note"]
    assert (await ada.ok("note:count"))["count"] == 1
    assert (await ada.ok("note:update", key=plan, version=1, body="dug"))["note"]["version"] == 2


async def test_destroying_and_restoring_twice_are_each_one_fact(house, ada, plan):
    for call in ["note:destroy", "note:destroy", "note:restore", "note:restore"]:
        await ada.ok(call, key=plan)
    await house.settle()
    assert ada.fact_names()[-2:] == ["notedestroyed", "noterestored"]


async def test_the_list_has_a_line_for_every_note_one_may_see(ada, ben, general, plan):
    room = (await ada.ok("room:create", name="Garden"))["room"]["id"]
    other = (await ada.ok("note:create", room=room, title="Other"))["note"]
    listed = await ben.ok("note:list")
    assert set(listed) == {"notelist"}
    lines = {shapes.note_line(line)["key"]: line for line in listed["notelist"]}
    assert set(lines) == {plan, other["key"]}
    assert lines[plan]["title"] == "Plan" and lines[plan]["version"] == 1
    assert lines[other["key"]]["updated_at"] == other["updated_at"]
    of_room = (await ben.ok("note:list", room=room))["notelist"]
    assert [line["key"] for line in of_room] == [other["key"]]
    assert (await ben.ok("note:count"))["count"] == 2
    assert await ben.ok("note:count", room=room) == {"count": 1}
    assert await ben.ok("note:count", room=general) == {"count": 1}


async def test_a_long_list_comes_in_pages_that_lack_and_repeat_nothing(serve):
    house = await serve("--limits", "off")
    ada = await house.join("Ada")
    room = ada.snapshot["rooms"][0]["id"]
    calls = [ada.send("note:create", {"room": room, "title": f"{n}"}) for n in range(205)]
    keys = {(await call)["ok"]["note"]["key"] for call in calls}

    first = await ada.ok("note:list")
    assert set(first) == {"notelist", "next"} and len(first["notelist"]) == 100
    for limit in [1, 60, 100, 205]:
        seen, after = [], {}
        while True:
            page = await ada.ok("note:list", limit=limit, **after)
            assert len(page["notelist"]) <= limit
            seen += [line["key"] for line in page["notelist"]]
            if "next" not in page:
                break
            assert len(page["notelist"]) == limit
            after = {"after": page["next"]}
            if limit == 1 and len(seen) == 5:
                break
        assert len(seen) == len(set(seen))
        assert set(seen) == keys or limit == 1
    whole = await ada.ok("note:list", limit=5_000)
    assert set(whole) == {"notelist"} and len(whole["notelist"]) == 205


async def test_a_page_goes_on_where_its_note_has_been_destroyed_meanwhile(ada, general):
    for number in range(4):
        await ada.ok("note:create", room=general, title=str(number))
    first = await ada.ok("note:list", limit=2)
    await ada.ok("note:destroy", key=first["next"])
    second = await ada.ok("note:list", limit=2, after=first["next"])
    assert len(second["notelist"]) == 2
    assert not {line["key"] for line in first["notelist"]} & {
        line["key"] for line in second["notelist"]}


async def test_a_note_that_does_not_exist_is_not_found(ada, general):
    for call in ["note:read", "note:destroy", "note:restore"]:
        await ada.refused(call, "not_found", key=new_id())
    await ada.refused("note:update", "not_found", key=new_id(), title="T")
    await ada.refused("note:update", "not_found", key=new_id(), version=0, body="b")
    await ada.refused("note:create", "not_found", room=new_id(), title="T")
    await ada.refused("note:list", "not_found", room=new_id())
    await ada.refused("note:count", "not_found", room=new_id())
    await ada.refused("message:send", "not_found", room=general, body="b", note=new_id())


async def test_titles_of_notes_are_checked(ada, general, plan):
    for title in ["", "  ", "x" * 121, "a\nb", "a\u202eb", 7, None]:
        await ada.refused("note:create", "bad_request", room=general, title=title)
    await ada.refused("note:update", "bad_request", key=plan, title="")
    made = await ada.ok("note:create", room=general, title="  " + "é" * 120)
    assert made["note"]["title"] == "é" * 120
