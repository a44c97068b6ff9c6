"""Who is here and where, as far as others may know."""

from support import shapes


async def test_everybody_hears_who_came_and_who_left(house, hanna):
    ada = await house.join("Ada")
    came = shapes.person(await hanna.hear_of(ada.id))
    assert set(hanna.heard("presence")[0]) == {"people"}
    assert came == {"member": ada.id, "socket": ada.sid, "name": "Ada", "role": "editor",
                    "color": ada.member["color"], "state": "active"}
    await ada.close()
    gone = await hanna.hear_of(ada.id, state="gone")
    assert shapes.person(gone) == {**came, "state": "gone"}


async def test_people_say_where_they_are_and_what_they_do(house, hanna, ada):
    room = ada.snapshot["rooms"][0]["id"]
    note = (await ada.ok("note:create", room=room, title="Plan"))["note"]["key"]
    await ada.emit("presence", {"room": room, "state": "active", "typing": True})
    shapes.person(await hanna.hear_of(ada.id, room=room, typing=True, note=None))
    await ada.emit("presence", {"room": room, "note": note, "state": "idle"})
    there = shapes.person(await hanna.hear_of(ada.id, room=room, note=note, state="idle"))
    assert "typing" not in there
    await ada.emit("presence", {})
    away = shapes.person(await hanna.hear_of(ada.id, room=None, note=None, state="active"))
    assert set(away) == {"member", "socket", "name", "color", "role", "state"}


async def test_a_newcomer_is_told_who_is_where(house, hanna, ada):
    room = ada.snapshot["rooms"][0]["id"]
    await ada.emit("presence", {"room": room, "typing": True})
    await hanna.hear_of(ada.id, room=room)
    ben = await house.join("Ben")
    people = {one["member"]: shapes.person(one) for one in ben.welcome["people"]}
    assert people[ada.id]["room"] == room and people[ada.id]["typing"] is True
    assert "room" not in people[hanna.id]


async def test_each_socket_of_a_person_is_somewhere_by_itself(house, hanna, ada):
    tab = await house.connect(ada.token)
    room = ada.snapshot["rooms"][0]["id"]
    await tab.emit("presence", {"room": room})
    assert (await hanna.hear_of(ada.id, room=room))["socket"] == tab.sid
    ben = await house.join("Ben")
    places = {one["socket"]: one.get("room") for one in ben.welcome["people"]}
    assert places[tab.sid] == room and places[ada.sid] is None
    await tab.close()
    assert (await hanna.hear_of(ada.id, state="gone"))["socket"] == tab.sid


async def test_a_private_room_is_shown_to_its_members_only(house, hanna, ada, ben):
    room = (await ada.ok("room:create", name="Secret", private=True))["room"]["id"]
    await ada.ok("room:invite", room=room, member=ben.id)
    note = (await ada.ok("note:create", room=room, title="Hidden"))["note"]["key"]
    await ada.emit("presence", {"room": room, "note": note, "typing": True})
    shapes.person(await ben.hear_of(ada.id, room=room, note=note, typing=True))
    hidden = await hanna.hear_of(ada.id, socket=ada.sid, room=None)
    assert not {"room", "note", "typing"} & set(hidden)
    eve = await house.join("Eve")
    for one in [hanna, eve]:
        assert room not in str(one.heard_all) and note not in str(one.heard_all)


async def test_nobody_can_claim_to_be_where_they_may_not_look(house, hanna, ada):
    room = (await hanna.ok("room:create", name="Secret", private=True))["room"]["id"]
    note = (await hanna.ok("note:create", room=room, title="Hidden"))["note"]["key"]
    await ada.emit("presence", {"room": room, "note": note, "state": "idle"})
    seen = await hanna.hear_of(ada.id, state="idle")
    assert not {"room", "note"} & set(seen)


async def test_name_colour_and_role_in_presence_are_the_host_s_word(house, hanna, ada):
    await ada.emit("presence", {"name": "Hanna", "role": "host", "member": hanna.id,
                                "state": "idle"})
    seen = await hanna.hear_of(ada.id, state="idle")
    assert (seen["name"], seen["role"]) == ("Ada", "editor")
    assert hanna.heard("presence", lambda it: any(
        one["member"] == hanna.id and one["state"] == "idle" for one in it["people"])) == []


async def test_a_presence_that_cannot_be_read_is_dropped_without_an_answer(hanna, ada):
    for payload in ["here", {"room": "nowhere"}, {"state": "dancing"}, {"typing": "yes"}, [1]]:
        await ada.emit("presence", payload)
    await ada.emit("presence", {"state": "idle"})
    await hanna.hear_of(ada.id, state="idle")
    assert ada.heard("reply") == []


async def test_presence_is_told_to_those_who_have_not_said_thanks_too(house, hanna):
    quiet = await house.connect((await house.sign_in("Eve")).json["token"])
    ada = await house.join("Ada")
    await quiet.hear_of(ada.id)


async def test_a_change_of_name_shows_in_presence_from_the_next_change_on(house, hanna, ada):
    await ada.ok("member:update", name="Adele")
    await ada.emit("presence", {"state": "idle"})
    assert (await hanna.hear_of(ada.id, state="idle"))["name"] == "Adele"
