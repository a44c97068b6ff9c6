-- What is in the file and not in the log: secrets, marks that change too often to be told, and what
-- only saves work. Rebuilding leaves all of it alone, so it refers to ids and to no projection.

-- What the session was when it was made, and what only its host knows. One row; a file without it
-- holds no session yet.
create table session (
    one integer primary key check (one = 1),
    id blob not null check (length(id) = 16),
    name text not null,
    admission text not null check (admission in ('ask', 'pin', 'anyone')),
    guests text not null check (guests in ('viewer', 'editor', 'host')),
    browsers text not null check (browsers in ('encrypted', 'plain', 'off')),
    -- Readable, because the host's own screen shows it.
    pin text,
    -- The member who is the person this file belongs to.
    owner integer references ids (no),
    -- Which way of projecting made what is in 0002; an older one is made again on opening.
    projections integer not null
) strict;

-- How somebody is known. Only a hash: who reads this file cannot sign in with it.
create table sign_ins (
    hash blob primary key check (length(hash) = 32),
    member integer not null references ids (no),
    created_at integer not null,
    used_at integer not null
) strict, without rowid;

create table invites (
    hash blob primary key check (length(hash) = 32),
    role text not null check (role in ('viewer', 'editor', 'host')),
    -- One that is used up is deleted.
    uses_left integer not null check (uses_left > 0),
    expires_at integer not null,
    made_at integer not null
) strict, without rowid;

-- How far a member has read a room.
create table reads (
    member integer not null references ids (no),
    room integer not null references ids (no),
    seq integer not null,
    primary key (member, room)
) strict, without rowid;

-- A note's text at a version, so that opening it replays little. With rowids: a state can be a
-- megabyte, and rows that large make a poor index.
create table checkpoints (
    note integer not null references ids (no),
    version integer not null,
    state blob not null,
    unique (note, version)
) strict;

-- The number of the newest migration, where a build that does not know it yet can see it without
-- reading a table. Every migration ends with such a line.
pragma user_version = 3;
