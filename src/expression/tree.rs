//! The tree of an expression.

use std::ops::Range;

use regex::bytes::Regex;

use super::names::Name;

/// A part of an expression, with its place in the source.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub kind: Kind,
    pub span: Range<usize>,
}

#[derive(Clone, Debug)]
pub(super) enum Kind {
    Constant(Constant),
    Name(Name),
    List(Vec<Node>),
    Not(Box<Node>),
    And(Vec<Node>),
    Or(Vec<Node>),
    Exists(Name),
    /// Comparisons such as `200 <= status < 300`: the first operand, and the steps from one operand to the next.
    Chain(Box<Node>, Vec<Step>),
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Constant {
    None,
    Bool(bool),
    Int(i64),
    /// An integer beyond 64 bits, in decimal.
    Big(String),
    Float(f64),
    Text(String),
}

#[derive(Clone, Debug)]
pub(super) enum Step {
    Compare(Comparison, Node),
    /// `~`, with its compiled regular expression.
    Match(Regex),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    Unequal,
    Less,
    AtMost,
    Greater,
    AtLeast,
    In,
    NotIn,
    Contains,
    StartsWith,
    EndsWith,
}

impl Comparison {
    /// Whether it compares texts, so that a level is its name and not its number.
    pub(super) fn is_of_texts(self) -> bool {
        matches!(self, Self::Contains | Self::StartsWith | Self::EndsWith)
    }

    /// Whether it holds only for a text that contains the other one.
    pub(super) fn needs_text(self) -> bool {
        matches!(self, Self::Equal | Self::Contains | Self::StartsWith | Self::EndsWith)
    }
}
