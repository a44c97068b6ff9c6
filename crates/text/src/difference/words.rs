/// How long each word of a text is, in bytes. A run of letters and digits is
/// one, a run of blanks is one, anything else stands alone together with the
/// marks that belong to it. Scripts that write without spaces, and emoji, are
/// taken character by character.
pub(super) fn lengths(text: &str) -> Vec<usize> {
    let mut lengths: Vec<usize> = Vec::new();
    let mut last = Kind::Alone;
    let mut joined = false;
    for char in text.chars() {
        let kind = kind(char);
        let extends = match kind {
            Kind::Mark => true,
            Kind::Alone => joined,
            Kind::Letter | Kind::Blank => joined || kind == last,
        };
        match lengths.last_mut() {
            Some(length) if extends => *length += char.len_utf8(),
            _ => {
                lengths.push(char.len_utf8());
                last = kind;
            }
        }
        joined = char == ZERO_WIDTH_JOINER;
    }
    lengths
}

const ZERO_WIDTH_JOINER: char = '\u{200d}';

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Letter,
    Blank,
    Alone,
    /// Belongs to what stands before it.
    Mark,
}

fn kind(char: char) -> Kind {
    match char {
        '\n' => Kind::Alone,
        '_' => Kind::Letter,
        '\u{300}'..='\u{36f}'
        | '\u{200d}'
        | '\u{20d0}'..='\u{20ff}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{1f3fb}'..='\u{1f3ff}' => Kind::Mark,
        '\u{2e80}'.. => Kind::Alone,
        _ if char.is_alphanumeric() => Kind::Letter,
        _ if char.is_whitespace() => Kind::Blank,
        _ => Kind::Alone,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, words: &[&str]) {
        let mut rest = text;
        let found = lengths(text).into_iter().map(|length| {
            let (word, after) = rest.split_at(length);
            rest = after;
            word
        });
        assert_eq!(found.collect::<Vec<_>>(), words);
    }

    #[test]
    fn words_blanks_and_signs_stand_apart() {
        check("", &[]);
        check(
            "two  words, äöü_1.",
            &["two", "  ", "words", ",", " ", "äöü_1", "."],
        );
        check("a\n\nb", &["a", "\n", "\n", "b"]);
        check("漢字", &["漢", "字"]);
    }

    #[test]
    fn what_is_drawn_as_one_sign_stays_together() {
        check(
            "👍🏽👩\u{200d}👩\u{200d}👧!",
            &["👍🏽", "👩\u{200d}👩\u{200d}👧", "!"],
        );
        check("e\u{301}a", &["e\u{301}a"]);
    }
}
