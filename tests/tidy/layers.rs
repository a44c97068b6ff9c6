//! Arrows point one way, and each outside thing is known to one crate:
//! `protocol, text ← store ← session ← server, replica ← app ← src-tauri`.

use std::process::Command;

use serde_json::Value;

use crate::{none, root, run};

/// A package may depend on those of lower layers only. Two in the same layer do
/// not know each other.
const LAYERS: &[(&str, u8)] = &[
    ("hearth-protocol", 0),
    ("hearth-text", 0),
    ("hearth-store", 1),
    ("hearth-session", 2),
    ("hearth-server", 3),
    ("hearth-replica", 3),
    ("hearth-app", 4),
    ("hearth", 5),
];

/// The first name begins the outside crate's, the others may know it.
const OUTSIDE: &[(&str, &[&str])] = &[
    ("tauri", &["hearth"]),
    ("sqlx", &["hearth-store"]),
    ("axum", &["hearth-server"]),
    ("socketioxide", &["hearth-server"]),
    ("engineioxide", &["hearth-server"]),
    // Tests come in as a peer does.
    ("rust_socketio", &["hearth-replica", "hearth-tests"]),
    ("yrs", &["hearth-text"]),
    ("mdns-sd", &["hearth-app"]),
];

/// The window is a shell: what it needs, `app` gives it.
const SHELL_KNOWS: &[&str] = &["hearth-app", "hearth-protocol"];

struct Edge {
    from: String,
    to: String,
    dev: bool,
}

#[test]
fn a_crate_depends_on_lower_layers_only() {
    let breaches = edges()
        .into_iter()
        .filter_map(|edge| {
            let (from, to) = (layer(&edge.from)?, layer(&edge.to)?);
            (from <= to).then(|| format!("{} depends on {}", edge.from, edge.to))
        })
        .collect();
    none("Arrows point from higher layers to lower ones.", breaches);
}

#[test]
fn every_crate_has_its_layer() {
    let exempt = ["hearth-tests", "hearth-bench", "xtask"];
    let breaches = packages()
        .iter()
        .filter_map(|package| package["name"].as_str())
        .filter(|name| layer(name).is_none() && !exempt.contains(name))
        .map(|name| format!("{name} stands in no layer of tests/tidy/layers.rs"))
        .collect();
    none("A new crate is a new place in the picture.", breaches);
}

#[test]
fn each_outside_thing_is_known_to_one_crate() {
    let breaches = edges()
        .into_iter()
        .filter(|edge| {
            OUTSIDE.iter().any(|(thing, who)| {
                edge.to.starts_with(thing) && !who.contains(&edge.from.as_str())
            })
        })
        .map(|edge| format!("{} depends on {}", edge.from, edge.to))
        .collect();
    none("Ask the crate that knows it to do this for you.", breaches);
}

#[test]
fn the_window_is_a_thin_shell() {
    let breaches = edges()
        .into_iter()
        .filter(|edge| edge.from == "hearth" && !edge.dev)
        .filter(|edge| layer(&edge.to).is_some() && !SHELL_KNOWS.contains(&edge.to.as_str()))
        .map(|edge| format!("the window depends on {}", edge.to))
        .collect();
    none("What the window needs comes through hearth-app.", breaches);
}

fn layer(package: &str) -> Option<u8> {
    let (_, layer) = LAYERS.iter().find(|(name, _)| *name == package)?;
    Some(*layer)
}

fn edges() -> Vec<Edge> {
    let text = |value: &Value| value.as_str().expect("cargo names packages").to_owned();
    let mut edges = Vec::new();
    for package in packages() {
        for dependency in package["dependencies"].as_array().expect("a list") {
            edges.push(Edge {
                from: text(&package["name"]),
                to: text(&dependency["name"]),
                dev: dependency["kind"] == "dev",
            });
        }
    }
    edges
}

fn packages() -> Vec<Value> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let metadata = run(Command::new(cargo)
        .args([
            "metadata",
            "--no-deps",
            "--format-version",
            "1",
            "--offline",
        ])
        .current_dir(root()));
    let metadata: Value = serde_json::from_str(&metadata).expect("cargo writes JSON");
    metadata["packages"].as_array().expect("a list").clone()
}
