//! The only folder that knows Python. Its modules stand in the order a call meets them.

mod entry;

mod callsite;
mod context;
mod json_value;
mod message;
mod values;

mod background;
mod call_options;
mod call_with_options;
mod callback_record;
mod deliver;
mod exceptions;
mod failure;
mod failure_json;
mod failure_text;
mod foreign;
mod frames;
mod lane;
mod lane_entry;
mod line_maker;
mod patching;
mod pushing;
mod py_sink;
mod receiver;
mod records;
mod rotation;
mod shown_frames;
mod stream;
mod synchronous;
mod waiting;

mod archiving;
mod arguments;
mod callable;
mod callbacks;
mod configuration;
mod destination;
mod file_options;
mod file_sink;
mod files;
mod interpreter;
mod logger;
mod module;
mod options;
mod query;
mod queue_options;
mod retention;
mod saved;
mod settings;
mod settling;
mod sinks;
mod stats;
mod times;
mod verdict;
