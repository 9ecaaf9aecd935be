//! The finder: which parts of a text match one of the patterns.
//!
//! One pass over the text looks for the literals of all kept patterns. Only the expressions whose literals stand in the
//! text run, so a text without any costs about a nanosecond a byte. The program's own expressions always run.

use std::ops::Range;
use std::time::Duration;

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use regex::bytes::Regex;

use crate::error::{Error, Result, nearest, quoted};
use crate::redaction::kept::{CARD, Kept, TABLE, names};
use crate::redaction::{expression, numbers};
use crate::sys::thread;

/// The name that stands for the kept patterns of credentials.
const DEFAULT: &str = "default";

/// Kept patterns match texts of this many bytes, at least.
const SHORTEST: usize = 3;

/// The most processor time of one expression for one text, and the matches after which it is looked at.
const LONGEST: Duration = Duration::from_millis(100);
const MATCHES: u32 = 16;

/// The group that is masked instead of the whole match.
const GROUP: &str = "secret";

pub struct Patterns {
    kept: Vec<Finder>,
    literals: Option<Literals>,
    own: Vec<Finder>,
    has_cards: bool,
}

/// An expression, and the test of its matches.
struct Finder {
    expression: Regex,
    /// The number of the group `secret`.
    group: Option<usize>,
    check: Option<fn(&[u8]) -> bool>,
}

/// The time that an expression takes for one text.
///
/// One match takes time linear in the text. An expression such as `.*!|.` looks at the whole rest of the text for each
/// of its matches. After this time the rest counts as secret.
#[derive(Default)]
struct Patience {
    matches: u32,
    began: Option<Duration>,
}

/// The literals of the kept patterns that are in use.
struct Literals {
    automaton: AhoCorasick,
    /// The pattern of each literal, by its place in `Patterns::kept`.
    owners: Vec<u8>,
}

impl Patterns {
    /// The kept patterns of credentials.
    pub fn standard() -> Result<Self> {
        Self::parse("patterns", [DEFAULT])
    }

    /// Reads regular expressions and names of kept patterns.
    pub fn parse<'p>(argument: &str, patterns: impl IntoIterator<Item = &'p str>) -> Result<Self> {
        let mut chosen = [false; TABLE.len()];
        let (mut own, mut has_cards) = (Vec::new(), false);
        for pattern in patterns {
            if pattern == DEFAULT {
                chosen.iter_mut().zip(&TABLE).for_each(|(is_chosen, kept)| *is_chosen |= kept.is_default);
            } else if pattern == CARD {
                has_cards = true;
            } else if let Some(at) = TABLE.iter().position(|kept| kept.name == pattern) {
                chosen[at] = true;
            } else {
                own.push(of_program(argument, pattern)?);
            }
        }
        let kept: Vec<&Kept> =
            TABLE.iter().zip(chosen).filter(|(_, is_chosen)| *is_chosen).map(|(kept, _)| kept).collect();
        let literals = if kept.is_empty() { None } else { Some(Literals::of(&kept)) };
        let kept = kept.into_iter().map(Finder::of_kept).collect::<Result<_>>()?;
        Ok(Self { kept, literals, own, has_cards })
    }

    pub fn is_empty(&self) -> bool {
        self.kept.is_empty() && self.own.is_empty() && !self.has_cards
    }

    /// Whether a number may match a pattern.
    pub(super) fn reads_numbers(&self) -> bool {
        self.has_cards || !self.own.is_empty()
    }

    /// Adds the parts of a text that are secret.
    pub fn find(&self, text: &[u8], found: &mut Vec<Range<usize>>) {
        self.find_kept(text, found);
        self.own.iter().for_each(|finder| finder.find(text, found));
    }

    /// Like `find`, without the program's own expressions, which may be about the start of the text.
    pub(super) fn find_kept(&self, text: &[u8], found: &mut Vec<Range<usize>>) {
        // No secret is shorter than an address such as `::1`.
        if text.len() >= SHORTEST
            && let Some(literals) = &self.literals
        {
            let mut wanted = literals.in_text(text);
            while wanted != 0 {
                self.kept[wanted.trailing_zeros() as usize].find(text, found);
                wanted &= wanted - 1;
            }
        }
        if self.has_cards {
            numbers::find_cards(text, found);
        }
    }
}

/// Compiles an expression of the program. A word that could be a name is refused.
fn of_program(argument: &str, pattern: &str) -> Result<Finder> {
    let is_word = pattern.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_ ".contains(&byte));
    if is_word {
        let names: Vec<&str> = [DEFAULT].into_iter().chain(names()).collect();
        let expected = format!("a regular expression, or one of {}", names.join(", "));
        return Err(Error::value(argument, expected, quoted(pattern) + &nearest(pattern, names)));
    }
    Ok(Finder::new(expression::compile(argument, pattern, pattern)?, None))
}

impl Finder {
    fn new(expression: Regex, check: Option<fn(&[u8]) -> bool>) -> Self {
        let group = expression.capture_names().position(|name| name == Some(GROUP));
        Self { expression, group, check }
    }

    fn of_kept(kept: &Kept) -> Result<Self> {
        Ok(Self::new(expression::compile(kept.name, kept.name, kept.expression)?, kept.check))
    }

    fn find(&self, text: &[u8], found: &mut Vec<Range<usize>>) {
        let mut patience = Patience::default();
        // Returns whether to go on.
        let mut add = |range: Range<usize>| {
            let end = range.end;
            if !range.is_empty() && self.check.is_none_or(|check| check(&text[range.clone()])) {
                found.push(range);
            }
            let is_over = patience.is_over();
            if is_over && end < text.len() {
                found.push(end..text.len());
            }
            !is_over
        };
        let _is_whole = match self.group {
            None => self.expression.find_iter(text).all(|whole| add(whole.range())),
            Some(group) => self
                .expression
                .captures_iter(text)
                .filter_map(|groups| groups.get(group))
                .all(|secret| add(secret.range())),
        };
    }
}

impl Patience {
    /// Counts one match.
    fn is_over(&mut self) -> bool {
        self.matches += 1;
        if !self.matches.is_multiple_of(MATCHES) {
            return false;
        }
        let now = thread::own_time();
        now.saturating_sub(*self.began.get_or_insert(now)) > LONGEST
    }
}

impl Literals {
    fn of(kept: &[&Kept]) -> Self {
        let owned =
            || kept.iter().enumerate().flat_map(|(at, kept)| kept.literals.iter().map(move |text| (at as u8, *text)));
        let built = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .kind(Some(AhoCorasickKind::DFA))
            .build(owned().map(|(_, text)| text));
        Self {
            automaton: built.expect("the literals make a small automaton; this is a bug in logly"),
            owners: owned().map(|(at, _)| at).collect(),
        }
    }

    /// A bit for each pattern whose literal stands in the text.
    fn in_text(&self, text: &[u8]) -> u32 {
        let hits = self.automaton.find_overlapping_iter(text);
        hits.fold(0, |wanted, hit| wanted | 1 << self.owners[hit.pattern().as_usize()])
    }
}
