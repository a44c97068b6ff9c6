//! Where one WebSocket frame ends and the next begins (RFC 6455, section 5.2).
//!
//! The library at the end of the tunnel takes messages of 64 MiB, any number of binary parts for
//! one packet, and knows no ping of its own. So what comes from the host is held to what a host of
//! ours sends before the library sees it, and where nothing is half sent a ping can go between.

/// The most that one message of the host may have. A host queues 8 MiB for one client at most.
const MOST_BYTES: u64 = 16 * 1024 * 1024;

/// HTTP's answer, before frames begin.
const MOST_HEAD_BYTES: usize = 16 * 1024;

const END_OF_HEAD: &[u8; 4] = b"\r\n\r\n";

/// The most bytes before a frame's payload.
const MOST_HEADER_BYTES: usize = 14;

/// A ping with nothing in it, as a client sends it.
pub(super) const PING: [u8; 6] = [0x89, 0x80, 0, 0, 0, 0];

/// The host sent what no host of ours sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unfit;

/// Who sends the frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// The host: held to what it may send.
    Host,
    /// Our own client: only followed.
    Client,
}

/// One direction of a WebSocket connection, from its HTTP head on.
#[derive(Debug)]
pub(super) struct Frames {
    side: Side,
    state: State,
}

#[derive(Debug)]
enum State {
    Head {
        matched: usize,
        seen: usize,
    },
    Header {
        bytes: [u8; MOST_HEADER_BYTES],
        filled: usize,
    },
    Payload {
        left: u64,
    },
}

const NEXT: State = State::Header {
    bytes: [0; MOST_HEADER_BYTES],
    filled: 0,
};

impl Frames {
    pub(super) fn new(side: Side) -> Self {
        let state = State::Head {
            matched: 0,
            seen: 0,
        };
        Self { side, state }
    }

    /// Whether frames have begun and none is half sent.
    pub(super) fn is_between(&self) -> bool {
        matches!(self.state, State::Header { filled: 0, .. })
    }

    /// Follows what is passed on next.
    pub(super) fn pass(&mut self, mut bytes: &[u8]) -> Result<(), Unfit> {
        while let Some((&first, rest)) = bytes.split_first() {
            match &mut self.state {
                State::Head { matched, seen } => {
                    *seen += 1;
                    *matched = match first == END_OF_HEAD[*matched] {
                        true => *matched + 1,
                        false => usize::from(first == END_OF_HEAD[0]),
                    };
                    if *matched == END_OF_HEAD.len() {
                        self.state = NEXT;
                    } else if *seen > MOST_HEAD_BYTES {
                        return Err(Unfit);
                    }
                    bytes = rest;
                }
                State::Header {
                    bytes: header,
                    filled,
                } => {
                    header[*filled] = first;
                    *filled += 1;
                    if let Some(left) = payload(&header[..*filled], self.side)? {
                        self.state = if left == 0 {
                            NEXT
                        } else {
                            State::Payload { left }
                        };
                    }
                    bytes = rest;
                }
                State::Payload { left } => {
                    let now = usize::try_from(*left)
                        .unwrap_or(usize::MAX)
                        .min(bytes.len());
                    *left -= now as u64;
                    if *left == 0 {
                        self.state = NEXT;
                    }
                    bytes = &bytes[now..];
                }
            }
        }
        Ok(())
    }
}

/// The payload's length, once the header is whole.
fn payload(header: &[u8], side: Side) -> Result<Option<u64>, Unfit> {
    let [first, second, extended @ ..] = header else {
        return Ok(None);
    };
    let is_masked = second & 0x80 != 0;
    if is_masked != (side == Side::Client) {
        return Err(Unfit);
    }
    let mask = if is_masked { 4 } else { 0 };
    let (more, length) = match second & 0x7f {
        126 => (2, extended.get(..2).map(big_endian)),
        127 => (8, extended.get(..8).map(big_endian)),
        short => (0, Some(u64::from(short))),
    };
    let Some(length) = length.filter(|_| extended.len() >= more + mask) else {
        return Ok(None);
    };
    // Whole messages of text, and control frames; nothing binary, nothing in parts.
    if side == Side::Host && (!matches!(first, 0x81 | 0x88 | 0x89 | 0x8a) || length > MOST_BYTES) {
        return Err(Unfit);
    }
    Ok(Some(length))
}

fn big_endian(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0, |length, byte| length << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &[u8] = b"HTTP/1.1 101 Switching Protocols\r\n\r\r\n\r\n";

    fn begun(side: Side) -> Frames {
        let mut frames = Frames::new(side);
        frames.pass(HEAD).expect("a head");
        assert!(frames.is_between());
        frames
    }

    fn frame(first: u8, length: usize) -> Vec<u8> {
        let mut frame = vec![first];
        match length {
            0..126 => frame.push(length as u8),
            126..65_536 => {
                frame.push(126);
                frame.extend((length as u16).to_be_bytes());
            }
            _ => {
                frame.push(127);
                frame.extend((length as u64).to_be_bytes());
            }
        }
        frame.resize(frame.len() + length, b'x');
        frame
    }

    #[test]
    fn frames_are_followed_however_they_are_cut() {
        let whole = [
            frame(0x81, 5),
            frame(0x81, 300),
            frame(0x81, 70_000),
            frame(0x89, 0),
        ];
        for piece in [1, 2, 3, 7, 1_000, 100_000] {
            let mut frames = begun(Side::Host);
            for frame in &whole {
                let mut pieces = frame.chunks(piece).peekable();
                while let Some(bytes) = pieces.next() {
                    frames.pass(bytes).expect("a frame of ours");
                    assert_eq!(frames.is_between(), pieces.peek().is_none());
                }
            }
        }
    }

    #[test]
    fn the_ping_that_is_put_between_is_a_whole_frame() {
        let mut frames = begun(Side::Client);
        frames.pass(&PING[..5]).expect("a part");
        assert!(!frames.is_between());
        frames.pass(&PING[5..]).expect("the rest");
        assert!(frames.is_between());
    }

    #[test]
    fn what_no_host_of_ours_sends_is_refused() {
        let huge = [&[0x81, 127][..], &(MOST_BYTES + 1).to_be_bytes()].concat();
        let endless = [&[0x81, 127][..], &u64::MAX.to_be_bytes()].concat();
        let masked = PING.to_vec();
        for bytes in [
            huge,
            endless,
            masked,
            frame(0x82, 3),
            frame(0x01, 3),
            frame(0xc1, 3),
        ] {
            assert_eq!(begun(Side::Host).pass(&bytes), Err(Unfit), "{bytes:?}");
        }
        let mut frames = Frames::new(Side::Host);
        assert_eq!(frames.pass(&[b'a'; MOST_HEAD_BYTES + 1]), Err(Unfit));
    }
}
