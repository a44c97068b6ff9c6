//! How a text is cut into words, the same way for the index, for what is searched, and for showing
//! where it stands.
//!
//! The index gets the words of this file, with spaces between, and cuts at nothing else. SQLite's
//! own tokenizers would be less code, but none of them finds a word inside a Chinese or Thai
//! sentence and tells afterwards where in the text it stands.

use std::ops::Range;
use std::str::CharIndices;

use unicode_normalization::UnicodeNormalization;

/// A longer run of letters is cut into several words. Bounds what a text without spaces costs.
const LONGEST: usize = 64;

/// What a character is to the word it stands in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A letter or digit of a longer word.
    Letter,
    /// A word of its own: of a script that is written without spaces, or a picture.
    Alone,
    /// Belongs to the character before it and does not count: accents, joiners, skin tones.
    Mark,
    /// Between words.
    Gap,
}

/// The words of a text, one after the other.
pub(crate) struct Words<'a> {
    text: &'a str,
    rest: CharIndices<'a>,
}

impl<'a> Words<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self {
            text,
            rest: text.char_indices(),
        }
    }

    /// Puts the next word into `word`, folded; answers where it stands in the text, in bytes.
    pub(crate) fn next_into(&mut self, word: &mut String) -> Option<Range<usize>> {
        loop {
            word.clear();
            let (from, first) = self.rest.by_ref().find(|(_, c)| is_word(kind(*c)))?;
            fold(first, word);
            match kind(first) {
                Kind::Alone => self.take_picture(first, word),
                _ => self.take_letters(word),
            }
            // A letter of which folding leaves nothing is no word.
            if !word.is_empty() {
                return Some(from..self.at());
            }
        }
    }

    fn take_letters(&mut self, word: &mut String) {
        let mut letters = 1;
        while let Some(c) = self.peek() {
            match kind(c) {
                Kind::Letter if letters < LONGEST && word.len() < 4 * LONGEST => {
                    fold(c, word);
                    letters += 1;
                }
                Kind::Mark => {}
                _ => return,
            }
            self.rest.next();
        }
    }

    /// Takes what belongs to a picture: marks, and further pictures joined to it.
    fn take_picture(&mut self, first: char, word: &mut String) {
        let mut last = first;
        let mut taken = 1;
        while let Some(c) = self.peek() {
            let joined = last == ZERO_WIDTH_JOINER && is_picture(c);
            let flag = taken == 1 && is_flag_half(first) && is_flag_half(c);
            if joined || flag {
                if taken < LONGEST {
                    fold(c, word);
                }
            } else if kind(c) != Kind::Mark {
                return;
            }
            taken += 1;
            last = c;
            self.rest.next();
        }
    }

    fn peek(&self) -> Option<char> {
        self.rest.clone().next().map(|(_, c)| c)
    }

    fn at(&self) -> usize {
        self.text.len() - self.rest.as_str().len()
    }
}

/// All words of a text, with spaces between: what the index gets.
pub(crate) fn folded(text: &str) -> String {
    let (mut words, mut word) = (Words::new(text), String::new());
    let mut all = String::with_capacity(text.len());
    while words.next_into(&mut word).is_some() {
        if !all.is_empty() {
            all.push(' ');
        }
        all.push_str(&word);
    }
    all
}

const ZERO_WIDTH_JOINER: char = '\u{200D}';

fn is_word(kind: Kind) -> bool {
    matches!(kind, Kind::Letter | Kind::Alone)
}

fn kind(c: char) -> Kind {
    if c.is_ascii() {
        return match c.is_ascii_alphanumeric() {
            true => Kind::Letter,
            false => Kind::Gap,
        };
    }
    if is_mark(c) {
        Kind::Mark
    } else if is_picture(c) || (is_spaceless(c) && c.is_alphanumeric()) {
        Kind::Alone
    } else if c.is_alphanumeric() {
        Kind::Letter
    } else {
        Kind::Gap
    }
}

fn is_mark(c: char) -> bool {
    is_accent(c)
        || matches!(c,
            '\u{00AD}' | '\u{200C}' | '\u{200D}' | '\u{3099}' | '\u{309A}'
            | '\u{FE00}'..='\u{FE0F}' | '\u{1F3FB}'..='\u{1F3FF}' | '\u{E0020}'..='\u{E007F}')
}

fn is_accent(c: char) -> bool {
    matches!(c, '\u{0300}'..='\u{036F}')
}

fn is_picture(c: char) -> bool {
    matches!(c, '\u{2600}'..='\u{27BF}' | '\u{1F000}'..='\u{1F3FA}' | '\u{1F400}'..='\u{1FAFF}')
}

fn is_flag_half(c: char) -> bool {
    matches!(c, '\u{1F1E6}'..='\u{1F1FF}')
}

/// Scripts whose words are not kept apart by spaces: Thai, Lao, Burmese, Khmer, Kana, Bopomofo, Han.
fn is_spaceless(c: char) -> bool {
    matches!(c,
        '\u{0E00}'..='\u{0EFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17FF}'
        | '\u{3040}'..='\u{312F}' | '\u{31A0}'..='\u{31BF}' | '\u{31F0}'..='\u{31FF}'
        | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}'
        | '\u{FF66}'..='\u{FF9F}' | '\u{20000}'..='\u{3FFFF}')
}

/// Appends a character without case and accents.
fn fold(c: char, to: &mut String) {
    if c.is_ascii() {
        return to.push(c.to_ascii_lowercase());
    }
    // Taking these apart would leave their signs of voice or their vowels behind.
    if is_picture(c) || matches!(c, '\u{3040}'..='\u{30FF}' | '\u{AC00}'..='\u{D7A3}') {
        return to.push(c);
    }
    for c in c.to_lowercase().nfkd().filter(|c| !is_accent(*c)) {
        match plain(c) {
            Some(plain) => to.push_str(plain),
            None => to.extend(c.to_lowercase().filter(|c| c.is_alphanumeric())),
        }
    }
}

/// What people type who lack the letter, where Unicode does not say.
fn plain(c: char) -> Option<&'static str> {
    Some(match c {
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'ø' => "o",
        'ł' => "l",
        'đ' => "d",
        'ı' => "i",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(folded(text), expected, "{text:?}");
    }

    #[test]
    fn case_accents_and_width_do_not_matter() {
        check("Ärger MIT der STRASSE", "arger mit der strasse");
        check("Straße, Łódź; İstanbul", "strasse lodz istanbul");
        check("cafe\u{301} café Ⓒ ＡＢＣ１", "cafe cafe c abc1");
        check("Ёлка ΣΊΣΥΦΟΣ", "елка σισυφοσ");
    }

    #[test]
    fn what_is_written_without_spaces_is_cut_by_character() {
        check("会议室 3F", "会 议 室 3f");
        check("ガソリンだ", "ガ ソ リ ン だ");
        check("회의를 합니다", "회의를 합니다");
    }

    #[test]
    fn a_picture_is_a_word_with_all_that_belongs_to_it() {
        check("👍🏽!👨‍👩‍👧 🇩🇪🇫🇷 ☕️", "👍 👨👩👧 🇩🇪 🇫🇷 ☕");
    }

    #[test]
    fn punctuation_and_marks_alone_are_no_words() {
        check("--- \u{301}\u{200D} … \u{0} \"*\" ^:", "");
        check("a-b.c@d_e", "a b c d e");
    }

    #[test]
    fn a_text_without_spaces_becomes_words_of_bounded_length() {
        let folded = folded(&"x".repeat(1_000));
        assert!(folded.split(' ').all(|word| word.len() <= LONGEST));
        assert_eq!(folded.replace(' ', "").len(), 1_000);
    }

    #[test]
    fn a_word_knows_where_it_stands() {
        let text = "🎈 Zoë\u{301}s 会";
        let (mut words, mut word) = (Words::new(text), String::new());
        let mut found = Vec::new();
        while let Some(range) = words.next_into(&mut word) {
            found.push(&text[range]);
        }
        assert_eq!(found, ["🎈", "Zoë\u{301}s", "会"]);
    }
}
