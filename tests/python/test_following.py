"""A copy: everything its member may see, joined or not, with the edits of every note."""

from support.client import about


async def pages(client, **asked):
    """Every fact that is told, page by page, until the last one."""
    told, since = [], asked.pop("since", 0)
    while True:
        page = await client.ok("thanks", since=since, **asked)
        assert set(page) == {"facts", "next", "head", "run", "live"}
        told += page["facts"]
        since = page["next"]
        if page["live"] or since >= asked.get("until", float("inf")):
            return told, page


def names(facts):
    return [fact["name"] for fact in facts]


async def test_a_copy_is_told_of_all_its_member_may_see_and_of_the_past_of_what_comes_into_sight(
    house, hanna, ada
):
    hers = (await hanna.ok("room:create", name="Hanna's"))["room"]["id"]
    secret = (await hanna.ok("room:create", name="Secret", private=True))["room"]["id"]
    for room in [hers, secret]:
        await hanna.ok("note:create", room=room, title="Plan", body="one")
        await hanna.ok("message:send", room=room, body="for those in here")
    copy = await house.connect(ada.token)
    told, last = await pages(copy, follow="everything")
    assert last["live"] and last["next"] == last["head"]
    assert secret not in str(told)
    assert names(told)[-5:] == [
        "roomcreated", "roomjoined", "notecreated", "noteedited", "messageposted",
    ]
    assert [fact["seq"] for fact in told] == sorted({fact["seq"] for fact in told})

    await hanna.ok("message:send", room=hers, body="and live")
    assert (await copy.hear("messageposted"))["message"]["body"] == "and live"
    await copy.refused("thanks", "not_found", room=secret, until=last["head"])
    await hanna.ok("room:invite", room=secret, member=ada.id)
    until = (await copy.hear("roomjoined", about(room=secret)))["seq"]
    past, page = await pages(copy, room=secret, until=until, run=last["run"])
    assert not page["live"] and page["next"] == until
    assert names(past) == [
        "roomcreated", "roomjoined", "notecreated", "noteedited", "messageposted", "roomjoined",
    ]

    # Cut off, it goes on where it was; what went out of sight meanwhile is told by that alone.
    await copy.close()
    await hanna.ok("message:send", room=secret, body="not any more")
    await hanna.ok("room:remove", room=secret, member=ada.id)
    again = await house.connect(ada.token)
    told, _ = await pages(again, follow="everything", since=until, run=last["run"])
    assert names(told) == ["roomleft"]
    assert (told[0]["room"], told[0]["member"]) == (secret, ada.id)


async def test_a_copy_of_another_history_has_diverged(hanna):
    beyond = hanna.thanked["head"] + 1
    await hanna.refused("thanks", "diverged", follow="everything", since=beyond)
    general = (await hanna.ok("room:list"))["rooms"][0]["id"]
    await hanna.refused("thanks", "diverged", room=general, until=beyond)
    await hanna.refused("thanks", "bad_request", follow="anything")
