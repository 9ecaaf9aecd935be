//! The parts of `site` that the files of the product name.

pub const MOST_SITES: usize = 64;

pub struct Location<'a> {
    pub module: &'a [u8],
    pub function: &'a [u8],
    pub path: &'a [u8],
    pub line: u32,
}
