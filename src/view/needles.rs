//! Texts that the line of each wanted entry has, so that most lines need not be read.

use aho_corasick::packed;
use aho_corasick::packed::{MatchKind, Searcher};
use memchr::memmem::Finder;

use super::choice::Choice;
use super::severity::spellings;

/// The level at and below which most entries are wanted, so that a search for them does not pay.
const USUAL: i32 = 20;

/// The least length of a text that is worth a search of its own.
const SHORTEST: usize = 3;

pub struct Needles {
    search: Search,
    /// The start of a character that JSON need not escape, but may.
    escaped: Finder<'static>,
    /// The end of a key whose value may be the number of a level.
    level_key: Finder<'static>,
}

enum Search {
    Text(Box<Finder<'static>>),
    Any(Box<Searcher>),
}

impl Needles {
    /// The texts for a choice. None if its entries have none in common.
    pub fn of(choice: &Choice) -> Option<Self> {
        let texts = choice.condition.as_ref().map(|condition| condition.needed_texts()).unwrap_or_default();
        let longest = texts.iter().map(|text| plain_part(text)).max_by_key(|part| part.len());
        let search = match (longest, choice.least_level) {
            (Some(text), _) if text.len() >= SHORTEST => Some(Search::Text(Box::new(Finder::new(text).into_owned()))),
            (_, Some(least)) if least > USUAL => any_of(&spellings(least)).map(|any| Search::Any(Box::new(any))),
            _ => None,
        };
        let finder = |text: &[u8]| Finder::new(text).into_owned();
        Some(Self { search: search?, escaped: finder(b"\\u00"), level_key: finder(b"evel\":") })
    }

    /// The place of the first such text in whole lines. All of them count as such if some letters are escaped.
    pub fn find(&self, lines: &[u8]) -> Option<usize> {
        let (found, has_numbers) = match &self.search {
            Search::Text(finder) => (finder.find(lines), false),
            Search::Any(searcher) => (searcher.find(lines).map(|found| found.start()), true),
        };
        let before = &lines[..found.unwrap_or(lines.len())];
        let number = if has_numbers { self.level_number(before) } else { None };
        let before = &before[..number.unwrap_or(before.len())];
        self.escaped.find(before).filter(|at| is_plain_escape(&before[*at..])).or(number).or(found)
    }

    /// The place of a level that is written as a number.
    fn level_number(&self, lines: &[u8]) -> Option<usize> {
        self.level_key.find_iter(lines).find(|at| {
            let value = &lines[at + self.level_key.needle().len()..];
            value.strip_prefix(b" ").unwrap_or(value).first().is_some_and(u8::is_ascii_digit)
        })
    }
}

/// Whether an escape stands for a character that `plain_part` may have.
fn is_plain_escape(text: &[u8]) -> bool {
    text.get(4).is_none_or(|digit| matches!(digit, b'2'..=b'7'))
}

fn any_of(texts: &[Vec<u8>]) -> Option<Searcher> {
    packed::Config::new().match_kind(MatchKind::LeftmostFirst).builder().extend(texts).build()
}

/// The longest part that JSON, logfmt and text have as it is.
fn plain_part(text: &[u8]) -> &[u8] {
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b'_' | b'-' | b'.' | b':');
    text.split(|byte| !is_plain(byte)).max_by_key(|part| part.len()).unwrap_or_default()
}
