"""The objects of the event API: exactly these fields, each of its kind."""

import re
import uuid

TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$")
COLOR = re.compile(r"^#[0-9a-f]{6}$")


def is_id(value):
    return isinstance(value, str) and str(uuid.UUID(value)) == value


def is_time(value):
    return isinstance(value, str) and TIME.match(value) is not None


def is_text(value):
    return isinstance(value, str)


def is_number(value):
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def is_yes_or_no(value):
    return isinstance(value, bool)


def is_color(value):
    return isinstance(value, str) and COLOR.match(value) is not None


def one_of(*values):
    return lambda value: value in values


is_role = one_of("host", "editor", "viewer")


def is_pair(value):
    return isinstance(value, list) and len(value) == 2 and all(map(is_id, value))


def shape(required, optional=None):
    """Asserts that an object has these fields and no other, and gives it back."""
    optional = optional or {}

    def check(value, **wanted):
        assert isinstance(value, dict), value
        names = set(value)
        assert set(required) <= names <= set(required) | set(optional), value
        for name, kind in {**optional, **required}.items():
            if name in value:
                assert kind(value[name]), f"{name}: {value[name]!r}"
        for name, expected in wanted.items():
            assert value.get(name) == expected, f"{name}: {value.get(name)!r}"
        return value

    return check


session = shape({
    "id": is_id, "name": is_text, "run": is_id, "guests": is_role,
    "admission": one_of("ask", "pin", "anyone"),
    "browsers": one_of("encrypted", "plain", "off"),
})

member = shape({
    "id": is_id, "name": is_text, "color": is_color, "role": is_role, "guest": is_yes_or_no,
})

ROOM = {"id": is_id, "name": is_text, "topic": is_text, "private": is_yes_or_no}
ROOM_MAYBE = {"direct": is_pair, "destroyed_at": is_time}

# In a fact: the same for everybody.
room = shape(ROOM, ROOM_MAYBE)

# In an answer: with what depends on who asks.
room_view = shape(
    {**ROOM, "joined": is_yes_or_no, "members": is_number, "unread": is_number}, ROOM_MAYBE
)

NOTE = {
    "id": is_id, "key": is_id, "room": is_id, "title": is_text, "version": is_number,
    "created_at": is_time, "created_by": is_id, "updated_at": is_time, "updated_by": is_id,
}

note = shape(NOTE, {"trashed_at": is_time})
note_with_body = shape({**NOTE, "body": is_text}, {"trashed_at": is_time})

note_line = shape({
    "key": is_id, "title": is_text, "room": is_id, "version": is_number, "updated_at": is_time,
})

message = shape(
    {"id": is_id, "seq": is_number, "room": is_id, "body": is_text, "at": is_time, "by": is_id},
    {"edited_at": is_time, "note": is_id},
)

person = shape(
    {
        "member": is_id, "socket": is_text, "name": is_text, "color": is_color, "role": is_role,
        "state": one_of("active", "idle", "gone"),
    },
    {"room": is_id, "note": is_id, "typing": is_yes_or_no},
)

knock = shape({
    "knock": is_id, "name": is_text, "address": is_text, "state": one_of("waiting", "gone"),
})


def anything(_):
    return True


def fact(payload, *own, by=None, call=None):
    """A fact as an event: `seq`, `at`, its own fields, and who and what made it, if a call did."""
    expected = {"seq", "at", *own} | ({"by", "id"} if by else set())
    assert set(payload) == expected, payload
    assert is_number(payload["seq"]) and is_time(payload["at"]), payload
    if by:
        assert payload["by"] == by, payload
        assert is_id(payload["id"]), payload
    if call:
        assert payload["id"] == call, payload
    return payload
