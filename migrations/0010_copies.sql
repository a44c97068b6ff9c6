-- A session file can be a copy of one that is hosted elsewhere: its facts have the host's numbers,
-- which rise but are not consecutive, because what this person may not see is not among them.

-- One row in a file that is a copy, none in one that is hosted here.
create table copy (
    one integer primary key check (one = 1),
    -- Who the person is that this copy belongs to, as the host knows them. Not a number of `ids`,
    -- because that begins empty.
    member blob not null check (length(member) = 16),
    -- Where the host was reached last, the best place first: a JSON list.
    addresses text not null check (json_type(addresses) = 'array'),
    -- SHA-256 of the host's public key; null for a host on this machine that speaks no TLS.
    fingerprint blob check (length(fingerprint) = 32),
    -- What the host knows us by. A secret.
    token text not null,
    -- Everything the member may see up to this number is here.
    next integer not null,
    -- A run of the host in which that number had been reached; null before the first facts came.
    run blob check (length(run) = 16),
    -- How far the host was when it told the last of the past of something. A note that moved up to
    -- then may have been out of its room already, and not be here whole.
    told_at integer not null default 0,
    -- Counts what came into and went out of sight, for what is made from this file.
    sights integer not null default 0
) strict;

-- Rooms and notes that came into sight and of whose past not all is here yet. Until it is, they are
-- in no projection.
create table copy_pasts (
    -- The room or the note.
    no integer primary key references ids (no),
    is_room integer not null check (is_room in (0, 1)),
    -- What is there, and what there is to be.
    next integer not null,
    until integer not null check (until >= next)
) strict;

-- Calls that wait for the host, in the order they were made, and those that it refused for good.
-- Numbers are never given again, so that order is the order of making.
create table outbox (
    no integer primary key autoincrement,
    id blob not null unique check (length(id) = 16),
    -- Its name and what was sent with it, as JSON.
    call text not null,
    payload text not null check (json_valid(payload)),
    -- The facts it is to become: a JSON list.
    facts text not null check (json_type(facts) = 'array'),
    -- Ids of the calls that it makes no sense without: a JSON list.
    needs text not null check (json_type(needs) = 'array'),
    made_at integer not null,
    -- The call that the host refused: this one, or one that this one needs.
    bundle integer references outbox (no) deferrable initially deferred,
    -- On the refused call itself: why, as JSON.
    error text check (json_valid(error)),
    check (error is null or bundle = no)
) strict;

create index outbox_by_bundle on outbox (bundle) where bundle is not null;

-- Up to here numbers may be missing from the log: it was a copy before it was hosted here.
alter table session add column gaps_until integer not null default 0;

-- Whether somebody was in a room at some time.
create index facts_about_member on facts (subject, room) where subject is not null;

-- Nobody can tell any more who was in a purged room, so its end is looked for in the log.
create index facts_that_purge_rooms on facts (seq) where kind = 24;

pragma user_version = 10;
