//! Writes what the interface takes from the event API into its sources.

use std::path::Path;

use hearth_protocol::typescript;

fn main() -> std::io::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ui/src/lib/protocol");
    std::fs::create_dir_all(&folder)?;
    std::fs::write(folder.join("index.ts"), typescript::generate())?;
    std::fs::write(folder.join("fingerprints.json"), typescript::fingerprints())
}
