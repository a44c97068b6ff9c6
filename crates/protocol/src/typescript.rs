//! The TypeScript types of everything that crosses a border.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use ts_rs::{Config, TS};

use crate::call::{Call, TypeVisitor, visit_types};
use crate::fact::FactKind;

/// Declarations by name, dependencies included.
struct Declarations {
    config: Config,
    by_name: BTreeMap<String, String>,
}

impl Declarations {
    fn add<T: TS + 'static + ?Sized>(&mut self) {
        // Types of other crates (strings, lists, numbers) are written in place.
        if T::output_path().is_none() {
            return;
        }
        let name = T::ident(&self.config);
        if self.by_name.contains_key(&name) {
            return;
        }
        let docs = T::docs().unwrap_or_default();
        let declaration = format!("{docs}export {}\n", T::decl(&self.config));
        self.by_name.insert(name, declaration);
        T::visit_dependencies(self);
    }
}

impl ts_rs::TypeVisitor for Declarations {
    fn visit<T: TS + 'static + ?Sized>(&mut self) {
        self.add::<T>();
    }
}

impl TypeVisitor for Declarations {
    fn visit<T: TS + JsonSchema + 'static>(&mut self, _: &'static str) {
        self.add::<T>();
    }
}

/// The whole file `ui/src/lib/protocol/index.ts`.
pub fn generate() -> String {
    let mut all = Declarations {
        config: Config::new().with_large_int("number"),
        by_name: BTreeMap::new(),
    };
    visit_types(&mut all);
    add_the_rest(&mut all);

    let mut out = String::from(
        "// Generated from crates/protocol by `cargo run -p hearth-protocol --bin generate`. Do not edit.\n\n",
    );
    for declaration in all.by_name.values() {
        out.push_str(declaration);
        out.push('\n');
    }
    out.push_str(&maps());
    out
}

/// Types that no call or answer leads to.
fn add_the_rest(all: &mut Declarations) {
    use crate::{http, name, signal, window};
    all.add::<crate::Fact>();
    all.add::<name::Pin>();
    all.add::<crate::error::CallError>();
    all.add::<signal::Welcome>();
    all.add::<signal::UserCount>();
    all.add::<signal::PresenceChanges>();
    all.add::<signal::PresenceReport>();
    all.add::<signal::NoteVersions>();
    all.add::<signal::Cursors>();
    all.add::<signal::CursorReport>();
    all.add::<signal::NoteCheck>();
    all.add::<signal::NoteTitles>();
    all.add::<signal::Achtung>();
    all.add::<signal::Request>();
    all.add::<signal::Link>();
    all.add::<signal::Refused>();
    all.add::<http::SignIn>();
    all.add::<http::SignedIn>();
    all.add::<http::Knocking>();
    all.add::<http::Reveal>();
    all.add::<http::Health>();
    all.add::<http::OwnCopy>();
    all.add::<http::StoredFile>();
    all.add::<http::HttpError>();
    all.add::<window::StartInfo>();
    all.add::<window::HostRequest>();
    all.add::<window::Hosting>();
    all.add::<window::JoinRequest>();
    all.add::<window::JoinStep>();
    all.add::<window::OpenSession>();
    all.add::<window::Nearby>();
    all.add::<window::ProbeRequest>();
    all.add::<window::Probed>();
    all.add::<window::NetworkCheck>();
    all.add::<window::KnownBy>();
    all.add::<window::AskedToJoin>();
    all.add::<window::BackedUp>();
}

/// Call names with their payloads and answers, fact names, and signals by event.
fn maps() -> String {
    let mut out = String::from(
        "/** Every call: its payload and what stands under `ok`. */\nexport interface Calls {\n",
    );
    for call in Call::TABLE {
        out.push_str(&format!(
            "  \"{}\": {{ payload: {}; answer: {} }};\n",
            call.name, call.payload, call.answer
        ));
    }
    out.push_str("}\n\n/** Every fact's event name. */\nexport const FACT_NAMES = [\n");
    for name in FactKind::NAMES {
        out.push_str(&format!("  \"{name}\",\n"));
    }
    out.push_str("] as const;\n\n/** Signals from the server, by event name. */\nexport interface Signals {\n");
    for (event, payload) in crate::describe::SIGNALS {
        out.push_str(&format!("  \"{event}\": {payload};\n"));
    }
    out.push_str(&format!(
        "}}\n\n/** The newest protocol version this build speaks. */\nexport const PROTOCOL = {};\n",
        crate::PROTOCOL[1]
    ));
    out.push_str(
        "\n/** The words that stand for a fingerprint's bytes. */\nexport const WORDS = [\n",
    );
    for word in crate::words::WORDS {
        out.push_str(&format!("  \"{word}\",\n"));
    }
    out.push_str("] as const;\n");
    out
}

/// The whole file `ui/src/lib/protocol/fingerprints.json`: fingerprints with their words and
/// pictures, against which the interface's own are held.
pub fn fingerprints() -> String {
    let examples: Vec<_> = (0..32_usize).map(example).collect();
    let mut json = serde_json::to_string_pretty(&examples).expect("they are strings");
    json.push('\n');
    json
}

fn example(n: usize) -> serde_json::Value {
    // Over all examples every word comes once, and every hue and shape.
    let bytes = std::array::from_fn(|at| ((n * 8 + at) % 256) as u8);
    let fingerprint = crate::fingerprint::Fingerprint(bytes);
    serde_json::json!({
        "fingerprint": fingerprint,
        "words": fingerprint.words(),
        "picture": fingerprint.picture(),
    })
}
