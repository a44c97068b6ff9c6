"""Members: who they are, what they are called, and what they may do."""

import pytest

from support import shapes
from support.client import new_id


async def test_the_list_has_everybody_who_ever_came_in(house, hanna, ada, ben):
    await ben.close()
    listed = await ada.ok("member:list")
    assert set(listed) == {"members"}
    members = {shapes.member(one)["id"]: one for one in listed["members"]}
    assert members == {client.id: client.member for client in [hanna, ada, ben]}
    assert members[hanna.id]["role"] == "host"


async def test_everybody_names_and_colours_themselves(house, hanna, ada):
    changed = await ada.ok("member:update", name=" Adele ", color="#ABCDEF")
    assert set(changed) == {"member", "seq"}
    expected = {**ada.member, "name": "Adele", "color": "#abcdef"}
    assert shapes.member(changed["member"]) == expected
    for client in [hanna, ada]:
        fact = shapes.fact(await client.hear("memberupdated"), "member", by=ada.id)
        assert shapes.member(fact["member"]) == expected
        assert fact["seq"] == changed["seq"]
    only_color = await ada.ok("member:update", color="#123456")
    assert only_color["member"]["name"] == "Adele"
    again = await house.connect(ada.token)
    assert again.member == only_color["member"]


async def test_a_change_that_changes_nothing_is_answered_and_makes_no_fact(house, ada):
    changed = await ada.ok("member:update", name="Ada")
    assert changed["member"] == ada.member
    await house.settle()
    assert ada.heard("memberupdated") == []


async def test_names_and_colours_are_checked(ada):
    for fields in [{"name": ""}, {"name": "x" * 41}, {"name": "a\tb"}, {"name": "\u2066a"},
                   {"color": "red"}, {"color": "#12345"}, {"color": 7}]:
        await ada.refused("member:update", "bad_request", **fields)


async def test_the_host_changes_what_somebody_may_do(house, hanna, ada, ben):
    changed = await hanna.ok("member:role", member=ada.id, role="viewer")
    assert set(changed) == {"member", "seq"}
    assert shapes.member(changed["member"]) == {**ada.member, "role": "viewer"}
    for client in [hanna, ada, ben]:
        fact = shapes.fact(await client.hear("rolechanged"), "member", by=hanna.id)
        assert fact["member"] == changed["member"] and fact["seq"] == changed["seq"]


async def test_a_new_role_holds_from_the_next_call_on(hanna, ada):
    general = ada.snapshot["rooms"][0]["id"]
    await hanna.ok("member:role", member=ada.id, role="viewer")
    await ada.refused("note:create", "forbidden", room=general, title="T")
    await hanna.ok("member:role", member=ada.id, role="host")
    await ada.ok("session:update", name="Ada's now")


async def test_the_only_host_stays_host(hanna, ada):
    await hanna.refused("member:role", "forbidden", member=hanna.id, role="editor")
    await hanna.ok("member:role", member=ada.id, role="host")
    await hanna.ok("member:role", member=hanna.id, role="editor")
    await hanna.refused("member:role", "forbidden", member=ada.id, role="viewer")


async def test_a_member_who_does_not_exist_is_not_found(hanna):
    await hanna.refused("member:role", "not_found", member=new_id(), role="viewer")
    await hanna.refused("member:role", "bad_request", member=hanna.id, role="king")


# Who may, from the table of calls: a viewer nothing of the first, an editor nothing of the second.
FOR_EDITORS = [
    ("room:create", {"name": "R"}), ("room:update", {"room": "general", "name": "R"}),
    ("room:direct", {"member": "hanna"}), ("note:create", {"room": "general", "title": "T"}),
    ("note:update", {"key": "note", "title": "T"}), ("note:destroy", {"key": "note"}),
    ("note:restore", {"key": "note"}),
]
FOR_HOSTS = [
    ("session:update", {"name": "S"}), ("session:knocks", {}),
    ("session:invite", {}), ("session:invites", {}), ("session:uninvite", {"invite": new_id()}),
    ("session:invitation", {}),
    ("session:devices", {}), ("device:revoke", {"device": new_id()}),
    ("knock:answer", {"knock": new_id(), "admit": True}),
    ("member:role", {"member": "ada", "role": "host"}),
    ("member:remove", {"member": new_id()}), ("member:unban", {"member": new_id()}),
    ("achtung:send", {"warning": "W"}),
]
FOR_ALL = [
    ("room:list", {}), ("room:open", {"room": "general"}), ("room:leave", {"room": "general"}),
    ("room:join", {"room": "general"}), ("room:read", {"room": "general", "seq": 1}),
    ("note:read", {"key": "note"}), ("note:list", {}), ("note:count", {}),
    ("message:send", {"room": "general", "body": "b"}), ("message:list", {"room": "general"}),
    ("member:update", {"name": "N"}), ("member:list", {}), ("thanks", {}),
]


@pytest.mark.parametrize("role", ["viewer", "editor", "host"])
async def test_each_role_may_what_the_table_says(hanna, ada, role):
    general = ada.snapshot["rooms"][0]["id"]
    note = (await hanna.ok("note:create", room=general, title="T"))["note"]["key"]
    things = {"general": general, "note": note, "hanna": hanna.id, "ada": ada.id}
    await hanna.ok("member:role", member=ada.id, role=role)
    tables = {"viewer": [FOR_ALL], "editor": [FOR_ALL, FOR_EDITORS],
              "host": [FOR_ALL, FOR_EDITORS, FOR_HOSTS]}
    allowed = {call for table in tables[role] for call, _ in table}
    for call, fields in FOR_ALL + FOR_EDITORS + FOR_HOSTS:
        fields = {name: things.get(value, value) if isinstance(value, str) else value
                  for name, value in fields.items()}
        answer = await ada.ask(call, fields)
        refusal = answer.get("error", {}).get("code")
        assert (refusal != "forbidden") == (call in allowed), call
