//! A piece of a text around the best place.

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

use super::terms::{Hit, Terms, merged};

/// How many characters an excerpt has, about.
const CHARS: usize = 160;
/// How many of them stand before the first hit.
const LEAD: usize = 40;
/// How many hits are looked at in search of the best place.
const HITS: usize = 256;

/// A piece of a text, on one line.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Excerpt {
    /// The piece, with `…` where something is left out.
    pub text: String,
    /// Where it has what was searched for, in UTF-16 code units: ascending, without overlaps.
    pub ranges: Vec<[u32; 2]>,
}

impl Excerpt {
    /// Of the place that has most of what is searched for; of the beginning when nothing has.
    pub fn around(terms: &Terms, text: &str) -> Self {
        let mut hits = Vec::new();
        terms.each_hit(text, |hit| {
            hits.push(hit);
            hits.len() < HITS
        });
        hits.sort_by_key(|hit| (hit.range.start, hit.range.end));
        let first = best(&hits, terms.len());
        let start = first.map_or(0, |first| hits[first].range.start);
        let hits = merged(hits.into_iter().map(|hit| hit.range).collect());
        cut(text, start, &hits)
    }

    /// The beginning of a text, whatever is in it.
    pub fn beginning(text: &str) -> Self {
        cut(text, 0, &[])
    }
}

/// The hit with which the piece that has the most different phrases begins.
fn best(hits: &[Hit], phrases: usize) -> Option<usize> {
    let mut best: Option<(usize, usize)> = None;
    for (first, hit) in hits.iter().enumerate() {
        let mut seen = vec![false; phrases];
        let reach = hit.range.start + CHARS - LEAD;
        for near in hits[first..]
            .iter()
            .take_while(|near| near.range.end <= reach)
        {
            seen[near.phrase] = true;
        }
        let count = seen.iter().filter(|seen| **seen).count();
        if best.is_none_or(|(most, _)| count > most) {
            best = Some((count, first));
        }
    }
    best.map(|(_, first)| first)
}

/// The piece around byte `start`.
fn cut(text: &str, start: usize, hits: &[Range<usize>]) -> Excerpt {
    let from = begin(text, start);
    let to = text[from..]
        .char_indices()
        .nth(CHARS + LEAD)
        .map_or(text.len(), |(at, _)| from + at);
    // Only this much is looked at, so no text is too strange to be cut.
    let mut graphemes: Vec<(usize, &str)> = text[from..to]
        .grapheme_indices(true)
        .map(|(at, grapheme)| (from + at, grapheme))
        .collect();
    let cut_before = from > 0;
    // Where the look began and ended, half a character may stand.
    if cut_before && graphemes.first().is_some_and(|(at, _)| *at < start) {
        graphemes.remove(0);
    }
    if to < text.len() && graphemes.len() > 1 {
        graphemes.pop();
    }
    Line::of(&graphemes, cut_before, text.len(), hits)
}

/// Where the piece begins: some characters before `start`, with a word where there are words.
fn begin(text: &str, start: usize) -> usize {
    let before = &text[..start];
    let Some((from, _)) = before.char_indices().rev().nth(LEAD) else {
        return 0;
    };
    let lead = &before[from..];
    lead.find(char::is_whitespace)
        .map_or(from, |space| from + space)
}

/// A line that is being written.
struct Line<'a> {
    text: String,
    units: usize,
    chars: usize,
    hits: &'a [Range<usize>],
    ranges: Vec<[u32; 2]>,
}

impl<'a> Line<'a> {
    fn of(
        graphemes: &[(usize, &str)],
        cut_before: bool,
        whole: usize,
        hits: &'a [Range<usize>],
    ) -> Excerpt {
        let mut line = Line {
            text: String::new(),
            units: 0,
            chars: 0,
            hits,
            ranges: Vec::new(),
        };
        if cut_before {
            line.push("…");
        }
        let mut end = 0;
        for (at, grapheme) in graphemes {
            if line.chars >= CHARS {
                break;
            }
            end = at + grapheme.len();
            line.take(*at, grapheme, cut_before);
        }
        if line.text.ends_with(' ') {
            line.text.pop();
        }
        if end < whole {
            line.push("…");
        }
        Excerpt {
            text: line.text,
            ranges: line.ranges,
        }
    }

    fn take(&mut self, at: usize, grapheme: &str, cut_before: bool) {
        let from = self.units;
        if grapheme
            .chars()
            .all(|c| c.is_whitespace() || c.is_control())
        {
            let begins = self.text.is_empty() || (cut_before && self.text == "…");
            if begins || self.text.ends_with(' ') {
                return;
            }
            self.push(" ");
        } else {
            self.push(grapheme);
        }
        let end = at + grapheme.len();
        let index = self.hits.partition_point(|hit| hit.end <= at);
        let Some(hit) = self.hits.get(index).filter(|hit| hit.start < end) else {
            return;
        };
        let (from, to) = (from as u32, self.units as u32);
        match self.ranges.last_mut() {
            // The same hit goes on.
            Some(last) if hit.start < at && last[1] == from => last[1] = to,
            _ => self.ranges.push([from, to]),
        }
    }

    fn push(&mut self, piece: &str) {
        self.text.push_str(piece);
        self.units += piece.encode_utf16().count();
        self.chars += piece.chars().count();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hearth_protocol::name::Query;

    fn around(query: &str, text: &str) -> Excerpt {
        Excerpt::around(&Terms::new(&Query::new(query).unwrap()), text)
    }

    #[track_caller]
    fn marked(excerpt: &Excerpt) -> Vec<String> {
        let units: Vec<u16> = excerpt.text.encode_utf16().collect();
        let cut = |[from, to]: &[u32; 2]| &units[*from as usize..*to as usize];
        let ranges = excerpt.ranges.iter();
        ranges
            .map(|range| String::from_utf16(cut(range)).unwrap())
            .collect()
    }

    #[test]
    fn a_short_text_is_shown_whole_and_on_one_line() {
        let found = around("tea", "\n# Tea\n\n\tand  more TEA\u{7}\n");
        assert_eq!(found.text, "# Tea and more TEA");
        assert_eq!(marked(&found), ["Tea", "TEA"]);
    }

    #[test]
    fn a_long_text_is_cut_around_the_hit() {
        let text = format!(
            "{}needle {}",
            "many words ".repeat(500),
            "more of them ".repeat(500)
        );
        let found = around("needle", &text);
        assert_eq!(marked(&found), ["needle"]);
        assert!(found.text.starts_with("…") && found.text.ends_with('…'));
        assert!(found.text.chars().count() <= CHARS + 2, "{}", found.text);
    }

    #[test]
    fn the_place_that_has_most_of_it_is_shown() {
        let far = "x ".repeat(400);
        let text = format!("red {far} blue {far} red and blue {far} red");
        assert_eq!(marked(&around("red blue", &text)), ["red", "blue"]);
    }

    #[test]
    fn no_character_is_cut_however_it_is_made() {
        let family = "👨‍👩‍👧‍👦";
        let text = format!("{} needle {}", family.repeat(60), family.repeat(60));
        let found = around("needle", &text);
        assert_eq!(marked(&found), ["needle"]);
        let rest = found.text.replace("needle", "").replace(['…', ' '], "");
        assert_eq!(rest.replace(family, ""), "");
        assert!(!rest.is_empty());
    }

    #[test]
    fn a_text_without_spaces_is_cut_too() {
        let text = format!("{}needle", "字".repeat(100_000));
        let found = around("needle", &text);
        assert_eq!(marked(&found), ["needle"]);
        let marks = format!("a{}", "\u{301}".repeat(100_000));
        assert!(around("a", &marks).text.len() < 1_000);
    }

    #[test]
    fn a_text_that_does_not_have_it_shows_its_beginning() {
        let found = around("other", "Beginning of it");
        assert_eq!(
            (found.text.as_str(), found.ranges),
            ("Beginning of it", vec![])
        );
        assert_eq!(Excerpt::beginning(""), Excerpt::default());
    }
}
