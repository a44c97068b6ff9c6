//! The description served at `/api.json`: AsyncAPI 3.0, with JSON Schema for every payload.

use schemars::generate::{SchemaGenerator, SchemaSettings};
use schemars::{JsonSchema, Schema};
use serde_json::{Map, Value, json};
use ts_rs::TS;

use crate::call::{Call, CallInfo, Effect, TypeVisitor, visit_types};
use crate::object::Role;
use crate::signal::{self, event};

/// Signals from the server: event name and payload type.
pub const SIGNALS: &[(&str, &str)] = &[
    (event::WELCOME, "Welcome"),
    (event::USER_COUNT, "UserCount"),
    (event::PRESENCE, "PresenceChanges"),
    (event::NOTE_VERSIONS, "NoteVersions"),
    (event::CURSORS, "Cursors"),
    (event::NOTE_CHECK, "NoteCheck"),
    (event::NOTE_TITLES, "NoteTitles"),
    (event::ACHTUNG, "Achtung"),
    (event::REQUEST, "Request"),
    (event::KNOCK, "Knock"),
    (event::LINK, "Link"),
    (event::REFUSED, "Refused"),
];

/// What the list of events does not say.
const ABOUT: &str = "Socket.IO protocol 5, path /socket.io/. Calls are acknowledged with {ok} or \
    {error}. Files go by HTTP, with the cookie or `Authorization: Bearer`: POST /files?room=ID takes \
    the bytes (and &name=NAME, &id=ID for repeats) or a form (multipart/form-data) with one file and \
    answers 201 and a StoredFile; GET /files/ROOM/HASH answers the bytes. One comes in by HTTP too: \
    POST /sign-in takes a SignIn and answers 201 and a SignedIn, or 202 and a Knocking while the host \
    is asked; GET /sign-in/KNOCK then waits up to 25 s for 201, 202 (not yet), 403 or 410, and DELETE \
    gives up. With `commit` (SHA-256 of `hearth commit v1` and 32 random bytes, in hex) both screens \
    show six digits: POST /sign-in/KNOCK takes a Reveal with those bytes and answers 204, and the \
    digits are the first 8 bytes (big endian) of the SHA-256 of `hearth digits v1`, the fingerprints \
    of the host's and the joiner's key, the host's nonce and the joiner's, modulo 1,000,000. The \
    fingerprints are those of an app's link (TLS with ALPN hearth/1) and 32 zero bytes each where \
    there is none, as from a browser.";

/// `presence` has this key where a client sends it; the server's own is another message.
const REPORT: &str = "presence_report";

struct Schemas(SchemaGenerator);

impl TypeVisitor for Schemas {
    fn visit<T: TS + JsonSchema + 'static>(&mut self, _: &'static str) {
        let _: Schema = self.0.subschema_for::<T>();
    }
}

/// The whole description. `version` is Hearth's.
pub fn asyncapi(version: &str) -> Value {
    let settings =
        SchemaSettings::draft07().with(|s| s.definitions_path = "/components/schemas".into());
    let mut schemas = Schemas(settings.into_generator());
    visit_types(&mut schemas);
    schemas.visit::<crate::Fact>("Fact");
    schemas.visit::<signal::Welcome>("Welcome");
    schemas.visit::<signal::UserCount>("UserCount");
    schemas.visit::<signal::PresenceChanges>("PresenceChanges");
    schemas.visit::<signal::PresenceReport>("PresenceReport");
    schemas.visit::<signal::NoteVersions>("NoteVersions");
    schemas.visit::<signal::Cursors>("Cursors");
    schemas.visit::<signal::CursorReport>("CursorReport");
    schemas.visit::<signal::NoteCheck>("NoteCheck");
    schemas.visit::<signal::NoteTitles>("NoteTitles");
    schemas.visit::<signal::Achtung>("Achtung");
    schemas.visit::<signal::Request>("Request");
    schemas.visit::<signal::Knock>("Knock");
    schemas.visit::<signal::Link>("Link");
    schemas.visit::<signal::Refused>("Refused");
    schemas.visit::<crate::CallError>("CallError");
    schemas.visit::<crate::http::SignIn>("SignIn");
    schemas.visit::<crate::http::SignedIn>("SignedIn");
    schemas.visit::<crate::http::Knocking>("Knocking");
    schemas.visit::<crate::http::Reveal>("Reveal");
    schemas.visit::<crate::http::StoredFile>("StoredFile");
    let schemas = schemas.0.take_definitions(true);

    json!({
        "asyncapi": "3.0.0",
        "info": {
            "title": "Hearth event API",
            "version": version,
            "description": ABOUT,
        },
        "defaultContentType": "application/json",
        "channels": {
            "session": { "address": "/", "messages": messages(&schemas["Fact"]) },
            "home": {
                "address": crate::HOME_NAMESPACE,
                "messages": {
                    event::NOTE_TITLES: { "payload": reference("NoteTitles") },
                    event::ACHTUNG: { "payload": reference("Achtung") },
                },
            },
        },
        "operations": operations(),
        "components": { "schemas": schemas },
    })
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

fn role_name(role: Role) -> &'static str {
    match role {
        Role::Viewer => "viewer",
        Role::Editor => "editor",
        Role::Host => "host",
    }
}

/// AsyncAPI keys may not contain every character that our event names do.
fn key(name: &str) -> String {
    name.replace([':', ' '], "_")
}

fn messages(fact: &Value) -> Value {
    let mut messages = Map::new();
    for call in Call::TABLE {
        messages.insert(
            key(call.name),
            json!({ "name": call.name, "payload": reference(call.payload) }),
        );
        messages.insert(
            format!("{}_ok", key(call.name)),
            json!({ "payload": {
                "oneOf": [
                    { "type": "object", "required": ["ok"], "properties": { "ok": answer(call) } },
                    { "type": "object", "required": ["error"], "properties": { "error": reference("CallError") } },
                ],
            } }),
        );
    }
    for (name, payload) in fact_events(fact) {
        messages.insert(name.clone(), json!({ "name": name, "payload": payload }));
    }
    for (event, payload) in SIGNALS {
        messages.insert(
            key(event),
            json!({ "name": event, "payload": reference(payload) }),
        );
    }
    messages.insert(
        REPORT.to_owned(),
        json!({ "name": event::PRESENCE, "payload": reference("PresenceReport") }),
    );
    messages.insert(
        event::FACTS.to_owned(),
        json!({ "name": event::FACTS, "payload": {
        "type": "object", "required": ["facts"],
        "properties": { "facts": { "type": "array", "items": reference("Fact") } },
    } }),
    );
    messages.insert(
        event::REPLY.to_owned(),
        json!({ "name": event::REPLY, "payload": {
        "type": "object", "required": ["re"],
        "properties": { "re": { "type": "string" }, "ok": {}, "error": reference("CallError") },
    } }),
    );
    Value::Object(messages)
}

/// What stands under `ok`: a changing call's answer also has the number of its last fact.
fn answer(call: &CallInfo) -> Value {
    match call.effect {
        Effect::Changes => json!({ "allOf": [
            reference(call.answer),
            {
                "type": "object", "required": ["seq"],
                "properties": { "seq": { "type": "integer", "minimum": 0 } },
            },
        ] }),
        Effect::Reads | Effect::Signals => reference(call.answer),
    }
}

/// Each fact as an event. In a list it says its name; as an event that is the event's own.
fn fact_events(fact: &Value) -> Vec<(String, Value)> {
    let kinds = fact["oneOf"].as_array().map_or(&[][..], Vec::as_slice);
    let event = |kind: &Value| {
        let name = kind["properties"]["name"]["const"].as_str()?.to_owned();
        let mut payload = json!({ "type": "object", "description": kind["description"] });
        let mut properties = fact["properties"].as_object()?.clone();
        properties.extend(kind["properties"].as_object()?.clone());
        properties.remove("name");
        payload["properties"] = properties.into();
        let required = [fact, kind]
            .into_iter()
            .filter_map(|of| of["required"].as_array());
        let required = required.flatten().filter(|field| *field != "name");
        payload["required"] = required.cloned().collect();
        Some((name, payload))
    };
    kinds.iter().filter_map(event).collect()
}

fn operations() -> Value {
    let channel = json!({ "$ref": "#/channels/session" });
    let message = |name: String| json!({ "$ref": format!("#/channels/session/messages/{name}") });
    let mut operations = Map::new();
    for call in Call::TABLE {
        operations.insert(
            key(call.name),
            json!({
                "action": "receive",
                "channel": channel,
                "summary": format!("Needs the role {} or a higher one.", role_name(call.role)),
                "messages": [message(key(call.name))],
                "reply": { "channel": channel, "messages": [message(format!("{}_ok", key(call.name)))] },
            }),
        );
    }
    operations.insert(
        REPORT.to_owned(),
        json!({ "action": "receive", "channel": channel, "messages": [message(REPORT.to_owned())] }),
    );
    for name in crate::FactKind::NAMES
        .iter()
        .copied()
        .chain([event::FACTS, event::REPLY])
        .chain(SIGNALS.iter().map(|(event, _)| *event))
    {
        operations.insert(
            format!("tell_{}", key(name)),
            json!({ "action": "send", "channel": channel, "messages": [message(key(name))] }),
        );
    }
    Value::Object(operations)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reference_of_the_description_leads_somewhere() {
        let description = asyncapi("0.0.0");
        let mut references = Vec::new();
        collect(&description, &mut references);
        assert!(references.len() > 100);
        for reference in references {
            let pointer = reference.trim_start_matches('#');
            assert!(description.pointer(pointer).is_some(), "{reference}");
        }
    }

    #[test]
    fn every_fact_is_described_as_the_event_it_is() {
        let description = asyncapi("0.0.0");
        for name in crate::FactKind::NAMES {
            let pointer = format!("/channels/session/messages/{name}/payload");
            let payload = description.pointer(&pointer).expect(name);
            assert!(payload.pointer("/properties/at").is_some(), "{name}");
            assert!(payload.pointer("/properties/name").is_none(), "{name}");
        }
    }

    fn collect(value: &Value, into: &mut Vec<String>) {
        match value {
            Value::Object(map) => {
                if let Some(Value::String(reference)) = map.get("$ref") {
                    into.push(reference.clone());
                }
                map.values().for_each(|value| collect(value, into));
            }
            Value::Array(list) => list.iter().for_each(|value| collect(value, into)),
            _ => {}
        }
    }
}
