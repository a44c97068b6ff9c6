"""Names of the event API, as its documentation gives them."""

# Changing calls: their `ok` has `seq`.
CHANGES = {
    "room:create", "room:update", "room:destroy", "room:restore", "room:join", "room:leave",
    "room:invite", "room:remove", "room:direct",
    "note:create", "note:update", "note:destroy", "note:restore",
    "message:send", "message:edit", "message:destroy",
    "member:update", "member:role", "member:remove", "member:unban", "session:update",
    "device:revoke",
}

READS = {
    "thanks", "room:open", "room:list", "room:read", "note:read", "note:list", "note:count",
    "message:list", "search", "member:list", "session:knocks", "session:invites",
    "session:devices",
}

# About people who are there now.
SIGNALS = {
    "member:ask", "member:answer", "knock:answer", "achtung:send", "session:invite",
    "session:uninvite", "session:invitation",
}

# Their answers say up to where the session was when they were carried out.
MAY_CHANGE = {"knock:answer", "session:invite", "session:invitation", "session:uninvite"}

CALLS = CHANGES | READS | SIGNALS

FACTS = {
    "sessionhosted", "sessionupdated",
    "memberjoined", "memberupdated", "rolechanged", "memberremoved", "memberunbanned",
    "devicerevoked",
    "roomcreated", "roomupdated", "roomdestroyed", "roomrestored", "roompurged",
    "roomjoined", "roomleft",
    "notecreated", "noteupdated", "noteedited", "notedestroyed", "noterestored", "notepurged",
    "messageposted", "messageedited", "messagedestroyed", "fileadded",
}

SERVER_SIGNALS = {
    "welcome", "user count", "presence", "note versions", "notetitles", "achtung", "request",
    "knock",
}
