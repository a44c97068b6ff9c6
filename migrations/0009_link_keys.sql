-- By which keys a member's apps came in: the SHA-256 of the public key that an app proved to hold in
-- the handshake. Not a column of sign_ins, because those end, by signing out or by a host's hand,
-- and who was removed or banned is to be recognised all the same. Forgotten when a ban is lifted.
create table link_keys (
    key blob not null check (length(key) = 32),
    member integer not null references ids (no),
    primary key (key, member)
) strict, without rowid;

-- To forget those of a member.
create index link_keys_by_member on link_keys (member);

pragma user_version = 9;
