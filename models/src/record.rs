//! The encoding of records, from the product.

pub mod encoded;
