-- Pictures and other files of rooms. Which there are is in the log; their bytes are not, and cannot
-- be made again from it.

-- A file's bytes, once, however many rooms have it. In parts, so that taking one in never keeps the
-- writer for longer than a part takes, and giving one out never holds more than a part in memory.
create table file_contents (
    no integer primary key,
    -- SHA-256.
    hash blob not null unique check (length(hash) = 32),
    -- Of all parts together; while some are missing nobody is given any.
    size integer not null check (size > 0)
) strict;

create table file_parts (
    content integer not null references file_contents (no),
    part integer not null,
    bytes blob not null,
    -- Not the primary key of a table without rowids: rows that large make a poor index.
    unique (content, part)
) strict;

-- Which files a room has: a projection of `fileadded`.
create table files (
    room integer not null references rooms (no),
    hash blob not null check (length(hash) = 32),
    name text not null,
    type text not null,
    size integer not null,
    -- The fact that says so, to blank its name when the room is purged.
    seq integer not null,
    primary key (room, hash)
) strict, without rowid;

-- To find bytes that no room has any more.
create index files_by_hash on files (hash);

pragma user_version = 5;
