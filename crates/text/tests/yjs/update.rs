//! Updates as a forger sees them: anything may stand anywhere.
//!
//! On purpose not the crate's own code, which would share its mistakes.

/// An update taken apart.
#[derive(Clone, Debug, Default)]
pub(crate) struct Forged {
    pub(crate) sections: Vec<Section>,
    pub(crate) deleted: Vec<(u32, Vec<(u32, u32)>)>,
}

#[derive(Clone, Debug)]
pub(crate) struct Section {
    pub(crate) client: u32,
    pub(crate) clock: u32,
    pub(crate) pieces: Vec<Piece>,
}

pub(crate) type Id = (u32, u32);

#[derive(Clone, Debug)]
pub(crate) struct Piece {
    pub(crate) flags: u8,
    pub(crate) origin: Option<Id>,
    pub(crate) right: Option<Id>,
    pub(crate) root: Vec<u8>,
    pub(crate) content: Content,
}

#[derive(Clone, Debug)]
pub(crate) enum Content {
    Text(String),
    Deleted(u32),
}

impl Piece {
    pub(crate) fn new(origin: Option<Id>, right: Option<Id>, content: Content) -> Self {
        Self {
            flags: 0,
            origin,
            right,
            root: b"body".to_vec(),
            content,
        }
    }

    pub(crate) fn len(&self) -> u32 {
        match &self.content {
            Content::Text(text) => text.encode_utf16().count() as u32,
            Content::Deleted(len) => *len,
        }
    }
}

impl Section {
    pub(crate) fn end(&self) -> u32 {
        self.clock + self.pieces.iter().map(Piece::len).sum::<u32>()
    }
}

impl Forged {
    /// One piece of text by one client.
    pub(crate) fn typed(client: u32, clock: u32, piece: Piece) -> Self {
        Self {
            sections: vec![Section {
                client,
                clock,
                pieces: vec![piece],
            }],
            deleted: Vec::new(),
        }
    }

    /// Takes a genuine update apart.
    pub(crate) fn parse(bytes: &[u8]) -> Self {
        let mut reader = Reader(bytes);
        let sections = (0..reader.number()).map(|_| reader.section()).collect();
        let deleted = (0..reader.number()).map(|_| {
            let client = reader.number();
            let ranges = (0..reader.number()).map(|_| (reader.number(), reader.number()));
            (client, ranges.collect())
        });
        let deleted = deleted.collect();
        assert!(reader.0.is_empty(), "something follows");
        Self { sections, deleted }
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        number(&mut bytes, self.sections.len() as u32);
        for section in &self.sections {
            number(&mut bytes, section.pieces.len() as u32);
            number(&mut bytes, section.client);
            number(&mut bytes, section.clock);
            section
                .pieces
                .iter()
                .for_each(|piece| encode(&mut bytes, piece));
        }
        number(&mut bytes, self.deleted.len() as u32);
        for (client, ranges) in &self.deleted {
            number(&mut bytes, *client);
            number(&mut bytes, ranges.len() as u32);
            for (clock, len) in ranges {
                number(&mut bytes, *clock);
                number(&mut bytes, *len);
            }
        }
        bytes
    }
}

fn encode(bytes: &mut Vec<u8>, piece: &Piece) {
    let kind = match piece.content {
        Content::Text(_) => 4,
        Content::Deleted(_) => 1,
    };
    let origin = piece.origin.map_or(0, |_| 0x80);
    let right = piece.right.map_or(0, |_| 0x40);
    bytes.push((kind | origin | right) ^ piece.flags);
    for (client, clock) in [piece.origin, piece.right].into_iter().flatten() {
        number(bytes, client);
        number(bytes, clock);
    }
    if piece.origin.is_none() && piece.right.is_none() {
        number(bytes, 1);
        string(bytes, &piece.root);
    }
    match &piece.content {
        Content::Text(text) => string(bytes, text.as_bytes()),
        Content::Deleted(len) => number(bytes, *len),
    }
}

pub(crate) fn number(bytes: &mut Vec<u8>, mut number: u32) {
    while number > 0x7f {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

fn string(bytes: &mut Vec<u8>, text: &[u8]) {
    number(bytes, text.len() as u32);
    bytes.extend_from_slice(text);
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn byte(&mut self) -> u8 {
        let (byte, rest) = self.0.split_first().expect("a byte");
        self.0 = rest;
        *byte
    }

    fn number(&mut self) -> u32 {
        let (mut number, mut shift) = (0, 0);
        loop {
            let byte = self.byte();
            number |= u32::from(byte & 0x7f) << shift;
            shift += 7;
            if byte < 0x80 {
                return number;
            }
        }
    }

    fn string(&mut self) -> Vec<u8> {
        let length = self.number() as usize;
        let (string, rest) = self.0.split_at(length);
        self.0 = rest;
        string.to_vec()
    }

    fn section(&mut self) -> Section {
        let count = self.number();
        let (client, clock) = (self.number(), self.number());
        let pieces = (0..count).map(|_| self.piece()).collect();
        Section {
            client,
            clock,
            pieces,
        }
    }

    fn piece(&mut self) -> Piece {
        let flags = self.byte();
        let mut id = |there: bool| there.then(|| (self.number(), self.number()));
        let (origin, right) = (id(flags & 0x80 != 0), id(flags & 0x40 != 0));
        let mut root = b"body".to_vec();
        if origin.is_none() && right.is_none() {
            assert_eq!(self.number(), 1, "a root");
            root = self.string();
        }
        let content = match flags & 0x1f {
            4 => Content::Text(String::from_utf8(self.string()).expect("UTF-8")),
            1 => Content::Deleted(self.number()),
            kind => panic!("content of kind {kind}"),
        };
        Piece {
            flags: 0,
            origin,
            right,
            root,
            content,
        }
    }
}
