//! The level of a record, as in `level` of the product.

/// A level's place in the table of levels, and its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LevelRef {
    pub id: u16,
    pub no: i32,
}
