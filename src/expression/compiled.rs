//! A compiled expression.

use std::sync::Arc;

use super::evaluation;
use super::grammar;
use super::names::{Key, Name};
use super::resolving::Resolver;
use super::tree::{Constant, Kind, Node, Step};
use super::values::Values;
use crate::clock::local_zone;
use crate::error::Result;
use crate::level::Levels;

/// An expression that chooses records.
#[derive(Clone, Debug)]
pub struct Expression {
    source: Arc<str>,
    root: Arc<Node>,
}

impl Expression {
    /// Compiles an expression. `argument` names the parameter in errors, which show the source with a caret.
    pub fn parse(argument: &str, source: &str, levels: &Levels) -> Result<Self> {
        let resolver = Resolver { levels, zone: local_zone() };
        let root = grammar::parse(source, &resolver).map_err(|mistake| mistake.into_error(argument, source))?;
        Ok(Self { source: source.into(), root: Arc::new(root) })
    }

    /// Whether it accepts the record.
    pub fn accepts(&self, values: &dyn Values) -> bool {
        evaluation::is_true(&self.root, values)
    }

    /// The expression as it was written.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Whether it uses this key of the record.
    pub fn uses(&self, key: Key) -> bool {
        has_name(&self.root, &|name| *name == Name::Key(key))
    }

    /// Texts that values of each accepted record contain.
    pub fn needed_texts(&self) -> Vec<&[u8]> {
        let mut texts = Vec::new();
        add_needed(&self.root, &mut texts);
        texts
    }

    /// Whether it uses any field.
    pub fn uses_fields(&self) -> bool {
        has_name(&self.root, &|name| matches!(name, Name::Field(_)))
    }
}

/// Adds the texts without which the tree is false. Values of the exception are left out, as they may be anywhere.
fn add_needed<'n>(node: &'n Node, texts: &mut Vec<&'n [u8]>) {
    match &node.kind {
        Kind::And(parts) => parts.iter().for_each(|part| add_needed(part, texts)),
        Kind::Chain(first, steps) => {
            let is_in_line = matches!(&first.kind, Kind::Name(name) if ![Key::Exception, Key::LevelName].iter().any(|key| *name == Name::Key(*key)));
            if let (true, Some(Step::Compare(comparison, Node { kind: Kind::Constant(Constant::Text(text)), .. }))) =
                (is_in_line, steps.first())
                && comparison.needs_text()
            {
                texts.push(text.as_bytes());
            }
        }
        _ => {}
    }
}

/// Expressions are equal if they were written alike.
impl PartialEq for Expression {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}

impl Eq for Expression {}

fn has_name(node: &Node, wanted: &dyn Fn(&Name) -> bool) -> bool {
    let has = |node: &Node| has_name(node, wanted);
    match &node.kind {
        Kind::Constant(_) => false,
        Kind::Name(name) | Kind::Exists(name) => wanted(name),
        Kind::List(parts) | Kind::And(parts) | Kind::Or(parts) => parts.iter().any(has),
        Kind::Not(negated) => has(negated),
        Kind::Chain(first, steps) => {
            has(first) || steps.iter().any(|step| matches!(step, Step::Compare(_, node) if has(node)))
        }
    }
}

#[cfg(test)]
mod tests;
