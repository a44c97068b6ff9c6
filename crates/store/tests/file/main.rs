//! The promises of the session file, on real files in fresh folders.

mod support;
mod world;

mod calls;
mod log;
mod projections;
mod rebuild;

mod files;
mod messages;
mod notes;
mod sign_ins;

mod backup;
mod copies;
mod copy_histories;
mod outbox;

mod copy_crash;
mod crash;
#[cfg(target_os = "linux")]
mod disks;
mod earlier;
mod open;
mod purge;
mod refusals;
mod search;
mod size;
