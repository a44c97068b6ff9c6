"""Asking the host to be let in: knock, wait, and be admitted, declined, or give up."""

import asyncio

import pytest_asyncio

from support import shapes
from support.client import new_id


@pytest_asyncio.fixture
async def house(serve):
    """A host that is asked each time, as it is without any option."""
    return await serve(admit=None)


async def knock_at(house, name="Ada", **fields):
    answer = await house.sign_in(name, **fields)
    assert answer.status == 202, answer.text
    assert set(answer.json) <= {"knock", "nonce"}
    assert shapes.is_id(answer.json["knock"])
    return answer.json["knock"]


def wait_for(house, knock):
    return asyncio.create_task(house.request("GET", f"/sign-in/{knock}"))


async def test_the_host_hears_who_waits_and_lets_them_in(house, hanna):
    assert hanna.welcome["session"]["admission"] == "ask"
    knock = await knock_at(house, "Ada", color="#123456")
    waiting = wait_for(house, knock)
    told = shapes.knock(await hanna.hear("knock"), knock=knock, name="Ada", state="waiting")
    assert told["address"] == "127.0.0.1"
    answered = await hanna.ok("knock:answer", knock=knock, admit=True)
    assert set(answered) == {"seq"}

    answer = await waiting
    assert answer.status == 201
    assert set(answer.json) == {"token", "member", "session"}
    member = shapes.member(answer.json["member"], name="Ada", color="#123456", role="editor")
    assert answer.cookies == {house.cookie_name: answer.json["token"]}
    fact = await hanna.hear("memberjoined", lambda fact: fact["member"]["id"] == member["id"])
    shapes.fact(fact, "member", by=hanna.id)
    assert fact["member"] == member
    shapes.knock(await hanna.hear("knock"), knock=knock, state="gone")
    ada = await house.connect(answer.json["token"])
    assert ada.member == member


async def test_the_host_says_as_what_somebody_comes_in(house, hanna):
    knock = await knock_at(house)
    await hanna.ok("knock:answer", knock=knock, admit=True, role="viewer")
    answer = await wait_for(house, knock)
    shapes.member(answer.json["member"], role="viewer")
    ada = await house.connect(answer.json["token"])
    await ada.refused("room:create", "forbidden", name="R")


async def test_nobody_is_let_in_as_a_host(house, hanna):
    knock = await knock_at(house)
    await hanna.refused("knock:answer", "bad_request", knock=knock, admit=True, role="host")
    await hanna.ok("knock:answer", knock=knock, admit=True)


async def test_who_is_declined_is_told_so(house, hanna):
    knock = await knock_at(house)
    waiting = wait_for(house, knock)
    await hanna.hear("knock")
    assert await hanna.ok("knock:answer", knock=knock, admit=False) == {}
    answer = await waiting
    assert (answer.status, answer.error["code"]) == (403, "forbidden")
    shapes.knock(await hanna.hear("knock"), knock=knock, state="gone")
    assert [one["name"] for one in (await hanna.ok("member:list"))["members"]] == ["Hanna"]


async def test_who_gives_up_waits_no_more(house, hanna):
    knock = await knock_at(house)
    shapes.knock(await hanna.hear("knock"), state="waiting")
    answer = await house.request("DELETE", f"/sign-in/{knock}")
    assert (answer.status, answer.text) == (204, "")
    shapes.knock(await hanna.hear("knock"), knock=knock, state="gone")
    assert await hanna.ok("session:knocks") == {"knocks": []}
    await hanna.refused("knock:answer", "gone", knock=knock, admit=True)
    answer = await wait_for(house, knock)
    assert (answer.status, answer.error["code"]) == (410, "gone")


async def test_the_host_sees_who_waits_the_longest_waiting_first(house, hanna):
    first, second = await knock_at(house, "Ada"), await knock_at(house, "Ben")
    listed = await hanna.ok("session:knocks")
    assert set(listed) == {"knocks"}
    assert [shapes.knock(one)["knock"] for one in listed["knocks"]] == [first, second]
    await hanna.ok("knock:answer", knock=first, admit=False)
    listed = await hanna.ok("session:knocks")
    assert [one["name"] for one in listed["knocks"]] == ["Ben"]


async def test_a_host_who_comes_later_finds_those_who_wait(house):
    knock = await knock_at(house)
    hanna = await house.join_as_host()
    assert [one["knock"] for one in (await hanna.ok("session:knocks"))["knocks"]] == [knock]


async def test_only_hosts_hear_of_the_door(house, hanna):
    knock = await knock_at(house, "Ada")
    await hanna.ok("knock:answer", knock=knock, admit=True)
    ada = await house.connect((await wait_for(house, knock)).json["token"])
    await ada.thank()
    second = await knock_at(house, "Ben")
    await hanna.hear("knock", lambda it: it["knock"] == second)
    await house.settle()
    assert ada.heard("knock") == []
    await ada.refused("session:knocks", "forbidden")
    await ada.refused("knock:answer", "forbidden", knock=second, admit=True)


async def test_an_answer_waits_for_those_who_ask_again(house, hanna):
    knock = await knock_at(house)
    await hanna.ok("knock:answer", knock=knock, admit=True)
    first, second = await wait_for(house, knock), await wait_for(house, knock)
    assert first.status == second.status == 201
    assert first.json == second.json


async def test_only_the_first_answer_of_the_host_counts(house, hanna):
    knock = await knock_at(house)
    await hanna.ok("knock:answer", knock=knock, admit=False)
    await hanna.refused("knock:answer", "gone", knock=knock, admit=True)
    assert (await wait_for(house, knock)).status == 403


async def test_a_repeated_answer_with_its_id_is_answered_like_the_first_time(house, hanna):
    for admit in [True, False]:
        knock, id = await knock_at(house, f"Ada {admit}"), new_id()
        first = await hanna.ok("knock:answer", id=id, knock=knock, admit=admit)
        assert await hanna.ok("knock:answer", id=id, knock=knock, admit=admit) == first
        await hanna.refused("knock:answer", "conflict", id=id, knock=knock, admit=not admit)
    members = [one["name"] for one in (await hanna.ok("member:list"))["members"]]
    assert members == ["Hanna", "Ada True"]


async def test_a_repeated_knock_with_its_id_is_the_same_knock(house, hanna):
    id = new_id()
    knock = await knock_at(house, id=id)
    assert await knock_at(house, id=id) == knock
    assert len((await hanna.ok("session:knocks"))["knocks"]) == 1
    other = await knock_at(house, id=new_id())
    assert other != knock
    await hanna.ok("knock:answer", knock=knock, admit=True)
    again = await house.sign_in("Ada", id=id)
    assert (again.status, (await wait_for(house, knock)).status) in [(201, 201), (202, 201)]


async def test_a_knock_that_nobody_made_is_not_there(house, hanna):
    for knock in [new_id(), "nonsense"]:
        answer = await wait_for(house, knock)
        assert answer.status in {404, 410}
        assert answer.error["code"] in {"not_found", "gone"}
    await hanna.refused("knock:answer", "gone", knock=new_id(), admit=True)


async def test_an_invitation_opens_without_asking(house):
    assert (await house.sign_in("Hanna", invite=house.invite)).status == 201


async def test_the_door_takes_only_so_many_at_once(serve):
    house = await serve("--limits", "not_signed_in=2", admit=None)
    for name in ["Ada", "Ben"]:
        await knock_at(house, name)
    answer = await house.sign_in("Cleo")
    assert (answer.status, answer.error["code"]) == (429, "rate_limited")
    assert answer.error["retry_after_ms"] > 0
