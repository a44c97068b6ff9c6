"""What is left unread, per person and room."""

import pytest_asyncio

from support.client import new_id


@pytest_asyncio.fixture
async def general(ada, ben):
    return ada.snapshot["rooms"][0]["id"]


async def unread(client, room):
    rooms = (await client.ok("room:list"))["rooms"]
    return next(one["unread"] for one in rooms if one["id"] == room)


async def test_messages_of_others_count_until_they_are_read(ada, ben, general):
    seqs = [(await ada.ok("message:send", room=general, body=str(n)))["seq"] for n in range(3)]
    assert await unread(ben, general) == 3
    assert await unread(ada, general) == 0
    assert await ben.ok("room:read", room=general, seq=seqs[1]) == {"unread": 1}
    assert await unread(ben, general) == 1
    assert await ben.ok("room:read", room=general, seq=seqs[2]) == {"unread": 0}


async def test_reading_never_goes_backwards(ada, ben, general):
    seqs = [(await ada.ok("message:send", room=general, body=str(n)))["seq"] for n in range(2)]
    await ben.ok("room:read", room=general, seq=seqs[1])
    assert await ben.ok("room:read", room=general, seq=seqs[0]) == {"unread": 0}


async def test_reading_into_the_future_reads_what_is_there_and_no_more(ada, ben, general):
    assert await ben.ok("room:read", room=general, seq=1_000_000) == {"unread": 0}
    await ada.ok("message:send", room=general, body="later")
    assert await unread(ben, general) == 1


async def test_what_is_read_is_read_on_every_socket_and_after_a_restart(house, ada, ben, general):
    seqs = [(await ada.ok("message:send", room=general, body=str(n)))["seq"] for n in range(2)]
    tab = await house.connect(ben.token)
    await ben.ok("room:read", room=general, seq=seqs[0])
    assert await unread(tab, general) == 1
    await house.restart()
    again = await house.connect(ben.token)
    assert await unread(again, general) == 1
    assert (await again.thank())["snapshot"]["rooms"][0]["unread"] == 1


async def test_who_reads_is_nobody_else_s_business(house, ada, ben, general):
    seq = (await ada.ok("message:send", room=general, body="hello"))["seq"]
    await ben.ok("room:read", room=general, seq=seq)
    await house.settle()
    assert ada.fact_names()[-1] == "messageposted"


async def test_what_was_there_before_one_joined_is_not_unread(house, ada, ben):
    room = (await ada.ok("room:create", name="Garden"))["room"]["id"]
    await ada.ok("message:send", room=room, body="before")
    assert await unread(ben, room) == 0
    joined = await ben.ok("room:join", room=room)
    assert joined["room"]["unread"] == 0
    await ada.ok("message:send", room=room, body="after")
    assert await unread(ben, room) == 1
    await ben.ok("room:leave", room=room)
    assert await unread(ben, room) == 0


async def test_a_message_that_was_taken_back_is_not_unread(ada, ben, general):
    message = (await ada.ok("message:send", room=general, body="oops"))["message"]["id"]
    await ada.ok("message:destroy", message=message)
    assert await unread(ben, general) == 0


async def test_a_number_that_is_none_is_a_bad_request(ben, general):
    for seq in [-1, "1", 1.5, None]:
        await ben.refused("room:read", "bad_request", room=general, seq=seq)
    await ben.refused("room:read", "not_found", room=new_id(), seq=0)
