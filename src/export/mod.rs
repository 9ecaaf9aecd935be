//! Records in the forms in which they leave the machine's files: requests of OpenTelemetry's protocol, messages of
//! syslog, and entries of the journal.
//!
//! For OpenTelemetry read `batch` first (from records to a request), then `log_record` (one record), `known` (attributes
//! that many records share), `any_value` (values of fields) and `protobuf` (the wire format). The field numbers are those
//! of the published `.proto` files, version 1. For the others read `frames` first (from records to messages), then
//! `syslog` (RFC 5424 and RFC 3164), `structured_data` (its fields), `journal`, and `parts` (values of both).

pub mod any_value;
pub mod batch;
pub mod frames;
pub mod journal;
pub mod known;
pub mod log_record;
mod parts;
pub mod protobuf;
mod structured_data;
pub mod syslog;
