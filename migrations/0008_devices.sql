-- A sign-in is a device as hosts see it: they list and revoke it by an id.
alter table sign_ins add column id blob check (length(id) = 16);
alter table sign_ins add column app integer not null default 0 check (app in (0, 1));
-- Where it came from, for people to recognise it by.
alter table sign_ins add column address text;

update sign_ins set id = randomblob(16);

create unique index sign_ins_by_id on sign_ins (id);

pragma user_version = 8;
