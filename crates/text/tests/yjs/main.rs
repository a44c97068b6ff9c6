//! Notes that real Yjs clients write, against this crate as their host.
//!
//! Genuine edits always pass, whatever others send meanwhile, and everybody's
//! text is the same afterwards: the host's, each client's, and that of the log
//! read back in any order.

mod attacker;
mod bend;
mod expensive;
mod genuine;
mod handmade;
mod host;
mod hostile;
mod kept;
mod malformed;
mod meddling;
mod memory;
mod node;
mod order;
mod random;
mod table;
mod update;

/// How many times to do something: `few`, or `many` if `HEARTH_LONG` is set.
fn times(few: u64, many: u64) -> u64 {
    if std::env::var_os("HEARTH_LONG").is_some() {
        many
    } else {
        few
    }
}

/// The seed to begin with: 1, or what `HEARTH_SEED` says, to see one run again.
fn first_seed() -> u64 {
    let seed = std::env::var("HEARTH_SEED").ok();
    seed.map_or(1, |seed| seed.parse().expect("HEARTH_SEED is a number"))
}
