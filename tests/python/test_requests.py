"""Asking one person, or one of that person's sockets, for something; and the answer."""

import asyncio

from support import shapes
from support.client import new_id


async def test_the_one_asked_answers_by_the_acknowledgement(house, hanna, ada):
    signed_in = (await house.sign_in("Ben")).json
    ben = await house.connect(signed_in["token"], answers=lambda request: {"answer": "coming"})
    note = (await ada.ok("note:create", room=ada.snapshot["rooms"][0]["id"], title="Plan"))["note"]
    answered = await ada.ok("member:ask", member=ben.id, message="Come here", about=note["key"])
    assert answered == {"answer": "coming"}
    request = await ben.hear("request")
    assert set(request) == {"ask", "from", "message", "about"}
    assert shapes.is_id(request["ask"])
    assert request["from"] == ada.id and request["message"] == "Come here"
    assert request["about"] == note["key"]
    assert hanna.heard("request") == ada.heard("request") == []


async def test_the_one_asked_answers_by_a_call(ada, ben):
    asking = ada.send("member:ask", {"member": ben.id, "message": "Tea?"})
    request = await ben.hear("request")
    assert set(request) == {"ask", "from", "message"}
    assert await ben.ok("member:answer", ask=request["ask"], answer={"yes": True}) == {}
    assert await asking == {"ok": {"answer": {"yes": True}}}


async def test_any_json_is_an_answer(house, ada):
    token = (await house.sign_in("Ben")).json["token"]
    for answer in ["later", {"in": 5, "unit": "minutes"}, [1, 2], True, None, 0]:
        ben = await house.connect(token, answers=lambda request, it=answer: {"answer": it})
        answered = await ada.ok("member:ask", member=ben.id, message="When?")
        assert answered == {"answer": answer}
        await ben.close()


async def test_a_library_s_empty_acknowledgement_is_no_answer(ada, ben):
    # This client acknowledges every event, with nothing, before its person has even looked.
    assert ben.answers is None
    asking = ada.send("member:ask", {"member": ben.id, "message": "Tea?"})
    request = await ben.hear("request")
    await ben.ok("room:list")
    assert not asking.done()
    await ben.ok("member:answer", ask=request["ask"], answer="yes")
    assert await asking == {"ok": {"answer": "yes"}}


async def test_every_socket_of_the_person_is_asked_and_the_first_answer_counts(house, ada, ben):
    tab = await house.connect(ben.token)
    asking = ada.send("member:ask", {"member": ben.id, "message": "Tea?"})
    request = await tab.hear("request")
    assert await ben.hear("request") == request
    await tab.ok("member:answer", ask=request["ask"], answer="from the tab")
    assert await asking == {"ok": {"answer": "from the tab"}}
    await ben.refused("member:answer", "gone", ask=request["ask"], answer="too late")


async def test_one_socket_can_be_asked_alone(house, ada, ben):
    tab = await house.connect(ben.token)
    asking = ada.send("member:ask", {"socket": tab.sid, "message": "This tab?"})
    request = await tab.hear("request")
    await tab.ok("member:answer", ask=request["ask"], answer="yes")
    assert await asking == {"ok": {"answer": "yes"}}
    await house.settle()
    assert ben.heard("request") == []


async def test_the_sockets_in_presence_are_those_that_can_be_asked(house, ada):
    token = (await house.sign_in("Ben")).json["token"]
    ben = await house.connect(token, answers=lambda request: {"answer": "me"})
    present = await ada.hear_of(ben.id)
    assert await ada.ok("member:ask", socket=present["socket"], message="You?") == {"answer": "me"}


async def test_who_is_not_there_is_absent(house, ada, ben):
    sid = ben.sid
    await ben.close()
    await ada.hear_of(ben.id, state="gone")
    await ada.refused("member:ask", "absent", member=ben.id, message="Tea?")
    await ada.refused("member:ask", "absent", socket=sid, message="Tea?")
    await ada.refused("member:ask", "absent", member=new_id(), message="Tea?")


async def test_a_request_needs_somebody_and_something(ada, ben):
    await ada.refused("member:ask", "bad_request", message="Anybody?")
    await ada.refused("member:ask", "bad_request", member=ben.id)
    await ada.refused("member:ask", "bad_request", member=ben.id, message="  ")
    await ada.refused("member:ask", "too_large", member=ben.id, message="x" * 4_001)


async def test_only_the_one_asked_can_answer(hanna, ada, ben):
    asking = ada.send("member:ask", {"member": ben.id, "message": "Tea?"})
    ask = (await ben.hear("request"))["ask"]
    for other in [hanna, ada]:
        await other.refused("member:answer", "gone", ask=ask, answer="I am not Ben")
    await hanna.refused("member:answer", "gone", ask=new_id(), answer="to nothing")
    await ben.ok("member:answer", ask=ask, answer="yes")
    assert (await asking)["ok"] == {"answer": "yes"}


async def test_waiting_for_an_answer_holds_nothing_else_up(house, ada, ben):
    first = ada.send("member:ask", {"member": ben.id, "message": "First?"})
    second = ada.send("member:ask", {"member": ben.id, "message": "Second?"})
    asks = {}
    for _ in range(2):
        request = await ben.hear("request")
        asks[request["message"]] = request["ask"]
    # Everything else goes on, and answers come in the order people give them.
    await ada.ok("room:create", name="Meanwhile")
    await ben.ok("member:answer", ask=asks["Second?"], answer=2)
    assert (await second)["ok"] == {"answer": 2}
    assert not first.done()
    await ben.ok("member:answer", ask=asks["First?"], answer=1)
    assert (await first)["ok"] == {"answer": 1}


async def test_who_has_no_acknowledgements_asks_by_reply(ada, ben):
    await ada.emit("member:ask", {"re": "tea", "member": ben.id, "message": "Tea?"})
    ask = (await ben.hear("request"))["ask"]
    await ben.emit("member:answer", {"re": "yes", "ask": ask, "answer": "yes"})
    assert await ben.hear("reply") == {"re": "yes", "ok": {}}
    assert await ada.hear("reply") == {"re": "tea", "ok": {"answer": "yes"}}


async def test_a_viewer_may_ask_and_be_asked(hanna, ada, ben):
    for client in [ada, ben]:
        await hanna.ok("member:role", member=client.id, role="viewer")
    asking = ada.send("member:ask", {"member": ben.id, "message": "Tea?"})
    ask = (await ben.hear("request"))["ask"]
    await ben.ok("member:answer", ask=ask, answer="yes")
    assert (await asyncio.wait_for(asking, 10))["ok"] == {"answer": "yes"}
