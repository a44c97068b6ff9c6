//! Where in its frames whoever writes to a WebSocket is, and which it has written.

/// The most that a frame's head has where nothing is masked (RFC 6455, section 5.2).
const HEAD_BYTES: usize = 10;

/// The longest beginning of a message that is looked for: `40/home,`.
const OPENING_BYTES: usize = 8;

const STATUS_LINE: &[u8] = b"HTTP/1.1 101";
const END_OF_HEAD: &[u8] = b"\r\n\r\n";

/// The opcodes that matter here (RFC 6455, section 5.2).
const TEXT: u8 = 1;
const CLOSE: u8 = 8;

/// Reads along what a server writes on a connection.
#[derive(Debug, Default)]
pub(super) struct Frames {
    at: At,
    /// Whether a frame has begun.
    spoken: bool,
    connected: Connected,
    sum: crc32fast::Hasher,
    last: Option<Mark>,
}

/// By what a message is known again: its length, and its CRC-32. Who sends two that are the same
/// takes one for the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mark {
    bytes: u64,
    sum: u32,
}

impl Mark {
    /// That of the one message in `frame`, which is one of [`text_frame`]'s.
    pub(crate) fn of(frame: &[u8]) -> Self {
        let head = match frame.get(1) {
            Some(126) => 4,
            Some(127) => HEAD_BYTES,
            _ => 2,
        };
        let message = frame.get(head..).unwrap_or_default();
        Self {
            bytes: message.len() as u64,
            sum: crc32fast::hash(message),
        }
    }
}

/// How far a connection has come.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum At {
    /// It speaks HTTP.
    #[default]
    Http,
    /// The next that is written is the head of the answer with which it becomes a WebSocket.
    Switching,
    /// In that head; so much of its end was just written.
    Head(usize),
    /// Between two frames, or in the head of one.
    FrameHead { head: [u8; HEAD_BYTES], has: usize },
    /// In what a frame carries.
    Payload {
        bytes: u64,
        left: u64,
        opening: [u8; OPENING_BYTES],
        has: usize,
        text: bool,
    },
    /// Nothing may follow.
    Closed,
    /// What is written is not understood.
    Lost,
}

/// The namespaces whose clients were told that they are connected.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Connected {
    pub(crate) session: bool,
    pub(crate) home: bool,
}

const BETWEEN: At = At::FrameHead {
    head: [0; HEAD_BYTES],
    has: 0,
};

impl Frames {
    /// The connection is about to become a WebSocket: what is written next is the answer that says
    /// so.
    pub(super) fn switch(&mut self) {
        self.at = At::Switching;
    }

    /// Whether this is a WebSocket, and another frame may begin.
    pub(super) fn are_whole(&self) -> bool {
        self.at == BETWEEN
    }

    /// Nobody knows any more where a frame begins.
    pub(super) fn lose(&mut self) {
        self.at = At::Lost;
    }

    /// Whether the connection speaks HTTP, and nothing is read along.
    pub(super) fn have_not_begun(&self) -> bool {
        self.at == At::Http
    }

    /// Whether no frame may begin any more, or nobody knows where one does.
    pub(super) fn have_ended(&self) -> bool {
        matches!(self.at, At::Closed | At::Lost)
    }

    /// Whether the first of all has begun.
    pub(super) fn have_spoken(&self) -> bool {
        self.spoken
    }

    /// Whose clients have been told that they are connected.
    pub(super) fn connected(&self) -> Connected {
        self.connected
    }

    /// The event or acknowledgement that was written last, whole.
    pub(super) fn last(&self) -> Option<Mark> {
        self.last
    }

    /// Takes in what was just written.
    pub(super) fn written(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let taken = match self.at {
                At::Http | At::Closed | At::Lost => return,
                At::Switching => self.switching(bytes),
                At::Head(seen) => self.head(seen, bytes),
                At::FrameHead { head, has } => self.frame_head(head, has, bytes),
                At::Payload { .. } => self.payload(bytes),
            };
            bytes = &bytes[taken..];
        }
    }

    fn switching(&mut self, bytes: &[u8]) -> usize {
        // Anything else, or less, is still an answer to something before.
        self.at = match bytes.starts_with(STATUS_LINE) {
            true => At::Head(0),
            false => At::Lost,
        };
        0
    }

    fn head(&mut self, seen: usize, bytes: &[u8]) -> usize {
        let seen = match bytes[0] {
            byte if byte == END_OF_HEAD[seen] => seen + 1,
            b'\r' => 1,
            _ => 0,
        };
        self.at = match seen == END_OF_HEAD.len() {
            true => BETWEEN,
            false => At::Head(seen),
        };
        1
    }

    fn frame_head(&mut self, mut head: [u8; HEAD_BYTES], mut has: usize, bytes: &[u8]) -> usize {
        self.spoken = true;
        head[has] = bytes[0];
        has += 1;
        self.at = match length(&head[..has]) {
            None => At::FrameHead { head, has },
            Some(_) if head[0] & 0x0f == CLOSE => At::Closed,
            Some(0) => BETWEEN,
            Some(bytes) => At::Payload {
                bytes,
                left: bytes,
                opening: [0; OPENING_BYTES],
                has: 0,
                text: head[0] & 0x0f == TEXT,
            },
        };
        1
    }

    fn payload(&mut self, bytes: &[u8]) -> usize {
        let At::Payload {
            bytes: whole,
            left,
            opening,
            has,
            text,
        } = &mut self.at
        else {
            return 0;
        };
        let here = usize::try_from(*left).map_or(bytes.len(), |left| left.min(bytes.len()));
        let first = here.min(OPENING_BYTES - *has);
        opening[*has..*has + first].copy_from_slice(&bytes[..first]);
        *has += first;
        *left -= here as u64;
        self.sum.update(&bytes[..here]);
        if *left == 0 {
            let sum = std::mem::take(&mut self.sum).finalize();
            let opening = &opening[..*has];
            if *text && (opening.starts_with(b"42") || opening.starts_with(b"43")) {
                self.last = Some(Mark { bytes: *whole, sum });
            } else if *text {
                self.connected.message(opening);
            }
            self.at = BETWEEN;
        }
        here
    }
}

impl Connected {
    /// Takes in the beginning of a message: an Engine.IO message (4) with a Socket.IO packet that
    /// connects (0).
    fn message(&mut self, opening: &[u8]) {
        let Some(connects) = opening.strip_prefix(b"40") else {
            return;
        };
        match connects {
            [b'/', ..] => self.home |= connects.starts_with(b"/home,"),
            _ => self.session = true,
        }
    }
}

/// What a frame's head says it carries, once it has said so. Nothing is masked on this way.
fn length(head: &[u8]) -> Option<u64> {
    match (*head.get(1)? & 0x7f, head.len()) {
        (126, 4) => Some(u64::from(u16::from_be_bytes([head[2], head[3]]))),
        (127, HEAD_BYTES) => Some(u64::from_be_bytes(head[2..].try_into().ok()?)),
        (126 | 127, _) => None,
        (short, _) => Some(u64::from(short)),
    }
}

/// One text frame that carries `parts`.
pub(crate) fn text_frame(parts: &[&[u8]]) -> Vec<u8> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let mut frame = Vec::with_capacity(HEAD_BYTES + length);
    frame.push(0x80 | TEXT);
    match length {
        0..126 => frame.push(u8::try_from(length).unwrap_or_default()),
        126..0x1_0000 => {
            frame.push(126);
            frame.extend(u16::try_from(length).unwrap_or_default().to_be_bytes());
        }
        _ => {
            frame.push(127);
            frame.extend((length as u64).to_be_bytes());
        }
    }
    parts.iter().for_each(|part| frame.extend_from_slice(part));
    frame
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWER: &[u8] = b"HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\n\r\n";

    fn switched() -> Frames {
        let mut frames = Frames::default();
        frames.written(b"HTTP/1.1 200 OK\r\n\r\nbody");
        frames.switch();
        frames.written(ANSWER);
        frames
    }

    #[test]
    fn frames_are_told_apart_wherever_a_write_ends() {
        let lengths = [0, 1, 125, 126, 127, 0xffff, 0x1_0000, 70_000];
        for length in lengths {
            let frame = text_frame(&[&vec![b'x'; length]]);
            for step in [1, 2, 3, 7, 4_096, usize::MAX] {
                let mut frames = switched();
                let mut left = &frame[..];
                while !left.is_empty() {
                    let (now, rest) = left.split_at(step.min(left.len()));
                    frames.written(now);
                    assert_eq!(frames.are_whole(), rest.is_empty(), "{length} by {step}");
                    left = rest;
                }
            }
        }
    }

    #[test]
    fn nothing_is_whole_before_the_connection_is_a_web_socket() {
        let mut frames = Frames::default();
        assert!(!frames.are_whole());
        frames.written(ANSWER);
        assert!(!frames.are_whole(), "nobody has said that it switches");
        frames.switch();
        let (most, last) = ANSWER.split_at(ANSWER.len() - 1);
        frames.written(most);
        assert!(!frames.are_whole());
        frames.written(last);
        assert!(frames.are_whole());
    }

    #[test]
    fn an_answer_to_something_before_is_not_taken_for_frames() {
        let mut frames = Frames::default();
        frames.switch();
        frames.written(b"the rest of a body\r\n\r\n");
        frames.written(ANSWER);
        assert!(!frames.are_whole() && frames.have_ended());
    }

    #[test]
    fn a_client_is_connected_once_it_has_been_told_so() {
        let told = |messages: &[&str]| {
            let mut frames = switched();
            for message in messages {
                frames.written(&text_frame(&[message.as_bytes()]));
            }
            (frames.connected().session, frames.connected().home)
        };
        assert_eq!(told(&["0{\"sid\":\"x\"}", "2", "44{}"]), (false, false));
        assert_eq!(told(&["40{\"sid\":\"x\"}"]), (true, false));
        assert_eq!(told(&["40/home,{\"sid\":\"x\"}"]), (false, true));
        assert_eq!(told(&["44/home,{}", "40", "42[\"40\"]"]), (true, false));
    }

    #[test]
    fn the_last_event_is_known_again_wherever_a_write_ends() {
        for length in [3, 200, 70_000] {
            let event = text_frame(&[b"42[\"x\",", &vec![b' '; length], b"1]"]);
            let other = text_frame(&[b"42[\"x\",", &vec![b' '; length], b"2]"]);
            for step in [1, 3, 4_096] {
                let mut frames = switched();
                let written = [&event[..], &text_frame(&[b"2"])].concat();
                let (most, last) = written.split_at(event.len() - 1);
                most.chunks(step).for_each(|bytes| frames.written(bytes));
                assert_eq!(frames.last(), None, "{length} by {step}");
                frames.written(last);
                assert_eq!(frames.last(), Some(Mark::of(&event)));
                assert_ne!(frames.last(), Some(Mark::of(&other)));
            }
        }
    }

    #[test]
    fn nothing_follows_a_closing_frame() {
        let mut frames = switched();
        frames.written(&[0x88, 0x02, 0x03, 0xe8]);
        assert!(frames.have_ended() && !frames.are_whole());
    }
}
