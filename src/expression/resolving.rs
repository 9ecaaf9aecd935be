//! Names of levels and texts of times, turned into the numbers that records have.
//!
//! `level >= WARNING` compares numbers, and `WARNING` is no field there. `time >= "2026-11-29"` compares nanoseconds.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

use super::mistake::Mistake;
use super::names::{Key, Name};
use super::tree::{Constant, Kind, Node, Step};
use crate::error::nearest;
use crate::level::Levels;

/// The levels and the zone that an expression is compiled for.
pub(super) struct Resolver<'l> {
    pub levels: &'l Levels,
    pub zone: TimeZone,
}

const A_TIME: &str = "a time such as \"2026-11-29\", \"2026-11-29 08:30\" or \"2026-11-29T08:30:00Z\"";

type Result<T> = std::result::Result<T, Mistake>;

impl Resolver<'_> {
    /// Resolves the operands of a chain if one of them is the level or the time.
    pub(super) fn resolve(&self, first: Node, steps: Vec<Step>) -> Result<(Node, Vec<Step>)> {
        let has = |wanted: fn(&Name) -> bool| operands(&first, &steps).any(|node| is_name(node, wanted));
        let of_texts = |step: &Step| match step {
            Step::Compare(comparison, _) => comparison.is_of_texts(),
            Step::Match(_) => true,
        };
        let has_level = has(|name| matches!(name, Name::Level | Name::Key(Key::LevelNo)));
        let has_time = has(|name| *name == Name::Key(Key::Time));
        if has_time && steps.iter().any(of_texts) {
            return Err(Mistake::new("==, !=, <, <=, >, >=, in or not in, since a time is no text", first.span));
        }
        let change: fn(&Self, Node) -> Result<Node> = if has_level && steps.iter().any(of_texts) {
            Self::level_as_text
        } else if has_level {
            Self::level
        } else if has_time {
            Self::time
        } else {
            return Ok((first, steps));
        };
        let changed = |step| match step {
            Step::Compare(comparison, node) => change(self, node).map(|node| Step::Compare(comparison, node)),
            matched @ Step::Match(_) => Ok(matched),
        };
        let steps = steps.into_iter().map(changed).collect::<Result<_>>()?;
        Ok((change(self, first)?, steps))
    }

    #[expect(clippy::unused_self, reason = "the changes of operands have one signature")]
    #[expect(clippy::unnecessary_wraps, reason = "the changes of operands have one signature")]
    fn level_as_text(&self, node: Node) -> Result<Node> {
        let kind = match node.kind {
            Kind::Name(Name::Level) => Kind::Name(Name::Key(Key::LevelName)),
            kind => kind,
        };
        Ok(Node { kind, span: node.span })
    }

    /// The number of a level that is written as a name, with or without quotes.
    fn level(&self, node: Node) -> Result<Node> {
        let Node { kind, span } = node;
        let name = match &kind {
            Kind::Constant(Constant::Text(text)) => text.clone(),
            Kind::Name(Name::Field(field)) if field.parts.len() == 1 && !field.is_explicit => {
                String::from_utf8_lossy(&field.whole).into_owned()
            }
            Kind::List(items) => {
                let items = items.iter().cloned().map(|item| self.level(item)).collect::<Result<_>>()?;
                return Ok(Node { kind: Kind::List(items), span });
            }
            _ => return Ok(Node { kind, span }),
        };
        let Some(level) = self.levels.id_of(&name).and_then(|id| self.levels.get(id)) else {
            let known = self.levels.names().collect::<Vec<_>>().join(", ");
            let hint = nearest(&name, self.levels.names());
            return Err(Mistake::new(format!("one of the levels {known}"), span).with_hint(hint));
        };
        Ok(Node { kind: Kind::Constant(Constant::Int(i64::from(level.no))), span })
    }

    /// The nanoseconds of a time that is written as text.
    fn time(&self, node: Node) -> Result<Node> {
        let Node { kind, span } = node;
        let text = match kind {
            Kind::Constant(Constant::Text(text)) => text,
            Kind::Name(Name::Key(Key::Time)) => return Ok(Node { kind, span }),
            Kind::List(items) => {
                let items = items.into_iter().map(|item| self.time(item)).collect::<Result<_>>()?;
                return Ok(Node { kind: Kind::List(items), span });
            }
            _ => return Err(Mistake::new(A_TIME, span)),
        };
        let time = self.instant(&text).ok_or_else(|| Mistake::new(A_TIME, span.clone()))?;
        let nanoseconds = i64::try_from(time.as_nanosecond());
        let number = nanoseconds.map_err(|_| Mistake::new("a time from 1678 to 2262", span.clone()))?;
        Ok(Node { kind: Kind::Constant(Constant::Int(number)), span })
    }

    fn instant(&self, text: &str) -> Option<Timestamp> {
        let local = || {
            let civil = text.parse::<DateTime>().or_else(|_| text.parse::<Date>().map(DateTime::from)).ok()?;
            civil.to_zoned(self.zone.clone()).ok().map(|zoned| zoned.timestamp())
        };
        let zoned = || text.parse::<Zoned>().ok().map(|zoned| zoned.timestamp());
        text.parse::<Timestamp>().ok().or_else(zoned).or_else(local)
    }
}

fn operands<'n>(first: &'n Node, steps: &'n [Step]) -> impl Iterator<Item = &'n Node> {
    let others = steps.iter().filter_map(|step| match step {
        Step::Compare(_, node) => Some(node),
        Step::Match(_) => None,
    });
    std::iter::once(first).chain(others)
}

fn is_name(node: &Node, wanted: fn(&Name) -> bool) -> bool {
    matches!(&node.kind, Kind::Name(name) if wanted(name))
}
