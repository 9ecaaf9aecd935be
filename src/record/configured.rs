//! The fields that the settings of a logger give to every record, and how they stand among a record's own.

/// The fields that the settings of a logger give to every record.
#[derive(Clone, Debug, Default)]
pub struct ConfiguredFields {
    pub encoded: Vec<u8>,
    /// Whether a field that replaces one of them, or any other, gets its place.
    pub keeps_places: bool,
}

/// Such fields, borrowed for a record.
#[derive(Clone, Copy)]
pub struct Outer<'a> {
    pub(super) fields: &'a [u8],
    pub(super) keeps_places: bool,
}

impl<'a> From<&'a ConfiguredFields> for Outer<'a> {
    fn from(fields: &'a ConfiguredFields) -> Self {
        Self { fields: &fields.encoded, keeps_places: fields.keeps_places }
    }
}

impl<'a> From<&'a [u8]> for Outer<'a> {
    fn from(fields: &'a [u8]) -> Self {
        Self { fields, keeps_places: false }
    }
}

impl<'a, const LENGTH: usize> From<&'a [u8; LENGTH]> for Outer<'a> {
    fn from(fields: &'a [u8; LENGTH]) -> Self {
        Self { fields, keeps_places: false }
    }
}

impl<'a> From<&'a Vec<u8>> for Outer<'a> {
    fn from(fields: &'a Vec<u8>) -> Self {
        Self { fields, keeps_places: false }
    }
}
