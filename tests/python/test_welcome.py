"""Connecting: `welcome` first, then `thanks`, and no fact before that."""

from support import shapes
from support.client import ACKNOWLEDGED
from support.names import FACTS


async def test_the_first_event_is_a_welcome_that_says_who_and_where_one_is(house, hanna):
    ada = await house.join("Ada")
    assert ada.heard_all[0].event == "welcome"
    welcome = ada.welcome
    assert set(welcome) == {"message", "you", "session", "people", "limits", "head", "protocol"}
    assert "Ada" in welcome["message"]
    shapes.member(welcome["you"], name="Ada", role="editor", guest=True)
    shapes.session(welcome["session"], id=house.session, admission="anyone", guests="editor")
    people = {shapes.person(one)["member"]: one for one in welcome["people"]}
    assert set(people) == {hanna.id, ada.id}
    assert people[hanna.id]["socket"] == hanna.sid
    assert welcome["limits"]["message_chars"] == 4_000
    assert welcome["head"] >= house.ready["head"]
    lowest, highest = welcome["protocol"]
    assert 1 <= lowest <= highest


async def test_no_fact_comes_before_thanks_and_none_is_lost_around_it(house, hanna):
    signed_in = await house.sign_in("Ada")
    ada = await house.connect(signed_in.json["token"])
    room = (await hanna.ok("room:list"))["rooms"][0]["id"]
    before = (await hanna.ok("message:send", room=room, body="before"))["message"]
    await house.settle()
    assert ada.facts() == []

    thanked = await ada.thank()
    assert before in thanked["snapshot"]["messages"]
    after = await hanna.ok("message:send", room=room, body="after")
    heard = await ada.hear("messageposted")
    assert heard["message"] == after["message"]
    assert heard["seq"] > thanked["head"]
    order = [one.event for one in ada.heard_all]
    assert not set(order[: order.index(ACKNOWLEDGED)]) & FACTS


async def test_calls_work_before_thanks_and_only_facts_wait_for_it(house, hanna):
    ada = await house.connect((await house.sign_in("Ada")).json["token"])
    made = await ada.ok("room:create", name="Early")
    shapes.room_view(made["room"], name="Early", joined=True)
    assert ada.facts() == []


async def test_a_newcomer_is_given_the_whole_state_of_what_it_may_see(house, hanna, ada):
    public = (await ada.ok("room:create", name="Garden", topic="What grows"))["room"]["id"]
    private = (await ada.ok("room:create", name="Secret", private=True))["room"]["id"]
    general = next(r["id"] for r in ada.snapshot["rooms"] if r["name"] == "General")
    note = (await ada.ok("note:create", room=general, title="Seen", body="text"))["note"]
    await ada.ok("note:create", room=public, title="Of a room not joined")
    message = (await ada.ok("message:send", room=general, body="hello"))["message"]
    await ada.ok("message:send", room=public, body="not joined")
    await ada.ok("note:create", room=private, title="Hidden")

    ben = await house.join("Ben")
    assert set(ben.thanked) == {"snapshot", "head", "run", "live"}
    assert ben.thanked["live"] is True
    assert ben.thanked["run"] == ben.welcome["session"]["run"]
    snapshot = ben.thanked["snapshot"]
    assert set(snapshot) == {"rooms", "notes", "members", "messages"}

    rooms = {shapes.room_view(room)["id"]: room for room in snapshot["rooms"]}
    assert set(rooms) == {general, public}
    shapes.room_view(rooms[general], joined=True, members=3, unread=0, private=False)
    shapes.room_view(rooms[public], joined=False, members=1, topic="What grows")
    assert [shapes.note(one)["key"] for one in snapshot["notes"]] == [note["key"]]
    assert [shapes.message(one) for one in snapshot["messages"]] == [message]
    members = {shapes.member(one)["name"] for one in snapshot["members"]}
    assert members == {"Hanna", "Ada", "Ben"}


async def test_the_snapshot_has_the_newest_fifty_messages_of_each_room(serve):
    house = await serve("--limits", "off")
    hanna = await house.join_as_host()
    general = hanna.snapshot["rooms"][0]["id"]
    other = (await hanna.ok("room:create", name="Other"))["room"]["id"]
    for number in range(55):
        await hanna.ok("message:send", room=general, body=f"g{number}")
        await hanna.ok("message:send", room=other, body=f"o{number}")
    again = await house.connect(hanna.token)
    messages = (await again.thank())["snapshot"]["messages"]
    for room, letter in [(general, "g"), (other, "o")]:
        bodies = [one["body"] for one in messages if one["room"] == room]
        assert bodies == [f"{letter}{number}" for number in range(5, 55)]


async def test_a_new_session_has_the_public_room_general_that_everybody_joins(house, hanna, ada):
    for client in [hanna, ada]:
        [general] = client.snapshot["rooms"]
        shapes.room_view(general, name="General", private=False, joined=True)
    joined = await hanna.hear("roomjoined", lambda fact: fact["member"] == ada.id)
    assert joined["room"] == general["id"]
    shapes.fact(joined, "room", "member")


async def test_everybody_hears_of_a_newcomer(house, hanna, ada):
    came = await hanna.hear("memberjoined", lambda fact: fact["member"]["id"] == ada.id)
    shapes.member(shapes.fact(came, "member")["member"], name="Ada", role="editor", guest=True)


async def test_the_newcomer_hears_how_many_are_there_and_so_do_all_others(house, hanna):
    await hanna.hear("user count", lambda count: count == {"count": 1})
    ada = await house.join("Ada")
    assert await ada.hear("user count") == {"count": 2}
    await hanna.hear("user count", lambda count: count == {"count": 2})
    await ada.close()
    await hanna.hear("user count", lambda count: count == {"count": 1})


async def test_a_person_with_three_tabs_counts_once(house, hanna, ada):
    await hanna.hear("user count", lambda count: count == {"count": 2})
    tabs = [await house.connect(ada.token) for _ in range(2)]
    for tab in tabs:
        assert await tab.hear("user count") == {"count": 2}
        await tab.close()
    ben = await house.join("Ben")
    assert await ben.hear("user count") == {"count": 3}
    await hanna.hear("user count", lambda count: count == {"count": 3})
    assert {count["count"] for count in hanna.heard("user count")} == {1, 2, 3}
    assert len(hanna.heard("user count")) == 3
