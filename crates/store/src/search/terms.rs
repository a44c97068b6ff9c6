//! What is searched for.

use std::collections::{HashSet, VecDeque};
use std::ops::Range;

use hearth_protocol::name::Query;

use super::words::Words;

/// A longer phrase is looked for in pieces: how much work one is grows with its length, and nobody
/// types that much without a space to find it in another place.
const LONGEST: usize = 8;

/// What is searched for, as words. Whatever was typed becomes words in quotes, so nothing in it is
/// ever taken for the index's own query language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms(Vec<Phrase>);

/// Words that follow each other: `re-use` and `会议` are each one phrase.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Phrase {
    words: Vec<String>,
    /// The last word may go on: it is still being typed.
    begun: bool,
}

/// Where a text has one of the phrases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hit {
    /// In bytes.
    pub(crate) range: Range<usize>,
    /// Which phrase.
    pub(crate) phrase: usize,
}

impl Terms {
    /// The words of a query. There are none in one of punctuation alone.
    pub fn new(query: &Query) -> Self {
        let mut phrases: Vec<Phrase> = Vec::new();
        for text in query.as_str().split_whitespace() {
            for words in words_of(text).chunks(LONGEST) {
                phrases.push(Phrase {
                    words: words.to_vec(),
                    begun: false,
                });
            }
        }
        if let Some(mut last) = phrases.pop() {
            last.begun = true;
            // What is there twice is found no better.
            let mut seen = HashSet::new();
            phrases.retain(|phrase| seen.insert(phrase.words.clone()));
            phrases.push(last);
        }
        Self(phrases)
    }

    /// Whether there is nothing to search for.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many phrases there are.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// The same in the index's query language.
    pub(crate) fn expression(&self) -> String {
        let phrase = |phrase: &Phrase| {
            let more = if phrase.begun { "*" } else { "" };
            format!("\"{}\"{more}", phrase.words.join(" "))
        };
        let phrases: Vec<_> = self.0.iter().map(phrase).collect();
        phrases.join(" AND ")
    }

    /// Whether `text` has every phrase.
    pub fn are_in(&self, text: &str) -> bool {
        let mut missing = vec![true; self.0.len()];
        let mut left = missing.len();
        self.each_hit(text, |hit| {
            left -= usize::from(std::mem::take(&mut missing[hit.phrase]));
            left > 0
        });
        left == 0
    }

    /// Where `text` has a phrase, in UTF-16 code units: ascending, without overlaps.
    pub fn ranges_in(&self, text: &str) -> Vec<[u32; 2]> {
        let mut hits = Vec::new();
        self.each_hit(text, |hit| {
            hits.push(hit.range);
            true
        });
        let units = |bytes: usize| text[..bytes].encode_utf16().count() as u32;
        merged(hits)
            .into_iter()
            .map(|hit| [units(hit.start), units(hit.end)])
            .collect()
    }

    /// Tells every place where `text` has a phrase, until `go_on` says no.
    pub(crate) fn each_hit(&self, text: &str, mut go_on: impl FnMut(Hit) -> bool) {
        let longest = self.0.iter().map(|phrase| phrase.words.len()).max();
        let Some(longest) = longest else { return };
        let mut words = Words::new(text);
        // The last words read, the newest at the end.
        let mut last: VecDeque<(String, Range<usize>)> = VecDeque::with_capacity(longest);
        loop {
            let recycled = (last.len() == longest).then(|| last.pop_front()).flatten();
            let mut word = recycled.map(|(word, _)| word).unwrap_or_default();
            let Some(range) = words.next_into(&mut word) else {
                return;
            };
            let end = range.end;
            last.push_back((word, range));
            for (index, phrase) in self.0.iter().enumerate() {
                let Some(start) = phrase.ends(&last) else {
                    continue;
                };
                let hit = Hit {
                    range: start..end,
                    phrase: index,
                };
                if !go_on(hit) {
                    return;
                }
            }
        }
    }
}

impl Phrase {
    /// Where this phrase begins, if it ends with the newest of these words.
    fn ends(&self, last: &VecDeque<(String, Range<usize>)>) -> Option<usize> {
        let first = last.len().checked_sub(self.words.len())?;
        let mut pairs = self.words.iter().zip(last.range(first..)).rev();
        let (sought, (newest, _)) = pairs.next()?;
        let matches = match self.begun {
            true => newest.starts_with(sought.as_str()),
            false => newest == sought,
        };
        let all = matches && pairs.all(|(sought, (word, _))| sought == word);
        all.then(|| last[first].1.start)
    }
}

/// Ranges ascending, those that overlap as one.
pub(crate) fn merged(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.sort_unstable_by_key(|range| (range.start, range.end));
    let mut merged: Vec<Range<usize>> = Vec::with_capacity(ranges.len());
    for range in ranges {
        match merged.last_mut().filter(|last| range.start < last.end) {
            Some(last) => last.end = last.end.max(range.end),
            None => merged.push(range),
        }
    }
    merged
}

fn words_of(text: &str) -> Vec<String> {
    let (mut words, mut word) = (Words::new(text), String::new());
    let mut all = Vec::new();
    while words.next_into(&mut word).is_some() {
        all.push(word.clone());
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(query: &str) -> Terms {
        Terms::new(&Query::new(query).unwrap())
    }

    #[track_caller]
    fn check(query: &str, text: &str, expected: &[&str]) {
        let units: Vec<u16> = text.encode_utf16().collect();
        let found = terms(query).ranges_in(text);
        let found: Vec<_> = found
            .iter()
            .map(|[from, to]| String::from_utf16(&units[*from as usize..*to as usize]).unwrap())
            .collect();
        assert_eq!(found, expected, "{query:?} in {text:?}");
    }

    #[test]
    fn what_was_typed_is_never_a_query_language() {
        for (typed, expected) in [
            (
                "\"a\" OR b* NOT (c) {d}: ^e",
                r#""a" AND "or" AND "b" AND "not" AND "c" AND "d" AND "e"*"#,
            ),
            ("NEAR(x y, 3)", r#""near x" AND "y" AND "3"*"#),
            (
                "'; drop table notes; --",
                r#""drop" AND "table" AND "notes"*"#,
            ),
        ] {
            assert_eq!(terms(typed).expression(), expected);
        }
        assert!(terms("\"*\" -- ^ :").is_empty());
    }

    #[test]
    fn a_query_never_becomes_more_work_by_saying_the_same() {
        let long = terms(&"字".repeat(200));
        assert_eq!(long.len(), 2);
        assert!(long.are_in(&"字".repeat(200)));
        assert_eq!(terms(&"a ".repeat(99)).expression(), r#""a" AND "a"*"#);
    }

    #[test]
    fn only_the_last_word_may_be_begun() {
        check("bud", "Budget bud", &["Budget", "bud"]);
        check("bud plan", "Budget bud planning", &["bud", "planning"]);
        check("re-us", "reuse re-used", &["re-used"]);
    }

    #[test]
    fn a_range_is_told_in_utf16_and_never_overlaps_another() {
        check("zoe", "🎈🎈 Zoë\u{301}", &["Zoë\u{301}"]);
        check("会议", "在会议室，会 议", &["会议", "会 议"]);
        check("aa aa", "aa aaa", &["aa", "aaa"]);
        check("会会", "会会会", &["会会会"]);
        check("👩", "👩 👨‍👩‍👧", &["👩"]);
    }

    #[test]
    fn every_phrase_must_be_there() {
        assert!(terms("tea cups").are_in("Cups of tea"));
        assert!(!terms("tea cups").are_in("A cup of tea"));
        assert!(terms("cups te").are_in("Cups of tea"));
    }
}
