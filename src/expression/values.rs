//! The values that an expression asks for.

use super::datum::Datum;
use super::names::Key;

/// A record, or a line in a file.
pub trait Values {
    /// A value of the record itself; None if the record has none, such as an exception.
    fn key(&self, key: Key) -> Option<Datum<'_>>;

    /// The value of a field; None if there is no such field.
    fn field(&self, name: &[u8]) -> Option<Datum<'_>>;
}
