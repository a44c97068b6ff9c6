"""Who may have a socket, by which transport, and how a refusal is told."""

import pytest

from support.client import Refused


async def refused(house, token=None, **options):
    with pytest.raises(Refused) as refusal:
        await house.connect(token, **options)
    return refusal.value.args[0]


async def test_who_is_not_known_is_refused_with_exactly_a_code(house):
    assert await refused(house) == {"/": {"message": "unauthorized"}}
    for auth in [{}, {"token": "wrong"}, {"token": 7}, {"token": ""}, {"token": None}]:
        assert await refused(house, auth=auth) == {"/": {"message": "unauthorized"}}, auth
    assert await refused(house, namespaces=["/home"]) == {"/home": {"message": "unauthorized"}}


async def test_the_cookie_of_a_sign_in_makes_the_socket_known(house):
    signed_in = (await house.sign_in("Ada")).json
    cookie = f"theme=dark; {house.cookie_name}={signed_in['token']}"
    ada = await house.connect(headers={"Cookie": cookie})
    assert ada.member == signed_in["member"]
    wrong = f"{house.cookie_name}=wrong"
    assert await refused(house, headers={"Cookie": wrong}) == {"/": {"message": "unauthorized"}}


async def test_a_token_counts_more_than_a_cookie(house):
    ada, ben = [(await house.sign_in(name)).json for name in ["Ada", "Ben"]]
    cookie = {"Cookie": f"{house.cookie_name}={ada['token']}"}
    client = await house.connect(ben["token"], headers=cookie)
    assert client.member == ben["member"]


@pytest.mark.parametrize("transports", [["websocket"], ["polling"], ["polling", "websocket"]])
async def test_every_transport_carries_the_whole_conversation(house, hanna, transports):
    signed_in = (await house.sign_in("Ada")).json
    ada = await house.connect(signed_in["token"], transports=transports)
    await ada.thank()
    assert ada.transport == transports[-1]
    room = ada.snapshot["rooms"][0]["id"]
    mine = await ada.ok("message:send", room=room, body="from Ada")
    theirs = await hanna.ok("message:send", room=room, body="from Hanna")
    heard = [(await ada.hear("messageposted"))["message"] for _ in range(2)]
    assert heard == [mine["message"], theirs["message"]]


async def test_polling_carries_many_calls_at_once_in_order(serve):
    house = await serve("--limits", "off")
    token = (await house.sign_in("Ada")).json["token"]
    ada = await house.connect(token, transports=["polling"])
    calls = [ada.send("room:create", {"name": str(number)}) for number in range(60)]
    made = [(await call)["ok"]["room"]["name"] for call in calls]
    assert made == [str(number) for number in range(60)]


async def test_a_version_the_host_speaks_is_welcome_and_others_are_not(house, ada):
    lowest, highest = ada.welcome["protocol"]
    for version in [lowest, highest, None]:
        await house.connect(auth={"token": ada.token, "protocol": version})
    for version in [highest + 1, 0, -1, "1", 1.5, {}]:
        auth = {"token": ada.token, "protocol": version}
        assert await refused(house, auth=auth) == {"/": {"message": "version"}}, version


async def test_the_fifth_socket_of_a_member_replaces_the_oldest(house, hanna, ada):
    others = [await house.connect(ada.token) for _ in range(3)]
    assert ada.is_connected
    fifth = await house.connect(ada.token)
    assert await ada.hear_end() == "server disconnect"
    for client in [*others, fifth, hanna]:
        await client.ok("room:list")
    await house.settle()
    # The person was there all the time.
    assert [count["count"] for count in hanna.heard("user count")] == [1, 2]


async def test_beyond_the_session_s_sockets_it_is_full(serve):
    house = await serve("--limits", "sockets=2")
    ada, ben = await house.join("Ada"), await house.join("Ben")
    token = (await house.sign_in("Eve")).json["token"]
    assert await refused(house, token) == {"/": {"message": "full"}}
    await ada.close()
    await ben.hear("user count", lambda count: count == {"count": 1})
    await house.connect(token)


async def test_both_namespaces_share_one_connection_and_one_credential(house, hanna):
    token = (await house.sign_in("Ada")).json["token"]
    ada = await house.connect(token, namespaces=["/", "/home"])
    await ada.hear("notetitles")
    await ada.ok("room:list")


async def test_a_namespace_that_does_not_exist_refuses_everybody(house, ada):
    refusal = await refused(house, ada.token, namespaces=["/nowhere"])
    assert set(refusal) == {"/nowhere"}
    await ada.ok("room:list")


async def test_when_the_host_stops_its_clients_are_told_and_it_exits_with_zero(house, hanna, ada):
    room = hanna.snapshot["rooms"][0]["id"]
    sent = hanna.send("message:send", {"room": room, "body": "the last one"})
    message = (await sent)["ok"]["message"]
    house.terminate()
    await hanna.hear_end()
    await ada.hear_end()
    assert await house.ended() == 0
    await house.restart()
    again = await house.connect(ada.token)
    assert (await again.thank())["snapshot"]["messages"] == [message]
