"""`/home`: titles of notes for light clients, and nothing else."""

import asyncio

import pytest_asyncio


@pytest_asyncio.fixture
async def home(house, ada):
    """Ada's light client, connected before there is any note."""
    client = await house.connect(ada.token, namespaces=["/home"])
    assert await client.hear("notetitles") == {"notelist": []}
    return client


def titles(*wanted):
    return lambda heard: [one["title"] for one in heard["notelist"]] == list(wanted)


async def test_on_connection_come_the_titles_of_all_notes_one_may_see(house, hanna, ada):
    general = hanna.snapshot["rooms"][0]["id"]
    public = (await hanna.ok("room:create", name="Garden"))["room"]["id"]
    private = (await hanna.ok("room:create", name="Secret", private=True))["room"]["id"]
    keys = [(await hanna.ok("note:create", room=room, title=title))["note"]["key"]
            for room, title in [(general, "One"), (public, "Two"), (private, "Hidden")]]
    home = await house.connect(ada.token, namespaces=["/home"])
    heard = await home.hear("notetitles")
    assert set(heard) == {"notelist"}
    lines = sorted(heard["notelist"], key=lambda line: line["title"])
    assert lines == [{"key": keys[0], "title": "One"}, {"key": keys[1], "title": "Two"}]


async def test_titles_come_again_after_a_note_is_made_changed_destroyed_or_restored(
    ada, home
):
    general = ada.snapshot["rooms"][0]["id"]
    key = (await ada.ok("note:create", room=general, title="Plan"))["note"]["key"]
    await home.hear("notetitles", titles("Plan"))
    await ada.ok("note:update", key=key, title="New plan")
    heard = await home.hear("notetitles", titles("New plan"))
    assert heard["notelist"] == [{"key": key, "title": "New plan"}]
    await ada.ok("note:destroy", key=key)
    await home.hear("notetitles", titles())
    await ada.ok("note:restore", key=key)
    await home.hear("notetitles", titles("New plan"))


async def test_titles_come_and_go_with_the_rooms_one_may_see(hanna, ada, home):
    room = (await hanna.ok("room:create", name="Secret", private=True))["room"]["id"]
    await hanna.ok("note:create", room=room, title="Hidden")
    await hanna.ok("room:invite", room=room, member=ada.id)
    await home.hear("notetitles", titles("Hidden"))
    await hanna.ok("room:remove", room=room, member=ada.id)
    await home.hear("notetitles", titles())


async def test_many_changes_are_told_together(ada, home):
    general = ada.snapshot["rooms"][0]["id"]
    await asyncio.gather(*(
        ada.ok("note:create", room=general, title=str(number)) for number in range(30)
    ))
    await home.hear("notetitles", lambda heard: len(heard["notelist"]) == 30)
    assert len(home.heard("notetitles")) <= 5


async def test_nothing_but_titles_and_announcements_comes_there(house, hanna, ada, home):
    general = ada.snapshot["rooms"][0]["id"]
    await ada.ok("message:send", room=general, body="hello")
    await ada.emit("presence", {"room": general})
    await ada.ok("note:create", room=general, title="Plan", body="dig")
    await ada.ok("note:create", room=general, title="Second")
    await home.hear("notetitles", lambda heard: len(heard["notelist"]) == 2)
    await hanna.ok("achtung:send", warning="Tea")
    await home.hear("achtung")
    assert {one.event for one in home.heard_all} == {"notetitles", "achtung"}


async def test_a_client_in_home_alone_is_not_counted_as_connected(house, hanna):
    token = (await house.sign_in("Ada")).json["token"]
    home = await house.connect(token, namespaces=["/home"])
    await home.hear("notetitles")
    ben = await house.join("Ben")
    assert await ben.hear("user count") == {"count": 2}
    assert [one["name"] for one in ben.welcome["people"] if one["name"] == "Ada"] == []
