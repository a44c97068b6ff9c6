-- What the log amounts to now. Written in the same transaction as the facts; can be thrown away and
-- made again from the log, so nothing that is only here may matter.

-- The session as its last change left it. One row.
create table settings (
    one integer primary key check (one = 1),
    name text not null,
    admission text not null check (admission in ('ask', 'pin', 'anyone')),
    guests text not null check (guests in ('viewer', 'editor', 'host')),
    browsers text not null check (browsers in ('encrypted', 'plain', 'off'))
) strict;

-- Openings for hosting. Each begins with the fact that says so.
create table runs (
    first_seq integer primary key,
    run blob not null unique check (length(run) = 16)
) strict;

create table members (
    no integer primary key references ids (no),
    name text not null,
    color text not null,
    role text not null check (role in ('viewer', 'editor', 'host')),
    guest integer not null check (guest in (0, 1))
) strict;

create table rooms (
    no integer primary key references ids (no),
    name text not null,
    topic text not null,
    private integer not null check (private in (0, 1)),
    -- The two of a direct conversation, in the order the fact gave them.
    direct_a integer references ids (no),
    direct_b integer references ids (no),
    destroyed_at integer,
    -- Null for a room that no call made.
    created_by integer references ids (no),
    check ((direct_a is null) = (direct_b is null))
) strict;

create table room_members (
    room integer not null references rooms (no),
    member integer not null references members (no),
    -- Of the joining: what came before it does not count as unread.
    joined_seq integer not null,
    primary key (room, member)
) strict, without rowid;

create table notes (
    no integer primary key references ids (no),
    room integer not null references rooms (no),
    title text not null,
    version integer not null,
    created_at integer not null,
    created_by integer not null references ids (no),
    updated_at integer not null,
    updated_by integer not null references ids (no),
    trashed_at integer
) strict;

-- To find what goes with a purged room.
create index notes_by_room on notes (room);

create table messages (
    -- Of the fact that posted it.
    seq integer primary key,
    id blob not null unique check (length(id) = 16),
    room integer not null references rooms (no),
    made_by integer not null references ids (no),
    body text not null,
    at integer not null,
    edited_at integer,
    note integer references ids (no),
    made_at integer,
    destroyed integer not null default 0 check (destroyed in (0, 1))
) strict;

-- Lists walk it backwards; the last two columns let unread messages be counted in it alone.
create index messages_by_room on messages (room, seq, made_by, destroyed);
