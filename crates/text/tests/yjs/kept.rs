//! What the fuzzer has found: bytes that between them reach all of the door that
//! it has reached, and whatever once did harm.

use std::fs;
use std::panic::catch_unwind;
use std::path::Path;

use crate::meddling::meddle;

#[test]
fn what_the_fuzzer_found_does_no_harm_any_more() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/kept");
    let mut tried = 0;
    for file in fs::read_dir(folder).expect("the folder is there") {
        let path = file.expect("the folder can be read").path();
        let bytes = fs::read(&path).expect("the file can be read");
        let done = catch_unwind(|| meddle(&bytes));
        assert!(done.is_ok(), "{}", path.display());
        tried += 1;
    }
    assert!(tried > 100, "{tried}");
}
