//! Prepares what the window's package is compiled with: Tauri's context and permissions.

use std::{fs, path::Path};

use tauri_build::{AppManifest, Attributes, WindowsAttributes};

/// Stands in until the interface is built, so that the package compiles without npm.
const NOT_BUILT: &str =
    "<!doctype html><title>Hearth</title><p>The interface is not built. Run: cargo xtask ui\n";

fn main() {
    println!("cargo:rerun-if-changed=ui/dist");
    println!("cargo:rerun-if-changed=src-tauri/capabilities");
    println!("cargo:rerun-if-changed=src-tauri/permissions");
    make_interface_folder();
    // Everything is named, because by default Tauri looks for it beside the manifest.
    let attributes = Attributes::new()
        .capabilities_path_pattern("./src-tauri/capabilities/**/*.json")
        .app_manifest(
            AppManifest::new().permissions_path_pattern("./src-tauri/permissions/**/*.toml"),
        )
        .windows_attributes(
            WindowsAttributes::new().window_icon_path("src-tauri/icons/hearth.ico"),
        );
    tauri_build::try_build(attributes).expect("tauri.conf.json and src-tauri/ fit together");
}

fn make_interface_folder() {
    let index = Path::new("ui/dist/index.html");
    if !index.exists() {
        fs::create_dir_all("ui/dist").expect("ui/dist can be made");
        fs::write(index, NOT_BUILT).expect("ui/dist can be written");
    }
}
