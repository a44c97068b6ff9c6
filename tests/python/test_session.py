"""The session itself: its name, and who may come in, changed while it goes on."""

from support import shapes


async def test_everybody_hears_of_a_change_and_it_is_answered(house, hanna, ada):
    changed = await hanna.ok("session:update", name="Reading circle", guests="viewer")
    assert set(changed) == {"session", "seq"}
    session = shapes.session(changed["session"], id=house.session, name="Reading circle",
                             guests="viewer", admission="anyone")
    for client in [hanna, ada]:
        fact = shapes.fact(await client.hear("sessionupdated"), "session", by=hanna.id)
        assert shapes.session(fact["session"]) == session
        assert fact["seq"] == changed["seq"]
    assert (await house.request("GET", "/health")).json["session"] == house.session


async def test_a_new_name_greets_newcomers_and_outlives_the_host(house, hanna):
    await hanna.ok("session:update", name="Reading circle")
    await house.restart()
    ada = await house.join("Ada")
    assert ada.welcome["session"]["name"] == "Reading circle"
    assert "Reading circle" in ada.welcome["message"]


async def test_who_may_come_in_is_changed_while_hosting(house, hanna):
    await house.join("Ada")
    await hanna.ok("session:update", admission="pin", pin="4711")
    assert (await house.sign_in("Ben")).status == 401
    assert (await house.sign_in("Ben", pin="4711")).status == 201
    await hanna.ok("session:update", pin="1234")
    assert (await house.sign_in("Cleo", pin="4711")).status == 401
    assert (await house.sign_in("Cleo", pin="1234")).status == 201
    await hanna.ok("session:update", admission="ask")
    knock = await house.sign_in("Dora", pin="1234")
    assert knock.status == 202
    await hanna.ok("session:update", admission="anyone")
    assert (await house.sign_in("Eve")).status == 201


async def test_those_who_are_in_stay_in_when_admission_changes(house, hanna, ada):
    await hanna.ok("session:update", admission="ask")
    await ada.ok("room:list")
    assert (await house.sign_in("Ada", who=ada.token)).status == 201
    await house.connect(ada.token)


async def test_guests_come_in_as_what_the_host_says_from_then_on(house, hanna, ada):
    await hanna.ok("session:update", guests="viewer")
    ben = await house.join("Ben")
    assert ben.member["role"] == "viewer"
    await ben.refused("room:create", "forbidden", name="R")
    await ada.ok("room:create", name="R")


async def test_the_pin_is_told_to_nobody(house, hanna, ada):
    await hanna.ok("session:update", admission="pin", pin="471147114711")
    newcomer = await house.join("Ben", pin="471147114711")
    await house.settle()
    for client in [hanna, ada, newcomer]:
        assert "471147114711" not in str(client.heard_all)


async def test_changes_that_make_no_sense_are_a_bad_request(hanna):
    for fields in [{"admission": "pin"}, {"admission": "everyone"}, {"guests": "host"},
                   {"guests": "king"}, {"pin": "123"}, {"pin": "x" * 41}, {"name": ""},
                   {"browsers": "sometimes"}]:
        await hanna.refused("session:update", "bad_request", **fields)
    assert hanna.heard("sessionupdated") == []


async def test_browsers_off_is_for_browsers_and_leaves_other_clients_alone(house, hanna):
    changed = await hanna.ok("session:update", browsers="off")
    assert changed["session"]["browsers"] == "off"
    await hanna.ok("room:list")
    await hanna.ok("session:update", browsers="plain")
    await house.join("Ada")


async def test_a_host_with_a_pin_asks_for_it_unless_told_otherwise(serve):
    with_pin = await serve("--pin", "4711", admit=None)
    assert (await with_pin.sign_in("Ada")).status == 401
    anyone = await serve("--pin", "4711", admit="anyone")
    assert (await anyone.sign_in("Ada")).status == 201


async def test_the_name_on_the_command_line_is_the_session_s(serve):
    house = await serve("--name", "Book club")
    ada = await house.join("Ada")
    assert ada.welcome["session"]["name"] == "Book club"
    assert (await house.request("GET", "/health")).json["name"] == "Book club"
