"""How somebody becomes known: by invitation, by PIN, as anyone; and stays known."""

import asyncio
import re

from support import shapes
from support.client import new_id


def check_signed_in(answer, **member):
    assert answer.status == 201, answer.text
    assert set(answer.json) == {"token", "member", "session"}
    shapes.session(answer.json["session"])
    shapes.member(answer.json["member"], **member)
    return answer.json


async def test_whoever_started_the_host_comes_in_as_its_host(house):
    signed_in = check_signed_in(
        await house.sign_in("Hanna", invite=house.invite), name="Hanna", role="host"
    )
    hanna = await house.connect(signed_in["token"])
    assert hanna.member == signed_in["member"]


async def test_the_first_line_says_where_to_go(house):
    assert set(house.ready) == {"url", "sign_in_url", "fingerprint", "session", "head"}
    assert house.ready["sign_in_url"].startswith(house.ready["url"] + "/#")
    assert re.fullmatch("[0-9a-f]{64}", house.ready["fingerprint"])
    assert shapes.is_id(house.session) and shapes.is_number(house.ready["head"])


async def test_the_sign_in_url_is_good_for_one_person_only(house):
    check_signed_in(await house.sign_in("Hanna", invite=house.invite), role="host")
    second = await house.sign_in("Mallory", invite=house.invite)
    assert (second.status, second.error["code"]) == (410, "gone")


async def test_an_invitation_that_is_not_known_is_forbidden(house):
    answer = await house.sign_in("Mallory", invite="guessed")
    assert (answer.status, answer.error["code"]) == (403, "forbidden")


async def test_with_an_invitation_no_pin_is_needed(serve):
    house = await serve("--pin", "4711", admit=None)
    check_signed_in(await house.sign_in("Hanna", invite=house.invite), role="host")


async def test_anyone_comes_in_where_anyone_may(house):
    ada = check_signed_in(
        await house.sign_in("Ada", color="#12AB34"), name="Ada", role="editor", guest=True
    )
    assert ada["member"]["color"] == "#12ab34"
    ben = check_signed_in(await house.sign_in("Ben"), name="Ben")
    assert ben["member"]["id"] != ada["member"]["id"]
    assert ben["token"] != ada["token"]


async def test_names_need_not_be_unique(house):
    ids = {check_signed_in(await house.sign_in("Sam"))["member"]["id"] for _ in range(2)}
    assert len(ids) == 2


async def test_the_right_pin_opens_and_a_wrong_one_says_how_many_tries_are_left(serve):
    house = await serve("--pin", "4711", admit=None)
    missing = await house.sign_in("Ada")
    assert (missing.status, missing.error["code"]) == (401, "unauthorized")
    assert missing.error["tries_left"] == 5
    for left in [4, 3]:
        wrong = await house.sign_in("Ada", pin="0000")
        assert (wrong.status, wrong.error["tries_left"]) == (401, left)
    ada = check_signed_in(await house.sign_in("Ada", pin="4711"), role="editor")
    assert ada["session"]["admission"] == "pin"
    assert "4711" not in str(ada["session"])


async def test_after_five_wrong_pins_even_the_right_one_has_to_wait(serve):
    house = await serve("--pin", "4711", admit=None)
    for _ in range(5):
        wrong = await house.sign_in("Mallory", pin="0000")
    assert (wrong.status, wrong.error["tries_left"]) == (401, 0)
    for pin in ["0000", "4711"]:
        answer = await house.sign_in("Mallory", pin=pin)
        assert (answer.status, answer.error["code"]) == (429, "rate_limited")
        assert 0 < answer.error["retry_after_ms"] <= 600_000
        assert int(answer.headers["Retry-After"]) >= 1


async def test_guessing_invitations_is_limited_like_guessing_the_pin(house):
    answers = [(await house.sign_in("Mallory", invite=f"guess {n}")).status for n in range(6)]
    assert answers == [403] * 5 + [429]


async def test_the_same_id_and_secret_get_the_same_answer_for_a_while(house):
    id = new_id()
    first = check_signed_in(await house.sign_in("Hanna", invite=house.invite, id=id))
    again = check_signed_in(await house.sign_in("Hanna", invite=house.invite, id=id))
    assert again == first
    other = await house.sign_in("Hanna", invite=house.invite, id=new_id())
    assert other.status == 410


async def test_two_requests_with_one_id_at_the_same_moment_make_one_member(house):
    id = new_id()
    answers = await asyncio.gather(*(house.sign_in("Ada", id=id) for _ in range(4)))
    assert len({check_signed_in(answer)["token"] for answer in answers}) == 1
    hanna = await house.join_as_host()
    members = (await hanna.ok("member:list"))["members"]
    assert [one["name"] for one in members if one["name"] == "Ada"] == ["Ada"]


async def test_the_same_id_with_another_secret_is_somebody_else(serve):
    house = await serve("--pin", "4711", admit=None)
    id = new_id()
    check_signed_in(await house.sign_in("Ada", pin="4711", id=id))
    stranger = await house.sign_in("Ada", pin="0000", id=id)
    assert (stranger.status, stranger.error["code"]) == (401, "unauthorized")


async def test_the_answer_brings_a_cookie_that_scripts_cannot_read(house):
    answer = await house.sign_in("Ada")
    assert answer.cookies == {house.cookie_name: answer.json["token"]}
    [set_cookie] = answer.headers.getall("Set-Cookie")
    value, *attributes = set_cookie.split("; ")
    assert value == f"{house.cookie_name}={answer.json['token']}"
    assert sorted(attributes) == [
        "HttpOnly", "Max-Age=2592000", "Path=/", "SameSite=Strict", "Secure",
    ]


async def test_who_signs_in_with_an_earlier_sign_in_stays_the_same_member(house):
    ada = check_signed_in(await house.sign_in("Ada"))
    by_bearer = check_signed_in(await house.sign_in("Adele", who=ada["token"]))
    assert by_bearer["member"] == ada["member"]
    by_cookie = await house.request(
        "POST", "/sign-in", json={"name": "Adele"}, cookie=ada["token"]
    )
    assert check_signed_in(by_cookie)["member"] == ada["member"]


async def test_an_earlier_sign_in_needs_no_pin_and_uses_no_invitation_up(serve):
    house = await serve("--pin", "4711", admit=None)
    ada = check_signed_in(await house.sign_in("Ada", pin="4711"))
    assert check_signed_in(await house.sign_in("Ada", who=ada["token"]))["member"] == ada["member"]
    answer = await house.sign_in("Ada", who=ada["token"], invite=house.invite)
    assert check_signed_in(answer)["member"] == ada["member"]
    check_signed_in(await house.sign_in("Hanna", invite=house.invite), role="host")


async def test_a_credential_that_is_not_valid_makes_a_new_member(house):
    ada = check_signed_in(await house.sign_in("Ada", who="nonsense"), name="Ada")
    assert ada["token"] != "nonsense"


async def test_a_sign_in_outlives_the_host_s_restart_and_the_old_invitation_does_not(house):
    ada = check_signed_in(await house.sign_in("Ada"))
    invite = house.invite
    await house.restart()
    again = await house.connect(ada["token"])
    assert again.member == ada["member"]
    answer = await house.sign_in("Mallory", invite=invite)
    assert answer.status == 403


async def test_what_is_no_sign_in_is_a_bad_request(house):
    for body in [{}, {"name": ""}, {"name": "x" * 41}, {"name": "a\nb"}, {"name": "a\u202eb"},
                 {"name": "Ada", "color": "red"}, {"name": "Ada", "id": "7"}, [], "Ada"]:
        answer = await house.request("POST", "/sign-in", json=body)
        assert answer.status in {400, 422}, (body, answer.text)
        assert answer.error["code"] == "bad_request", body
    answer = await house.request("POST", "/sign-in", data="{", headers={
        "Content-Type": "application/json"})
    assert (answer.status, answer.error["code"]) == (400, "bad_request")


async def test_fields_that_are_not_known_are_ignored_at_the_door_too(house):
    check_signed_in(await house.sign_in("Ada", later=True), name="Ada")
