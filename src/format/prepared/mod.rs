//! Prepared lines: the parts of a line that are the same for every record of a call site, made once.
//!
//! A record of a site differs from the one before in its time and its values. Location, level, keys and the message's
//! own text are escaped once, and so are the places of the fields decided. `sites` keeps a line for each site, `line`
//! fills it in, and `text` and `shape` prepare it. A record that does not fit is formatted by its layout, which stays
//! the definition of every line; tests compare both.

pub mod line;
pub mod shape;
pub mod sites;
pub mod text;
