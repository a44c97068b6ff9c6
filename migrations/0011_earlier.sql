-- A copy whose host has got another history is set aside, and what it has that the new one lacks is
-- offered to its person.

-- The copies from before of which something may still be offered.
create table earlier (
    no integer primary key,
    -- The file's name, in the folder that this file is in: a folder may be carried elsewhere.
    file text not null unique check (length(file) > 0),
    -- Whether this copy has been whole since: before that everything would seem to be missing.
    is_ready integer not null default 0 check (is_ready in (0, 1)),
    -- What is not to be offered any more: a JSON list.
    discarded text not null default '[]' check (json_type(discarded) = 'array')
) strict;

pragma user_version = 11;
