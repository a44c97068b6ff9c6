-- The log: every lasting change, numbered, in order. It is what clients replay, what history shows,
-- and what everything in 0002 can be made from again. Rows are appended and, to blank a text that
-- somebody took back, updated; none is ever deleted.

-- "Hrth": tells a session file from any other SQLite file before anything is read from it.
pragma application_id = 1215460456;

-- Members, rooms and notes get small numbers, because a log row would otherwise repeat 16 bytes for
-- each. The numbers belong to the log, not to the projections: rebuilding must not renumber.
-- One table for all three kinds, so a number is one lookup whatever it stands for.
create table ids (
    no integer primary key,
    id blob not null unique check (length(id) = 16)
) strict;

create table facts (
    -- The rowid itself: appending never moves a row, and reading in order is reading the table.
    seq integer primary key,
    -- Milliseconds since 1970; 6 bytes where a text would take 24.
    at integer not null,
    -- The number that stands for the fact's name.
    kind integer not null,
    -- Who did it; null when no call made it.
    made_by integer references ids (no),
    -- The id of the call that made it.
    call blob check (length(call) = 16),
    -- Of the call's contents, on the call's first fact only: a repeat must have the same.
    digest blob check (length(digest) = 8),
    -- The room whose members it concerns; null: everybody.
    room integer references ids (no),
    -- The note it is about.
    note integer references ids (no),
    -- The member who came into or went out of a room.
    subject integer references ids (no),
    -- When it changes a message: the number of the fact that posted it.
    message integer,
    -- The version a note's edit made.
    version integer,
    -- A note's edit: its bytes. Any other fact: its fields as JSON text.
    body any not null,
    -- 1: its text was blanked because somebody took it back or it was purged.
    redacted integer not null default 0 check (redacted in (0, 1))
) strict;

-- Answers repeats, and keeps one call from being written down twice whatever happens above. Only
-- first facts carry a digest, so a call with many facts has one entry.
create unique index facts_by_call on facts (call, made_by) where digest is not null;

-- A note's edits in order. Unique: two edits can never make the same version.
create unique index facts_by_edit on facts (note, version) where kind = 32;

-- Replaying without notes' edits, of which most logs consist, must not read them. The three indexes
-- below cost an edit nothing, which is why they are partial.
create index facts_but_edits on facts (seq) where kind <> 32;

-- To blank titles when a note is purged.
create index facts_about_note on facts (note) where kind <> 32 and note is not null;

-- To blank a message's earlier texts when it is destroyed.
create index facts_about_message on facts (message) where message is not null;
