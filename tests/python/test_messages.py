"""Messages: posted, changed, taken back, listed."""

import asyncio

import pytest_asyncio

from support import shapes
from support.client import new_id


@pytest_asyncio.fixture
async def general(hanna, ada, ben):
    """The room everybody is in, and everybody is in it."""
    return ada.snapshot["rooms"][0]["id"]


async def test_a_message_reaches_everybody_in_its_room(house, hanna, ada, ben, general):
    sent = await ada.ok("message:send", room=general, body="hello *there*")
    assert set(sent) == {"message", "seq"}
    message = shapes.message(sent["message"], room=general, body="hello *there*", by=ada.id,
                             seq=sent["seq"])
    assert not {"edited_at", "note", "made_at"} & set(message)
    for client in [hanna, ada, ben]:
        fact = await client.hear("messageposted")
        shapes.fact(fact, "message", by=ada.id, call=message["id"])
        assert fact["message"] == message
        assert (fact["seq"], fact["at"]) == (message["seq"], message["at"])


async def test_a_message_reaches_nobody_outside_of_its_room(house, hanna, ada, ben, general):
    room = (await ada.ok("room:create", name="Garden"))["room"]["id"]
    message = (await ada.ok("message:send", room=room, body="here"))["message"]["id"]
    await ada.ok("message:edit", message=message, body="there")
    await ada.ok("message:destroy", message=message)
    await house.settle()
    names = ["messageposted", "messageedited", "messagedestroyed"]
    assert ada.fact_names()[-3:] == names
    for client in [hanna, ben]:
        assert not set(client.fact_names()) & set(names)


async def test_a_message_may_be_about_a_note(house, ada, ben, general):
    key = (await ada.ok("note:create", room=general, title="Plan"))["note"]["key"]
    body = f"See [Plan](note:{key}), @[Ben](member:{ben.id})"
    sent = await ada.ok("message:send", room=general, body=body, note=key)
    shapes.message(sent["message"], note=key, body=body)
    assert (await ben.hear("messageposted"))["message"] == sent["message"]


async def test_viewers_take_part_in_conversations(house, hanna, ada, ben, general):
    await hanna.ok("member:role", member=ada.id, role="viewer")
    message = (await ada.ok("message:send", room=general, body="hello"))["message"]["id"]
    await ada.ok("message:edit", message=message, body="hello!")
    await ada.ok("message:destroy", message=message)


async def test_its_author_changes_a_message_and_it_stays_in_its_place(house, ada, ben, general):
    sent = (await ada.ok("message:send", room=general, body="helo"))["message"]
    edited = await ada.ok("message:edit", message=sent["id"], body="hello")
    assert set(edited) == {"message", "seq"}
    message = shapes.message(edited["message"])
    assert message == {**sent, "body": "hello", "edited_at": message["edited_at"]}
    fact = shapes.fact(await ben.hear("messageedited"), "message", by=ada.id)
    assert fact["message"] == edited["message"]
    assert fact["seq"] == edited["seq"] > sent["seq"]
    assert (await ben.ok("message:list", room=general))["messages"] == [edited["message"]]


async def test_nobody_else_changes_a_message_not_even_the_host(hanna, ada, ben, general):
    message = (await ada.ok("message:send", room=general, body="mine"))["message"]["id"]
    for client in [hanna, ben]:
        await client.refused("message:edit", "forbidden", message=message, body="yours")


async def test_its_author_takes_a_message_back(house, ada, ben, general):
    sent = (await ada.ok("message:send", room=general, body="oops"))["message"]
    taken = await ada.ok("message:destroy", message=sent["id"])
    assert set(taken) == {"message", "seq"}
    shapes.message(taken["message"], id=sent["id"], seq=sent["seq"], body="", by=ada.id)
    fact = shapes.fact(await ben.hear("messagedestroyed"), "message", by=ada.id)
    assert fact["message"] == taken["message"]


async def test_the_host_takes_anybody_s_message_back_and_others_do_not(hanna, ada, ben, general):
    message = (await ada.ok("message:send", room=general, body="rude"))["message"]["id"]
    await ben.refused("message:destroy", "forbidden", message=message)
    await hanna.ok("message:destroy", message=message)
    fact = await ada.hear("messagedestroyed")
    assert fact["by"] == hanna.id and fact["message"]["by"] == ada.id


async def test_what_was_taken_back_is_gone_everywhere(house, ada, ben, general):
    head = ben.thanked["head"]
    message = (await ada.ok("message:send", room=general, body="a secret slip"))["message"]["id"]
    await ada.ok("message:edit", message=message, body="a secret slip indeed")
    await ada.ok("message:destroy", message=message)
    for call, fields in [("message:edit", {"body": "again"}), ("message:destroy", {})]:
        await ada.refused(call, "gone", message=message, **fields)
    again = await house.connect(ben.token)
    missed = await again.ok("thanks", since=head)
    everything = [missed, await ben.ok("message:list", room=general),
                  await ben.ok("room:open", room=general), await ben.thank()]
    assert "secret slip" not in str(everything)


async def test_a_message_that_does_not_exist_is_not_found(ada, general):
    await ada.refused("message:edit", "not_found", message=new_id(), body="b")
    await ada.refused("message:destroy", "not_found", message=new_id())
    await ada.refused("message:send", "not_found", room=new_id(), body="b")
    await ada.refused("message:list", "not_found", room=new_id())


async def test_a_message_has_a_text_of_at_most_four_thousand_characters(ada, general):
    for body in ["", "   ", "\n"]:
        await ada.refused("message:send", "bad_request", room=general, body=body)
    for body in [7, None, []]:
        await ada.refused("message:send", "bad_request", room=general, body=body)
    longest = (await ada.ok("message:send", room=general, body="😀" * 4_000))["message"]
    assert len(longest["body"]) == 4_000
    await ada.refused("message:send", "too_large", room=general, body="x" * 4_001)
    await ada.refused("message:edit", "too_large", message=longest["id"], body="x" * 4_001)
    await ada.refused("message:edit", "bad_request", message=longest["id"], body=" ")


async def test_line_breaks_in_messages_become_one_kind(ada, general):
    sent = await ada.ok("message:send", room=general, body="one\r\ntwo\rthree")
    assert sent["message"]["body"] == "one\ntwo\nthree"


async def test_the_list_goes_back_by_pages_the_newest_last(serve):
    house = await serve("--limits", "off")
    ada = await house.join("Ada")
    room = ada.snapshot["rooms"][0]["id"]
    calls = [ada.send("message:send", {"room": room, "body": str(n)}) for n in range(120)]
    seqs = [(await call)["ok"]["seq"] for call in calls]

    first = await ada.ok("message:list", room=room)
    assert set(first) == {"messages", "next"}
    assert [shapes.message(one)["seq"] for one in first["messages"]] == seqs[-50:]
    second = await ada.ok("message:list", room=room, before=first["next"])
    assert [one["seq"] for one in second["messages"]] == seqs[20:70]
    third = await ada.ok("message:list", room=room, before=second["next"])
    assert set(third) == {"messages"}
    assert [one["seq"] for one in third["messages"]] == seqs[:20]
    whole = await ada.ok("message:list", room=room, limit=120)
    assert set(whole) == {"messages"} and len(whole["messages"]) == 120
    one = await ada.ok("message:list", room=room, limit=1, before=seqs[5])
    assert [it["body"] for it in one["messages"]] == ["4"]
    assert (await ada.ok("message:list", room=room, before=seqs[0])) == {"messages": []}


async def test_a_page_has_at_most_five_hundred_messages(serve):
    house = await serve("--limits", "off")
    ada = await house.join("Ada")
    room = ada.snapshot["rooms"][0]["id"]
    for _ in range(2):
        calls = [ada.send("message:send", {"room": room, "body": "x"}) for _ in range(251)]
        assert all("ok" in answer for answer in await asyncio.gather(*calls))
    page = await ada.ok("message:list", room=room, limit=10_000)
    assert len(page["messages"]) == 500 and "next" in page


async def test_messages_keep_their_order_whoever_writes(house, ada, ben, general):
    calls = [client.send("message:send", {"room": general, "body": f"{n}"})
             for n in range(15) for client in [ada, ben]]
    for call in calls:
        assert "ok" in await call
    await house.settle()
    listed = (await ada.ok("message:list", room=general))["messages"]
    assert [fact["message"] for fact in ada.heard("messageposted")] == listed
    assert ada.heard("messageposted") == ben.heard("messageposted")
    for client in [ada, ben]:
        bodies = [one["body"] for one in listed if one["by"] == client.id]
        assert bodies == [str(n) for n in range(15)]
