"""`/api.json`: the generated description says what the host does."""

import jsonschema
import pytest_asyncio

from support.client import ACKNOWLEDGED, new_id
from support.names import CALLS, FACTS, SERVER_SIGNALS


@pytest_asyncio.fixture
async def api(house):
    answer = await house.request("GET", "/api.json")
    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("application/json")
    return answer.json


def by_name(api, channel="session"):
    """The description's messages by the names they have on the wire."""
    messages = api["channels"][channel]["messages"]
    # `presence` has two meanings; what a client sends stands under a key of its own.
    return {message.get("name", key): message for key, message in reversed(messages.items())}


def validator(api, schema):
    # References of the description are relative to its root.
    return jsonschema.Draft7Validator({**schema, "components": api["components"]})


async def test_it_is_asyncapi_three_and_names_its_channels(api):
    assert api["asyncapi"].startswith("3.")
    assert {"title", "version"} <= set(api["info"])
    assert api["channels"]["session"]["address"] == "/"
    assert api["channels"]["home"]["address"] == "/home"


async def test_every_call_fact_and_signal_is_in_it(api):
    names = set(by_name(api))
    assert CALLS <= names
    assert FACTS <= names
    assert SERVER_SIGNALS <= names | set(by_name(api, "home"))
    operations = api["operations"].values()
    received = {one["messages"][0]["$ref"] for one in operations if one["action"] == "receive"}
    assert len(received) >= len(CALLS)


async def test_every_schema_is_valid(api):
    schemas = api["components"]["schemas"]
    assert len(schemas) > 50
    for schema in schemas.values():
        jsonschema.Draft7Validator.check_schema(schema)
    for channel in api["channels"].values():
        for message in channel["messages"].values():
            jsonschema.Draft7Validator.check_schema(message["payload"])
            # Resolves every reference, or fails.
            list(validator(api, message["payload"]).iter_errors({}))


async def test_payloads_are_described_as_they_are_taken(api):
    create = validator(api, by_name(api)["note:create"]["payload"])
    create.validate({"room": new_id(), "title": "T"})
    create.validate({"id": new_id(), "room": new_id(), "title": "T", "body": "b", "later": 1})
    where = validator(api, api["channels"]["session"]["messages"]["presence_report"]["payload"])
    where.validate({"room": new_id(), "typing": True, "state": "idle"})
    assert not where.is_valid({"state": "dancing"})
    for wrong in [{}, {"room": new_id()}, {"title": "T"}, {"room": new_id(), "title": 7}]:
        assert not create.is_valid(wrong), wrong


async def conversation(house, hanna):
    """A bit of everything, so that everything there is to hear is heard."""
    ada = await house.join("Ada")
    room = hanna.snapshot["rooms"][0]["id"]
    garden = (await ada.ok("room:create", name="Garden"))["room"]["id"]
    for call, fields in [
        ("room:update", {"topic": "t"}), ("room:leave", {}), ("room:join", {}), ("room:open", {}),
        ("room:destroy", {}), ("room:restore", {}),
    ]:
        await ada.ok(call, room=garden, **fields)
    await ada.ok("room:direct", member=hanna.id)
    key = (await ada.ok("note:create", room=room, title="T", body="b"))["note"]["key"]
    await ada.ok("note:update", key=key, title="U", version=1, body="c")
    for call in ["note:read", "note:destroy", "note:restore"]:
        await ada.ok(call, key=key)
    message = (await ada.ok("message:send", room=room, body="M", note=key))["message"]
    await hanna.ok("room:read", room=room, seq=message["seq"])
    await ada.ok("message:edit", message=message["id"], body="N")
    for query, kind in [("U", "notes"), ("N", "messages")]:
        assert (await ada.ok("search", query=query))[kind] != []
    await ada.ok("message:destroy", message=message["id"])
    for call in ["room:list", "note:list", "note:count", "member:list"]:
        await ada.ok(call)
    await ada.ok("message:list", room=room)
    await house.request("POST", f"/files?room={room}&name=N", bearer=ada.token, data=b"F")
    await ada.ok("member:update", name="Adele")
    asking = ada.send("member:ask", {"member": hanna.id, "message": "Tea?"})
    ask = (await hanna.hear("request"))["ask"]
    await hanna.ok("member:answer", ask=ask, answer="yes")
    await asking
    await hanna.ok("member:role", member=ada.id, role="viewer")
    await hanna.ok("session:update", name="S", admission="ask")
    knock = (await house.sign_in("Ben")).json["knock"]
    await hanna.ok("session:knocks")
    await hanna.ok("knock:answer", knock=knock, admit=True)
    await hanna.ok("achtung:send", warning="W")
    await ada.emit("note:count", {"re": "mark"})
    await ada.hear("reply")
    batch = await house.connect(ada.token)
    await batch.thank(batch=True)
    await hanna.ok("member:update", name="Hannah")
    await batch.hear("facts")
    await hanna.hear("note versions")
    await hanna.hear_of(ada.id)
    await hanna.refused("no:such", "bad_request")
    invite = (await hanna.ok("session:invite"))["invite"]["id"]
    await hanna.ok("session:invites")
    await hanna.ok("session:uninvite", invite=invite)
    await hanna.ok("session:invitation")
    devices = (await hanna.ok("session:devices"))["devices"]
    device = next(one["id"] for one in devices if one["member"] == ada.id)
    await hanna.ok("device:revoke", device=device)
    await hanna.ok("member:remove", member=ada.id, ban=True)
    await hanna.ok("member:unban", member=ada.id)
    await house.settle()
    return ada.heard_all + batch.heard_all


async def test_what_the_host_says_is_what_the_description_says(house, hanna, api):
    messages = by_name(api)
    others = await conversation(house, hanna)
    home = await house.connect(hanna.token, namespaces=["/home"])
    await home.hear("notetitles")
    seen, calls = set(), set()
    for one in hanna.heard_all + others:
        if one.event == ACKNOWLEDGED:
            call, payload = one.payload["call"], one.payload["answer"]
            if call == "no:such":
                continue
            calls.add(call)
            schema = messages[call.replace(":", "_") + "_ok"]["payload"]
        else:
            payload, schema = one.payload, messages[one.event]["payload"]
            seen.add(one.event)
        errors = [error.message for error in validator(api, schema).iter_errors(payload)]
        assert errors == [], (one.event, payload)
    titles = by_name(api, "home")["notetitles"]["payload"]
    validator(api, titles).validate(home.heard("notetitles")[0])
    # Nothing was left out by accident.
    assert seen >= (FACTS | SERVER_SIGNALS | {"facts", "reply"}) - {
        "sessionhosted", "noteedited", "notepurged", "roompurged", "notetitles"}
    assert calls >= CALLS - {"room:invite", "room:remove"}
