"""Signing out ends a sign-in and its sockets, and nobody else's."""

import pytest

from support.client import Refused


async def test_signing_out_closes_the_sockets_of_the_sign_in(house, hanna, ada):
    second = await house.connect(ada.token)
    home = await house.connect(ada.token, namespaces=["/home"])
    answer = await house.request("POST", "/sign-out", bearer=ada.token)
    assert (answer.status, answer.text) == (204, "")
    await ada.hear_end()
    await second.hear_end()
    await home.hear_end("/home")
    await hanna.hear("user count", lambda count: count == {"count": 1})
    assert hanna.is_connected and hanna.ended == {}


async def test_after_signing_out_the_token_is_worth_nothing(house, ada):
    await house.request("POST", "/sign-out", bearer=ada.token)
    await ada.hear_end()
    with pytest.raises(Refused) as refused:
        await house.connect(ada.token)
    assert refused.value.args[0] == {"/": {"message": "unauthorized"}}
    again = await house.sign_in("Ada", who=ada.token)
    assert again.status == 201
    assert again.json["member"]["id"] != ada.id


async def test_the_cookie_signs_out_as_well_and_is_taken_away(house, ada):
    answer = await house.request("POST", "/sign-out", cookie=ada.token)
    assert answer.status == 204
    assert answer.cookies == {house.cookie_name: ""}
    assert "Max-Age=0" in answer.headers["Set-Cookie"]
    await ada.hear_end()


async def test_another_sign_in_of_the_same_session_lives_on(house, ada, ben):
    await house.request("POST", "/sign-out", bearer=ada.token)
    await ada.hear_end()
    await ben.ok("room:list")


async def test_signing_out_without_being_signed_in_does_no_harm(house, ada):
    for token in [None, "nonsense"]:
        answer = await house.request("POST", "/sign-out", bearer=token)
        assert answer.status == 204
    await ada.ok("room:list")
