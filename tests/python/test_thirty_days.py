"""After thirty days: what was thrown away goes for good, and who was never here has to sign in.

Nobody waits that long, so what the file says of the past is moved there while the host is away.
"""

import asyncio
import sqlite3
from contextlib import closing

import pytest

from support import shapes
from support.client import Refused
from support.waiting import within

DAY_MS = 24 * 60 * 60 * 1_000


def days_ago(days, table, column):
    def move(file):
        changed = file.execute(f"update {table} set {column} = {column} - ?", (days * DAY_MS,))
        assert changed.rowcount > 0

    return move


async def facts_since(house, token, head):
    client = await house.connect(token)
    facts = []
    page = {"next": head, "live": False}
    # What is thrown away at the start is told soon after it.
    while not page["live"]:
        page = await client.ok("thanks", since=page["next"])
        facts += page["facts"]
    return client, facts


async def purged(house, ada, head, name):
    """The fact of this name, missed or heard."""
    client, facts = await facts_since(house, ada.token, head)
    missed = [fact for fact in facts if fact["name"] == name]
    if missed:
        return client, {key: value for key, value in missed[0].items() if key != "name"}
    return client, await client.hear(name)


async def test_a_sign_in_that_was_not_used_for_thirty_days_is_expired(house, ada):
    await house.restart(days_ago(31, "sign_ins", "used_at"))
    with pytest.raises(Refused) as refused:
        await house.connect(ada.token)
    assert refused.value.args[0] == {"/": {"message": "expired"}}
    again = await house.sign_in("Ada", who=ada.token)
    assert again.status == 201 and again.json["member"]["id"] != ada.id


async def test_a_sign_in_that_was_used_within_thirty_days_is_good_for_as_long_again(house, ada):
    for _ in range(2):
        await house.restart(days_ago(29, "sign_ins", "used_at"))
        again = await house.connect(ada.token)
        assert again.id == ada.id


async def test_a_note_goes_for_good_after_thirty_days_in_the_trash(house, ada):
    general = ada.snapshot["rooms"][0]["id"]
    key = (await ada.ok("note:create", room=general, title="Old", body="x"))["note"]["key"]
    head = (await ada.ok("note:destroy", key=key))["seq"]
    await house.restart(days_ago(29, "notes", "trashed_at"))
    again = await house.connect(ada.token)
    await again.ok("note:read", key=key)

    await house.restart(days_ago(2, "notes", "trashed_at"))
    client, fact = await purged(house, ada, head, "notepurged")
    shapes.fact(fact, "key")
    assert fact["key"] == key
    await client.refused("note:read", "not_found", key=key)
    await client.refused("note:restore", "not_found", key=key)
    assert (await client.ok("note:list", trashed=True))["notelist"] == []


async def test_the_id_of_what_went_for_good_is_never_given_again(house, ada, ben):
    general = ada.snapshot["rooms"][0]["id"]
    key = (await ada.ok("note:create", room=general, title="Old", body="x"))["note"]["key"]
    head = (await ada.ok("note:destroy", key=key))["seq"]
    await house.restart(days_ago(31, "notes", "trashed_at"))
    await purged(house, ada, head, "notepurged")
    other = await house.connect(ben.token)
    for body in [{}, {"body": "y"}]:
        await other.refused("note:create", "conflict", id=key, room=general, title="T", **body)
    await other.refused("room:create", "conflict", id=key, name="R")


async def test_a_room_goes_for_good_after_thirty_days_with_what_was_in_it(house, ada, ben):
    room = (await ada.ok("room:create", name="Old"))["room"]["id"]
    key = (await ada.ok("note:create", room=room, title="T", body="x"))["note"]["key"]
    message = (await ada.ok("message:send", room=room, body="M"))["message"]["id"]
    head = (await ada.ok("room:destroy", room=room))["seq"]
    await house.restart(days_ago(31, "rooms", "destroyed_at"))
    client, fact = await purged(house, ben, head, "roompurged")
    shapes.fact(fact, "room")
    assert fact["room"] == room
    maker = await house.connect(ada.token)
    await maker.refused("room:restore", "not_found", room=room)
    await maker.refused("note:read", "not_found", key=key)
    await maker.refused("message:edit", "not_found", message=message, body="b")
    assert room not in str(await maker.ok("room:list", destroyed=True))


async def swept(path):
    """Bytes go a few at a time, after the room."""
    with closing(sqlite3.connect(path)) as file:
        while file.execute("select count(*) from file_contents").fetchone() != (1,):
            await asyncio.sleep(0.02)


async def test_a_purged_rooms_files_are_nowhere_in_the_session_file(house, ada):
    general = ada.snapshot["rooms"][0]["id"]
    room = (await ada.ok("room:create", name="Old"))["room"]["id"]

    async def bring(where, data, name):
        to = f"/files?room={where}&name={name}"
        answer = await house.request("POST", to, bearer=ada.token, data=data)
        assert answer.status == 201, answer.text
        return answer.json["hash"]

    async def status(where, hash):
        answer = await house.request("HEAD", f"/files/{where}/{hash}", bearer=ada.token)
        return answer.status

    secret = b"the quince is under the third stone" * 20_000
    gone = await bring(room, secret, "sunflower.bin")
    shared = await bring(room, b"a shared apple", "apple")
    assert await bring(general, b"a shared apple", "apple") == shared
    head = (await ada.ok("room:destroy", room=room))["seq"]
    assert await status(room, gone) == 404
    await house.restart(days_ago(31, "rooms", "destroyed_at"))
    await purged(house, ada, head, "roompurged")
    assert await status(room, gone) == 404
    assert await status(general, shared) == 200

    path = house.folder / "data" / "session.hearth"
    await within(swept(path), "the end of the bytes that no room has")
    await house.restart()
    assert await status(general, shared) == 200
    await house.stop()
    left = path.read_bytes()
    assert b"a shared apple" in left
    assert b"the quince" not in left and b"sunflower" not in left
    await house.start()


async def test_what_goes_for_good_leaves_the_search_index_too(house, ada):
    general = ada.snapshot["rooms"][0]["id"]
    room = (await ada.ok("room:create", name="Old"))["room"]["id"]
    for place, title in [(general, "amaranthine"), (room, "borborygmus")]:
        await ada.ok("note:create", room=place, title=title, body="x")
        await ada.ok("message:send", room=place, body=f"{title} cacographer")
        found = await ada.ok("search", query=title)
        assert len(found["notes"]) == len(found["messages"]) == 1
    index = house.folder / "data" / "session.hearth.search"
    await house.restart()
    assert b"orborygmus" in index.read_bytes()
    again = await house.connect(ada.token)
    head = (await again.ok("room:destroy", room=room))["seq"]
    await house.restart(days_ago(31, "rooms", "destroyed_at"))
    again, _ = await purged(house, ada, head, "roompurged")
    found = await again.ok("search", query="cacographer")
    assert [one["room"] for one in found["messages"]] == [general]
    await house.stop()
    # Words are stored without the beginning they share with the one before.
    assert b"orborygmus" not in index.read_bytes()
    assert b"maranthine" in index.read_bytes()
    await house.start()
