-- Members whom the host removed stay: the notes and messages of theirs are there, and need a name.
-- 1: removed; 2: removed, and kept out even by an invitation.
alter table members
    add column removed integer not null default 0 check (removed in (0, 1, 2));

-- To end every sign-in of a member.
create index sign_ins_by_member on sign_ins (member);

pragma user_version = 6;
