//! Computes the value of a tree for one record.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::datum::Datum;
use super::names::{Field, Key, Name};
use super::tree::{Comparison, Constant, Kind, Node, Step};
use super::values::Values;

/// Whether the tree is true, as Python's `bool()` says of the value.
pub(super) fn is_true(node: &Node, values: &dyn Values) -> bool {
    match &node.kind {
        Kind::And(parts) => parts.iter().all(|part| is_true(part, values)),
        Kind::Or(parts) => parts.iter().any(|part| is_true(part, values)),
        Kind::Not(negated) => !is_true(negated, values),
        Kind::Exists(name) => exists(name, values),
        Kind::Chain(first, steps) => holds(first, steps, values),
        Kind::Constant(_) | Kind::Name(_) | Kind::List(_) => value(node, values).is_true(),
    }
}

/// `and` and `or` have the value of one of their parts, as in Python.
fn value<'v>(node: &'v Node, values: &'v dyn Values) -> Datum<'v> {
    match &node.kind {
        Kind::Constant(constant) => of_constant(constant),
        Kind::Name(name) => of_name(name, values).unwrap_or(Datum::None),
        Kind::List(items) => Datum::List(items.iter().map(|item| value(item, values)).collect()),
        Kind::And(parts) => first_value(parts, values, false),
        Kind::Or(parts) => first_value(parts, values, true),
        Kind::Not(_) | Kind::Exists(_) | Kind::Chain(..) => Datum::Bool(is_true(node, values)),
    }
}

/// The first value that decides, which is one of this truth, or else the last value.
fn first_value<'v>(parts: &'v [Node], values: &'v dyn Values, decides: bool) -> Datum<'v> {
    let mut last = Datum::None;
    for part in parts {
        last = value(part, values);
        if last.is_true() == decides {
            break;
        }
    }
    last
}

fn of_constant(constant: &Constant) -> Datum<'_> {
    match constant {
        Constant::None => Datum::None,
        Constant::Bool(value) => Datum::Bool(*value),
        Constant::Int(number) => Datum::Int(*number),
        Constant::Big(digits) => Datum::Big(Cow::Borrowed(digits.as_bytes())),
        Constant::Float(number) => Datum::Float(*number),
        Constant::Text(text) => Datum::Text(Cow::Borrowed(text.as_bytes())),
    }
}

fn of_name<'v>(name: &Name, values: &'v dyn Values) -> Option<Datum<'v>> {
    match name {
        Name::Key(key) => values.key(*key),
        Name::Level => values.key(Key::LevelNo),
        Name::Field(field) => of_field(field, values),
    }
}

/// The field of the whole name, or else the member of a field.
fn of_field<'v>(field: &Field, values: &'v dyn Values) -> Option<Datum<'v>> {
    if let Some(found) = values.field(&field.whole) {
        return Some(found);
    }
    let (first, inner) = field.parts.split_first().filter(|(_, inner)| !inner.is_empty())?;
    inner.iter().try_fold(values.field(first)?, |outer, key| outer.into_member(key))
}

fn exists(name: &Name, values: &dyn Values) -> bool {
    of_name(name, values).is_some()
}

fn holds(first: &Node, steps: &[Step], values: &dyn Values) -> bool {
    let mut left = value(first, values);
    for step in steps {
        let right = match step {
            Step::Match(regex) => return matches!(&left, Datum::Text(text) if regex.is_match(text)),
            Step::Compare(comparison, right) => {
                let right = value(right, values);
                if !compares(&left, *comparison, &right) {
                    return false;
                }
                right
            }
        };
        left = right;
    }
    true
}

fn compares(left: &Datum<'_>, comparison: Comparison, right: &Datum<'_>) -> bool {
    let ordered = |wanted: fn(Ordering) -> bool| left.order(right).is_some_and(wanted);
    match comparison {
        Comparison::Equal => left.equals(right),
        Comparison::Unequal => !left.equals(right),
        Comparison::Less => ordered(Ordering::is_lt),
        Comparison::AtMost => ordered(Ordering::is_le),
        Comparison::Greater => ordered(Ordering::is_gt),
        Comparison::AtLeast => ordered(Ordering::is_ge),
        Comparison::In => right.contains(left),
        Comparison::NotIn => !right.contains(left),
        Comparison::Contains => left.contains(right),
        Comparison::StartsWith => left.starts_with(right),
        Comparison::EndsWith => left.ends_with(right),
    }
}
