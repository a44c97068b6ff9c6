//! What a file is, by its first bytes.
//!
//! Only the five formats that every browser draws count, and each by its whole signature: what is
//! found here is shown in place, so a text that happens to begin with "GIF" must not be.

use hearth_protocol::FileType;

/// The type of the file that begins with `bytes`.
pub(super) fn kind(bytes: &[u8]) -> FileType {
    let begins = |signature: &[u8]| bytes.starts_with(signature);
    if begins(b"\x89PNG\r\n\x1a\n") {
        FileType::Png
    } else if begins(b"\xff\xd8\xff") {
        FileType::Jpeg
    } else if begins(b"GIF87a") || begins(b"GIF89a") {
        FileType::Gif
    } else if begins(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        FileType::Webp
    } else if is_avif(bytes) {
        FileType::Avif
    } else {
        FileType::Other
    }
}

/// Whether the file-type box names AVIF (AV1 Image File Format, section 8): as what the file is
/// first of all, or as what it is too.
fn is_avif(bytes: &[u8]) -> bool {
    /// The size of the box, its name, the first brand and its version.
    const FIXED: usize = 16;
    let (Some((size, _)), Some(first)) = (bytes.split_first_chunk::<4>(), bytes.get(8..12)) else {
        return false;
    };
    let size = u32::from_be_bytes(*size) as usize;
    let others = bytes.get(FIXED..size.min(bytes.len())).unwrap_or_default();
    let mut brands = others.chunks_exact(4).take(64).chain([first]);
    bytes.get(4..8) == Some(b"ftyp") && brands.any(|brand| matches!(brand, b"avif" | b"avis"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], expected: FileType) {
        assert_eq!(kind(bytes), expected);
        for end in 0..bytes.len() {
            // No shorter beginning is anything else, and none panics.
            let cut = kind(&bytes[..end]);
            assert!(cut == FileType::Other || cut == expected);
        }
    }

    #[test]
    fn pictures_are_known_by_their_signatures() {
        check(b"\x89PNG\r\n\x1a\n....", FileType::Png);
        check(b"\xff\xd8\xff\xe0..JFIF", FileType::Jpeg);
        check(b"GIF87a..", FileType::Gif);
        check(b"GIF89a..", FileType::Gif);
        check(b"RIFF\x10\0\0\0WEBPVP8 ", FileType::Webp);
        check(b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf", FileType::Avif);
        check(b"\0\0\0\x18ftypmif1\0\0\0\0miafavif", FileType::Avif);
    }

    #[test]
    fn what_only_looks_like_a_picture_is_not_shown() {
        for other in [
            &b""[..],
            b"<svg xmlns='http://www.w3.org/2000/svg'/>",
            b"<!doctype html>",
            b"GIF is a format.",
            b"\x89PNG",
            b"RIFF\x10\0\0\0WAVE",
            b"%PDF-1.7",
            b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
            b"\0\0\0\x10ftypmif1\0\0\0\0avif",
            b"\xff\xff\xff\xffftypisom",
        ] {
            assert_eq!(kind(other), FileType::Other);
        }
    }
}
