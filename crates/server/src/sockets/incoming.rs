//! One event of a client, as it came.

use std::convert::Infallible;
use std::sync::Arc;

use serde_json::Value;
use serde_json::value::RawValue;
use socketioxide::adapter::Adapter;
use socketioxide::handler::{FromMessage, Value as Packet};
use socketioxide::socket::Socket;

/// An event with what a call takes: one object, or nothing. Anything else stands there as a list,
/// which no call takes, so that it is refused in its turn.
#[derive(Debug)]
pub(super) struct Incoming {
    /// The event's name.
    pub(super) event: String,
    /// Its payload.
    pub(super) payload: Value,
    /// The number its acknowledgement has to carry.
    pub(super) ack: Option<i64>,
    /// What its `reply` has to carry.
    pub(super) re: Option<String>,
}

/// What no call takes.
const WRONG: Value = Value::Array(Vec::new());

impl<A: Adapter> FromMessage<A> for Incoming {
    type Error = Infallible;

    fn from_message(
        _: Arc<Socket<A>>,
        packet: Packet,
        ack: Option<i64>,
    ) -> Result<Self, Infallible> {
        let (text, binary) = match &packet {
            Packet::Str(text, binary) => (text.as_str(), binary.is_some()),
            // Only other encodings of packets arrive so.
            Packet::Bytes(_) => ("", true),
        };
        Ok(Self::read(text, binary, ack))
    }
}

impl Incoming {
    fn read(text: &str, binary: bool, ack: Option<i64>) -> Self {
        let arguments: Vec<&RawValue> = serde_json::from_str(text).unwrap_or_default();
        let event = arguments
            .first()
            .and_then(|event| serde_json::from_str(event.get()).ok());
        let payload = match arguments.get(1..) {
            _ if binary => WRONG,
            // A call without fields may leave its object away.
            Some([]) => Value::Null,
            Some([payload]) => object(payload),
            _ => WRONG,
        };
        let re = payload.get("re").and_then(Value::as_str).map(str::to_owned);
        Self {
            event: event.unwrap_or_default(),
            payload,
            ack,
            re,
        }
    }
}

/// Only an object is read further: a list of two million zeros is large as text and far larger as
/// values, and no call takes one.
fn object(payload: &RawValue) -> Value {
    match payload.get() {
        "null" => Value::Null,
        text if text.starts_with('{') => serde_json::from_str(text).unwrap_or(WRONG),
        _ => WRONG,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn expect(text: &str, event: &str, payload: &Value) {
        let incoming = Incoming::read(text, false, None);
        assert_eq!(
            (incoming.event.as_str(), &incoming.payload),
            (event, payload),
            "{text}"
        );
    }

    #[test]
    fn an_event_takes_one_object_or_nothing() {
        expect(
            r#"["note:read",{"key":"k"}]"#,
            "note:read",
            &json!({"key": "k"}),
        );
        expect(r#"["note:count"]"#, "note:count", &Value::Null);
        expect(r#"["note:count",null]"#, "note:count", &Value::Null);
        for other in ["1", "\"text\"", "[1,2]", "[]", "true", "{},{}", "null,null"] {
            expect(&format!(r#"["x",{other}]"#), "x", &WRONG);
        }
    }

    #[test]
    fn what_is_no_event_at_all_does_no_harm() {
        let deep = format!(
            r#"["x",{}1{}]"#,
            r#"{"a":"#.repeat(10_000),
            "}".repeat(10_000)
        );
        for text in ["", "[]", "{}", "[1]", r#"["x",{"a":1e999}]"#, &deep] {
            let incoming = Incoming::read(text, false, Some(1));
            assert!(
                incoming.event.is_empty() || incoming.payload == WRONG,
                "{text:.20}"
            );
        }
    }

    #[test]
    fn a_client_without_acknowledgements_is_answered_by_its_own_mark() {
        let marked = Incoming::read(r#"["x",{"re":"7"}]"#, false, None);
        assert_eq!(marked.re.as_deref(), Some("7"));
        let binary = Incoming::read(r#"["x",{"_placeholder":true,"num":0}]"#, true, Some(3));
        assert_eq!((binary.payload, binary.ack), (WRONG, Some(3)));
    }
}
