#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../tests/yjs/meddling.rs"]
mod meddling;
#[path = "../../tests/yjs/update.rs"]
#[allow(dead_code)]
mod update;

fuzz_target!(|bytes: &[u8]| meddling::meddle(bytes));
