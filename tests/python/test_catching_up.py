"""Coming back: what was missed, in order, by pages, and only where the history is the same."""

import json

from support import shapes
from support.client import new_id


def as_sent(facts):
    return json.dumps(facts, ensure_ascii=False, separators=(",", ":")).encode()


async def general_of(client):
    return (await client.ok("room:list"))["rooms"][0]["id"]


async def come_back(client, since, **more):
    """Says thanks until facts come by themselves; gives back what was missed."""
    missed = []
    while True:
        page = await client.ok("thanks", since=since, **more)
        assert set(page) == {"facts", "next", "head", "run", "live"}
        missed += page["facts"]
        assert page["next"] > since or page["live"]
        since = page["next"]
        if page["live"]:
            assert since == page["head"]
            return missed


async def test_who_comes_back_gets_what_was_missed_and_then_goes_on_live(house, hanna, ada):
    general = await general_of(hanna)
    head, run = ada.thanked["head"], ada.thanked["run"]
    await ada.close()
    note = (await hanna.ok("note:create", room=general, title="Missed"))["note"]
    message = (await hanna.ok("message:send", room=general, body="missed"))["message"]

    ada = await house.connect(ada.token)
    facts = await come_back(ada, head, run=run)
    names = [fact["name"] for fact in facts]
    assert names[-2:] == ["notecreated", "messageposted"]
    assert facts[-2]["note"] == note and facts[-1]["message"] == message
    for fact in facts:
        assert set(fact) >= {"seq", "at", "name"}
    assert [fact["seq"] for fact in facts] == sorted(fact["seq"] for fact in facts)
    assert all(fact["seq"] > head for fact in facts)
    assert ada.facts() == []

    later = (await hanna.ok("message:send", room=general, body="later"))["message"]
    assert (await ada.hear("messageposted"))["message"] == later


async def test_without_a_run_the_present_history_is_assumed(house, hanna, ada):
    head = ada.thanked["head"]
    made = await hanna.ok("room:create", name="Made meanwhile")
    again = await house.connect(ada.token)
    facts = await come_back(again, head)
    assert [fact["name"] for fact in facts] == ["roomcreated"]
    assert facts[0]["room"]["id"] == made["room"]["id"]


async def test_who_missed_nothing_is_live_at_once(house, hanna):
    page = await hanna.ok("thanks", since=hanna.thanked["head"], run=hanna.thanked["run"])
    assert page["facts"] == [] and page["live"] is True
    assert page["next"] == page["head"] == hanna.thanked["head"]


async def test_what_was_missed_holds_nothing_of_rooms_one_is_not_in(house, hanna, ada):
    head = ada.thanked["head"]
    private = (await hanna.ok("room:create", name="Secret", private=True))["room"]["id"]
    public = (await hanna.ok("room:create", name="Open"))["room"]["id"]
    for room in [private, public]:
        await hanna.ok("message:send", room=room, body="not for Ada")
        await hanna.ok("note:create", room=room, title="Not for Ada")
    last = await hanna.ok("member:update", name="Hannah")
    again = await house.connect(ada.token)
    facts = await come_back(again, head)
    assert [fact["name"] for fact in facts] == ["roomcreated", "memberupdated"]
    assert facts[0]["room"]["id"] == public
    assert facts[1]["seq"] == last["seq"]


async def test_much_comes_in_pages_of_at_most_a_mebibyte_without_gap_or_repeat(serve):
    house = await serve("--limits", "off")
    hanna = await house.join_as_host()
    general = await general_of(hanna)
    head = hanna.thanked["head"]
    sent = [hanna.send("message:send", {"room": general, "body": f"{n} " + "é" * 3_990})
            for n in range(400)]
    seqs = [(await call)["ok"]["seq"] for call in sent]

    again = await house.connect(hanna.token)
    since, pages = head, []
    while True:
        answer = await again.ask("thanks", {"since": since, "run": hanna.thanked["run"]})
        pages.append(answer["ok"])
        since = answer["ok"]["next"]
        if answer["ok"]["live"]:
            break
    assert len(pages) > 2
    assert [fact["seq"] for page in pages for fact in page["facts"]] == seqs
    for page in pages:
        assert len(as_sent(page["facts"])) <= 1_048_576
    assert [page["live"] for page in pages] == [False] * (len(pages) - 1) + [True]


async def test_facts_come_several_at_once_to_who_asked_for_batches(house, hanna, ada):
    general = await general_of(hanna)
    batch = await house.connect(ada.token)
    await batch.thank(batch=True)
    sent = [hanna.send("message:send", {"room": general, "body": str(n)}) for n in range(15)]
    seqs = [(await call)["ok"]["seq"] for call in sent]
    await house.settle()
    assert batch.facts() == []
    listed = [fact for event in batch.heard("facts") for fact in event["facts"]]
    assert all(set(event) == {"facts"} for event in batch.heard("facts"))
    assert [fact["seq"] for fact in listed] == seqs
    for fact, single in zip(listed, ada.heard("messageposted"), strict=True):
        assert fact == {**single, "name": "messageposted"}


async def test_a_number_beyond_the_last_fact_is_from_another_history(house, hanna):
    await hanna.refused("thanks", "diverged", since=hanna.thanked["head"] + 1)
    await hanna.refused(
        "thanks", "diverged", since=hanna.thanked["head"] + 1, run=hanna.thanked["run"]
    )
    # Starting over is always possible.
    assert (await hanna.thank())["live"] is True


async def test_a_run_that_the_host_does_not_know_is_another_history(house, hanna):
    await hanna.refused("thanks", "diverged", since=1, run=new_id())


async def test_a_run_goes_on_being_known_after_the_host_was_opened_again(house, hanna):
    head, run = hanna.thanked["head"], hanna.thanked["run"]
    await house.restart()
    again = await house.connect(hanna.token)
    assert again.welcome["session"]["run"] != run
    facts = await come_back(again, head, run=run)
    assert [fact["name"] for fact in facts] == ["sessionhosted"]
    shapes.fact({k: v for k, v in facts[0].items() if k != "name"}, "run")
    assert facts[0]["run"] == again.welcome["session"]["run"]
    # What was seen beyond the end of its run was never part of this history.
    await again.refused("thanks", "diverged", since=facts[0]["seq"], run=run)
    assert (await again.thank())["run"] == facts[0]["run"]


async def test_edits_of_notes_that_are_not_open_come_as_versions_also_when_missed(
    house, hanna, ada
):
    general = await general_of(hanna)
    head = ada.thanked["head"]
    await ada.close()
    note = (await hanna.ok("note:create", room=general, title="T", body="one"))["note"]
    again = await house.connect(ada.token)
    facts = await come_back(again, head)
    assert [fact["name"] for fact in facts if fact["name"].startswith("note")] == ["notecreated"]
    versions = await again.hear("note versions")
    assert set(versions) == {"notes"}
    [version] = versions["notes"]
    assert set(version) == {"key", "version", "updated_at", "updated_by"}
    assert version["key"] == note["key"] and version["version"] == 1
    assert version["updated_by"] == hanna.id and shapes.is_time(version["updated_at"])
