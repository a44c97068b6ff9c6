"""The host has an announcement for everybody, wherever they are connected."""


async def test_an_announcement_reaches_everybody_in_both_namespaces(house, hanna, ada, ben):
    home = await house.connect(ada.token, namespaces=["/home"])
    both = await house.connect(ben.token, namespaces=["/", "/home"])
    silent = await house.connect((await house.sign_in("Eve")).json["token"])
    assert await hanna.ok("achtung:send", warning="Tea is ready") == {}
    expected = {"warning": "Tea is ready", "by": hanna.id}
    for client in [hanna, ada, ben, home, silent]:
        assert await client.hear("achtung") == expected
    await both.hear("achtung")
    await both.hear("achtung")
    heard = [one.namespace for one in both.heard_all if one.event == "achtung"]
    assert sorted(heard) == ["/", "/home"]


async def test_only_the_host_announces(house, hanna, ada):
    await ada.refused("achtung:send", "forbidden", warning="Fire!")
    await house.settle()
    assert hanna.heard("achtung") == []


async def test_an_announcement_says_something(hanna):
    await hanna.refused("achtung:send", "bad_request", warning=" ")
    await hanna.refused("achtung:send", "bad_request")
    await hanna.refused("achtung:send", "too_large", warning="x" * 4_001)


async def test_an_announcement_is_not_kept(house, hanna, ada):
    head = (await ada.thank())["head"]
    await hanna.ok("achtung:send", warning="Once")
    again = await house.connect(ada.token)
    assert (await again.ok("thanks", since=head))["facts"] == []
    assert again.heard("achtung") == []
