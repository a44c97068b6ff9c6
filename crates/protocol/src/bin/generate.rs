//! Writes the TypeScript types of the event API into the interface's sources.

fn main() -> std::io::Result<()> {
    let target = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../ui/src/lib/protocol/index.ts"
    );
    if let Some(folder) = std::path::Path::new(target).parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(target, hearth_protocol::typescript::generate())
}
