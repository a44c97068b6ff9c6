-- Invitations are listed and revoked by an id, and stay known after their last use, so that whoever
-- comes too late is told that and not something else. Nothing has made one so far.
drop table invites;

create table invites (
    -- Of the secret: who reads this file cannot come in with it.
    hash blob primary key check (length(hash) = 32),
    id blob not null unique check (length(id) = 16),
    role text not null check (role in ('viewer', 'editor', 'host')),
    uses integer not null check (uses > 0),
    uses_left integer not null check (uses_left between 0 and uses),
    expires_at integer not null,
    made_at integer not null
) strict, without rowid;

pragma user_version = 7;
