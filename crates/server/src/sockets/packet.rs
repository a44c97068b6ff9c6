//! Packets of Socket.IO (protocol 5, inside of Engine.IO 4) as the WebSocket frames that carry them.

use serde_json::value::RawValue;

use super::Namespace;
use crate::wire::text_frame;

/// An Engine.IO message (4) with a Socket.IO event (2).
const EVENT: &[u8] = b"42";
/// The same with an acknowledgement (3).
const ACK: &[u8] = b"43";

/// An event with its payload.
pub(super) fn event(namespace: Namespace, name: &str, payload: &RawValue) -> Vec<u8> {
    let name = serde_json::Value::from(name).to_string();
    let payload = payload.get().as_bytes();
    text_frame(&[
        EVENT,
        prefix(namespace),
        b"[",
        name.as_bytes(),
        b",",
        payload,
        b"]",
    ])
}

/// The acknowledgement with this number.
pub(super) fn ack(namespace: Namespace, number: i64, answer: &RawValue) -> Vec<u8> {
    let number = number.to_string();
    let answer = answer.get().as_bytes();
    text_frame(&[
        ACK,
        prefix(namespace),
        number.as_bytes(),
        b"[",
        answer,
        b"]",
    ])
}

fn prefix(namespace: Namespace) -> &'static [u8] {
    match namespace {
        Namespace::Session => b"",
        Namespace::Home => b"/home,",
    }
}

#[cfg(test)]
mod tests {
    use hearth_protocol::HOME_NAMESPACE;
    use serde_json::value::to_raw_value;

    use super::*;

    #[test]
    fn a_packet_reads_as_the_protocol_has_it() {
        let payload = to_raw_value(&["a"]).expect("JSON");
        let frame = event(Namespace::Session, "x\"y", &payload);
        assert_eq!(frame, b"\x81\x1042[\"x\\\"y\",[\"a\"]]");
        let frame = event(Namespace::Home, "x", &payload);
        assert_eq!(frame, b"\x81\x1342/home,[\"x\",[\"a\"]]");
        let frame = ack(Namespace::Session, 7, &payload);
        assert_eq!(frame, b"\x81\x0a437[[\"a\"]]");
        assert_eq!(
            prefix(Namespace::Home),
            format!("{HOME_NAMESPACE},").as_bytes()
        );
    }
}
