-- Which member each Yjs client id of a checkpointed text belongs to: an edit made under somebody
-- else's id is refused, and the text alone does not say whose an id is.
alter table checkpoints add column owners blob not null default x'';

pragma user_version = 4;
