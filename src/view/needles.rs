//! Texts that the line of each wanted entry has, so that most lines need not be read.

use aho_corasick::packed;
use aho_corasick::packed::{MatchKind, Searcher};
use memchr::memmem::Finder;

use super::choice::Choice;
use super::severity::spellings;
use crate::error::Result;

/// The least length of a text that is worth a search of its own.
const SHORTEST: usize = 3;

pub struct Needles {
    search: Search,
    /// The start of a character that JSON need not escape, but may.
    escaped: Finder<'static>,
}

enum Search {
    Text(Finder<'static>),
    Any(Box<Searcher>),
}

impl Needles {
    /// The texts for a choice. None if its entries have none in common.
    pub fn of(choice: &Choice) -> Result<Option<Self>> {
        let texts = choice.condition.as_ref().map(|condition| condition.needed_texts()).unwrap_or_default();
        let longest = texts.iter().map(|text| plain_part(text)).max_by_key(|part| part.len());
        let search = match (longest, choice.least_level) {
            (Some(text), _) if text.len() >= SHORTEST => Some(Search::Text(Finder::new(text).into_owned())),
            (_, Some(least)) => any_of(&spellings(least)).map(|any| Search::Any(Box::new(any))),
            _ => None,
        };
        Ok(search.map(|search| Self { search, escaped: Finder::new(b"\\u00").into_owned() }))
    }

    /// The place of the first such text in whole lines. All of them count as such if some letters are escaped.
    pub fn find(&self, lines: &[u8]) -> Option<usize> {
        let found = match &self.search {
            Search::Text(finder) => finder.find(lines),
            Search::Any(searcher) => searcher.find(lines).map(|found| found.start()),
        };
        let before = &lines[..found.unwrap_or(lines.len())];
        self.escaped.find(before).filter(|at| is_plain_escape(&before[*at..])).or(found)
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
