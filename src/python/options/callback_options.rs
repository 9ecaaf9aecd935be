//! The parsed arguments of `add_callback`, and the table of its parameters.

use crate::config::queue::{CALLBACK_BYTES, Overflow, QueueOptions};
use crate::config::sink::SinkOptions;
use crate::python::options::parameter::Parameter;
use crate::python::options::queue_options;

/// All arguments of `add_callback` except the callback itself.
pub struct CallbackParts {
    pub name: Option<String>,
    pub options: SinkOptions,
}

impl Default for CallbackParts {
    fn default() -> Self {
        let queue = QueueOptions { overflow: Overflow::DropNew, bytes: CALLBACK_BYTES, ..QueueOptions::default() };
        Self { name: None, options: SinkOptions { is_async: true, queue, ..SinkOptions::default() } }
    }
}

type Row = Parameter<CallbackParts>;

/// The order is that of `logly.typing.CallbackOptions`.
pub static CALLBACK_PARAMETERS: &[Row] = &[
    Row::new("name", |parts, given| {
        parts.name = Some(given.text()?.to_owned());
        Ok(())
    }),
    Row::new("level", |parts, given| given.level().map(|no| parts.options.level = Some(no))),
    Row::new("where", |parts, given| {
        parts.options.filter.expression = Some(given.expression()?);
        Ok(())
    }),
    Row::new("overflow", |parts, given| queue_options::set_overflow(&mut parts.options.queue, given)),
    Row::new("block_timeout", |parts, given| queue_options::set_block_timeout(&mut parts.options.queue, given)),
    Row::new("buffer_size", |parts, given| queue_options::set_bytes(&mut parts.options.queue, given)),
    Row::new("max_buffered_lines", |parts, given| queue_options::set_most_records(&mut parts.options.queue, given)),
];
