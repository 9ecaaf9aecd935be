//! Records in the form of OpenTelemetry's protocol: requests of protobuf that a collector takes.
//!
//! Read `batch` first (from records to a request), then `log_record` (one record), `known` (attributes that
//! many records share), `any_value` (values of fields) and `protobuf` (the wire format). The field numbers are those of the published `.proto` files, version 1.

pub mod any_value;
pub mod batch;
pub mod known;
pub mod log_record;
pub mod protobuf;
