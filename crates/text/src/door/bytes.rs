//! Numbers and byte strings as lib0, the encoding below Yjs, writes them.

use super::Refused;

const CUT: Refused = Refused::Malformed("it ends too early");

/// Reads numbers and byte strings, never beyond the end.
pub(super) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.rest.is_empty()
    }

    pub(super) fn byte(&mut self) -> Result<u8, Refused> {
        let (byte, rest) = self.rest.split_first().ok_or(CUT)?;
        self.rest = rest;
        Ok(*byte)
    }

    /// A number of at most 32 bits, in the one shortest way to write it.
    pub(super) fn number(&mut self) -> Result<u32, Refused> {
        let mut number = 0;
        for shift in [0, 7, 14, 21, 28] {
            let byte = self.byte()?;
            let bits = u32::from(byte & 0x7f);
            if shift == 28 && bits > 0xf {
                break;
            }
            number |= bits << shift;
            if byte & 0x80 == 0 {
                if bits == 0 && shift > 0 {
                    return Err(Refused::Malformed("a number is padded"));
                }
                return Ok(number);
            }
        }
        Err(Refused::Malformed("a number is too big"))
    }

    /// How many of something follow, of which each takes `least` bytes: never
    /// more than can be there.
    pub(super) fn count(&mut self, least: usize) -> Result<usize, Refused> {
        let count = self.number()? as usize;
        if count > self.rest.len() / least {
            return Err(CUT);
        }
        Ok(count)
    }

    /// Bytes with their length in front.
    pub(super) fn bytes(&mut self) -> Result<&'a [u8], Refused> {
        let length = self.number()? as usize;
        let (bytes, rest) = self.rest.split_at_checked(length).ok_or(CUT)?;
        self.rest = rest;
        Ok(bytes)
    }
}

/// Writes what [`Reader`] reads.
#[derive(Default)]
pub(super) struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    pub(super) fn byte(&mut self, byte: u8) {
        self.bytes.push(byte);
    }

    pub(super) fn number(&mut self, mut number: u32) {
        while number > 0x7f {
            self.byte(number as u8 | 0x80);
            number >>= 7;
        }
        self.byte(number as u8);
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as u32);
        self.bytes.extend_from_slice(bytes);
    }

    /// Several texts as one byte string.
    pub(super) fn texts<'a, T: Iterator<Item = &'a str>>(&mut self, texts: impl Fn() -> T) {
        self.number(texts().map(str::len).sum::<usize>() as u32);
        texts().for_each(|text| self.bytes.extend_from_slice(text.as_bytes()));
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back_as_they_were_written() {
        for number in [
            0,
            1,
            127,
            128,
            300,
            1 << 14,
            (1 << 28) - 1,
            1 << 28,
            u32::MAX,
        ] {
            let mut writer = Writer::default();
            writer.number(number);
            let bytes = writer.into_bytes();
            let mut reader = Reader::new(&bytes);
            assert_eq!(reader.number(), Ok(number));
            assert!(reader.is_at_end());
        }
    }

    #[test]
    fn numbers_too_big_padded_or_cut_are_refused() {
        for bytes in [
            &[0x80, 0x00][..],
            &[0x81, 0x80, 0x00],
            &[0xff, 0xff, 0xff, 0xff, 0x10],
            &[0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
            &[0x80],
            &[],
        ] {
            assert!(Reader::new(bytes).number().is_err(), "{bytes:?}");
        }
    }
}
