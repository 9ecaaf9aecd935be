//! Bytes to somewhere. Knows no format.
