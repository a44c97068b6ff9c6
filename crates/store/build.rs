//! Rebuilds the crate when a migration is added: `migrate!` reads them while compiling, and cargo
//! does not watch folders outside the crate by itself.

fn main() {
    println!("cargo:rerun-if-changed=../../migrations");
}
