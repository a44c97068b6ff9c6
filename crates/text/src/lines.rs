use std::borrow::Cow;

/// The same text with `\n` as its only line break.
///
/// Editors count a line break as one unit, so a `\r\n` in a body would move
/// every position behind it.
pub fn normalize(text: &str) -> Cow<'_, str> {
    if !text.contains('\r') {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_line_break_becomes_one() {
        assert_eq!(normalize("a\r\nb\rc\n\r\r\n"), "a\nb\nc\n\n\n");
        assert!(matches!(normalize("a\nb"), Cow::Borrowed("a\nb")));
    }
}
