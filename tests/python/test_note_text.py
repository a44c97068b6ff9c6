"""The text of a note, written by clients that know no Yjs: whole, or by changes, and merged."""

import asyncio

import pytest
import pytest_asyncio

from support import shapes


@pytest_asyncio.fixture
async def general(ada):
    return ada.snapshot["rooms"][0]["id"]


@pytest_asyncio.fixture
async def write(ada, general):
    """Makes a note with this text and gives back its key."""

    async def make(body):
        made = await ada.ok("note:create", room=general, title="Text", body=body)
        return made["note"]["key"]

    return make


async def body_of(client, key, **version):
    return (await client.ok("note:read", key=key, **version))["note"]["body"]


async def test_a_whole_body_replaces_the_text_and_makes_one_version(ada, write):
    key = await write("one")
    changed = await ada.ok("note:update", key=key, version=1, body="one two")
    assert set(changed) == {"note", "seq"}
    shapes.note_with_body(changed["note"], version=2, body="one two")
    assert await body_of(ada, key) == "one two"


async def test_changes_replace_insert_and_remove_by_position(ada, write):
    key = await write("The quick fox")
    changes = [
        {"from": 0, "to": 3, "insert": "A"},
        {"from": 4, "insert": "very "},
        {"from": 9, "to": 13},
    ]
    changed = await ada.ok("note:update", key=key, version=1, changes=changes)
    shapes.note_with_body(changed["note"], version=2, body="A very quick")


async def test_a_body_against_an_older_version_keeps_what_others_wrote(ada, ben, write):
    key = await write("red green blue")
    await ada.ok("note:update", key=key, version=1, body="dark red green blue")
    merged = await ben.ok("note:update", key=key, version=1, body="red green light blue")
    shapes.note_with_body(merged["note"], version=3, body="dark red green light blue",
                          updated_by=ben.id)


async def test_changes_against_an_older_version_are_counted_in_that_version(ada, ben, write):
    key = await write("red green blue")
    await ada.ok("note:update", key=key, version=1, changes=[{"from": 0, "insert": "0123456789"}])
    merged = await ben.ok("note:update", key=key, version=1, changes=[{"from": 14, "insert": "!"}])
    assert merged["note"]["body"] == "0123456789red green blue!"
    again = await ada.ok(
        "note:update", key=key, version=2, changes=[{"from": 0, "to": 10, "insert": ""}]
    )
    assert again["note"]["body"] == "red green blue!"


async def test_everybody_writing_at_once_loses_nobody_s_words(house, ada, ben, write):
    key = await write("start\n")
    people = [ada, ben, await house.join("Cleo"), await house.join("Dora")]
    added = [(client, f"{client.member['name']} {n}") for n in range(5) for client in people]
    answers = await asyncio.gather(*(
        client.ok("note:update", key=key, version=1, changes=[{"from": 6, "insert": line + "\n"}])
        for client, line in added
    ))
    assert len({answer["seq"] for answer in answers}) == 20
    for (_, line), answer in zip(added, answers, strict=True):
        assert line in answer["note"]["body"].splitlines()
    note = (await ada.ok("note:read", key=key))["note"]
    assert note["version"] == 21
    lines = note["body"].splitlines()
    assert lines[0] == "start" and sorted(lines[1:]) == sorted(line for _, line in added)


async def test_the_text_in_an_answer_is_the_text_at_the_version_it_says(house, ada, write):
    key = await write("")
    calls = [ada.send("note:update", {"key": key, "version": 0, "body": f"{n}\n"})
             for n in range(10)]
    for note in [(await call)["ok"]["note"] for call in calls]:
        assert note["body"] == await body_of(ada, key, version=note["version"])


async def test_what_one_person_removed_stays_removed_when_another_writes_elsewhere(ada, ben, write):
    key = await write("keep remove keep")
    await ada.ok("note:update", key=key, version=1, changes=[{"from": 5, "to": 12}])
    more = [{"from": 16, "insert": " more"}]
    merged = await ben.ok("note:update", key=key, version=1, changes=more)
    assert merged["note"]["body"] == "keep keep more"


async def test_every_version_can_be_read_later(ada, write):
    key = await write("1")
    for text in ["12", "123", "23"]:
        version = (await ada.ok("note:read", key=key))["note"]["version"]
        await ada.ok("note:update", key=key, version=version, body=text)
    texts = [await body_of(ada, key, version=version) for version in range(5)]
    assert texts == ["", "1", "12", "123", "23"]
    read = (await ada.ok("note:read", key=key, version=2))["note"]
    shapes.note_with_body(read, version=2, body="12")


async def test_old_versions_are_there_after_the_host_was_opened_again(house, ada, write):
    key = await write("first")
    await ada.ok("note:update", key=key, version=1, body="second")
    await house.restart()
    again = await house.connect(ada.token)
    assert await body_of(again, key, version=1) == "first"
    merged = await again.ok("note:update", key=key, version=1, body="first!")
    assert merged["note"]["version"] == 3


async def test_the_same_text_again_makes_no_version(house, ada, write):
    key = await write("same")
    unchanged = await ada.ok("note:update", key=key, version=1, body="same")
    shapes.note_with_body(unchanged["note"], version=1, body="same")
    none = await ada.ok("note:update", key=key, version=1, changes=[])
    shapes.note_with_body(none["note"], version=1, body="same")


async def test_positions_are_utf16_units_so_an_emoji_counts_two(ada, write):
    key = await write("a😀b")
    changed = await ada.ok("note:update", key=key, version=1, changes=[{"from": 3, "insert": "é"}])
    assert changed["note"]["body"] == "a😀éb"
    changed = await ada.ok("note:update", key=key, version=2, changes=[{"from": 1, "to": 3}])
    assert changed["note"]["body"] == "aéb"
    family = "👨‍👩‍👧‍👦"
    units = len(family.encode("utf-16-le")) // 2
    key = await write(f"{family}|")
    changed = await ada.ok("note:update", key=key, version=1,
                           changes=[{"from": units, "to": units + 1, "insert": "😀"}])
    assert changed["note"]["body"] == family + "😀"


async def test_a_position_inside_an_emoji_never_leaves_half_of_it(ada, write):
    key = await write("a😀b")
    answer = await ada.ask(
        "note:update", {"key": key, "version": 1, "changes": [{"from": 2, "insert": "x"}]}
    )
    body = await body_of(ada, key)
    body.encode("utf-8")
    if "error" in answer:
        ada.check_error(answer["error"], "bad_request")
        assert body == "a😀b"
    else:
        assert body.replace("x", "") == "a😀b"


async def test_emoji_that_share_halves_are_replaced_whole(ada, write):
    key = await write("😀😁😂")
    changed = await ada.ok("note:update", key=key, version=1, body="😃😁😄")
    assert changed["note"]["body"] == "😃😁😄"


async def test_line_breaks_of_every_system_become_one_kind(ada, general, write):
    key = await write("one\r\ntwo\rthree\n")
    assert await body_of(ada, key) == "one\ntwo\nthree\n"
    changed = await ada.ok("note:update", key=key, version=1, body="one\r\ntwo\r\nthree\r\nfour")
    shapes.note_with_body(changed["note"], version=2, body="one\ntwo\nthree\nfour")
    changed = await ada.ok("note:update", key=key, version=2,
                           changes=[{"from": 3, "to": 4, "insert": "\r\n\r\n"}])
    assert changed["note"]["body"] == "one\n\ntwo\nthree\nfour"
    same = await ada.ok("note:update", key=key, version=3, body="one\r\n\r\ntwo\r\nthree\r\nfour")
    assert same["note"]["version"] == 3


async def test_a_note_holds_a_mebibyte_and_not_a_byte_more(ada, general, write):
    limit = ada.welcome["limits"]["note_bytes"]
    assert limit == 1_048_576
    await ada.refused("note:create", "too_large", room=general, title="T", body="x" * (limit + 1))
    await ada.refused("note:create", "too_large", room=general, title="T",
                      body="é" * (limit // 2) + "x")
    key = await write("x" * limit)
    await ada.refused("note:update", "too_large", key=key, version=1,
                      changes=[{"from": 0, "insert": "y"}])
    shorter = await ada.ok("note:update", key=key, version=1, changes=[{"from": 10, "to": limit}])
    assert shorter["note"]["body"] == "x" * 10
    # Each fits by itself; together with what was written meanwhile they would not.
    await ada.ok("note:update", key=key, version=2, body="x" * 10 + "y" * (limit - 10))
    await ada.refused("note:update", "too_large", key=key, version=2,
                      changes=[{"from": 0, "insert": "z"}])


@pytest.mark.parametrize("changes", [
    [{"from": 6, "insert": "x"}],
    [{"from": 0, "to": 6}],
    [{"from": 3, "to": 2}],
    [{"from": 0, "to": 3}, {"from": 2, "to": 4}],
    [{"from": 3, "insert": "x"}, {"from": 1, "insert": "y"}],
    [{"from": -1, "insert": "x"}],
    [{"from": 0.5, "insert": "x"}],
    [{"insert": "x"}],
    [{"from": 4_294_967_296}],
    "text",
    [7],
])
async def test_changes_that_do_not_fit_the_text_are_a_bad_request(ada, write, changes):
    key = await write("12345")
    await ada.refused("note:update", "bad_request", key=key, version=1, changes=changes)
    assert await body_of(ada, key) == "12345"


async def test_changes_may_touch_each_other(ada, write):
    key = await write("12345")
    changed = await ada.ok("note:update", key=key, version=1,
                           changes=[{"from": 0, "to": 2}, {"from": 2, "to": 4, "insert": "x"}])
    assert changed["note"]["body"] == "x5"


async def test_a_version_that_does_not_exist_yet_is_a_bad_request(ada, write):
    key = await write("text")
    await ada.refused("note:update", "bad_request", key=key, version=2, body="new")
    await ada.refused("note:update", "bad_request", key=key, version=2, changes=[])
    await ada.refused("note:read", "bad_request", key=key, version=2)
    await ada.refused("note:read", "bad_request", key=key, version=-1)


async def test_a_text_without_a_version_or_both_ways_at_once_is_a_bad_request(ada, write):
    key = await write("text")
    await ada.refused("note:update", "bad_request", key=key, body="new")
    await ada.refused("note:update", "bad_request", key=key, changes=[])
    await ada.refused("note:update", "bad_request", key=key, version=1, body="new", changes=[])
    await ada.refused("note:update", "bad_request", key=key)
    assert await body_of(ada, key) == "text"


async def test_writing_can_start_from_nothing(ada, ben, general):
    key = (await ada.ok("note:create", room=general, title="Empty"))["note"]["key"]
    await ada.ok("note:update", key=key, version=0, body="Ada's\n")
    merged = await ben.ok("note:update", key=key, version=0, body="Ben's\n")
    assert sorted(merged["note"]["body"].splitlines()) == ["Ada's", "Ben's"]
    emptied = await ada.ok("note:update", key=key, version=2, body="")
    shapes.note_with_body(emptied["note"], version=3, body="")
