//! Notices a new build of the interface, and lets the crate compile before the first one.

use std::path::Path;

fn main() -> std::io::Result<()> {
    let interface = Path::new("../../ui/dist");
    // The folder is embedded, so it has to exist; an empty one makes `/` say how to build it.
    std::fs::create_dir_all(interface)?;
    println!("cargo:rerun-if-changed={}", interface.display());
    Ok(())
}
