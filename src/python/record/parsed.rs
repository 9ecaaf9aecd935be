//! Parsed messages that vary at their place, such as those of a program's own wrapper: found again by the message object.
//!
//! The objects are kept alive, so that no other message can have their address. Their number and length are bounded.

use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::message::{Style, Template};
use crate::python::call::arrived::Call;
use crate::sync::Mutex;

/// The number of messages kept, a power of two. A new one replaces another whose address is like its own.
const MOST_KEPT: usize = 256;

/// Longer messages are parsed at each call.
const LONGEST_KEPT: usize = 4096;

/// The template of a message, for calls with so many positional arguments, and with keywords or without.
pub struct Parsed {
    pub template: Template,
    /// Bits for the positional arguments without a place.
    pub unused: u32,
    arguments: usize,
    has_names: bool,
    /// Whether `%`-conversions were looked for.
    has_percent: bool,
}

impl Parsed {
    /// None if the arguments must be looked at first.
    fn new(text: &[u8], arguments: usize, has_names: bool, has_percent: bool) -> Option<Self> {
        let template = Template::for_call(text, arguments, has_names, has_percent)?;
        let unused = if template.style == Style::Braces { template.unused(arguments) } else { 0 };
        Some(Self { template, unused, arguments, has_names, has_percent })
    }
}

type Kept = Option<(Py<PyString>, Arc<Parsed>)>;

static KEPT: Mutex<[Kept; MOST_KEPT]> = Mutex::new([const { None }; MOST_KEPT]);

/// The parsed form of a call's message, which is `text`. None if the arguments must be looked at first.
///
/// This never waits for the lock, because a child that C code forked could wait forever.
pub fn parsed(call: &Call<'_, '_>, message: &Bound<'_, PyString>, text: &str) -> Option<Arc<Parsed>> {
    let (arguments, has_names) = (call.arguments().len(), call.names.is_some());
    let has_percent = call.logger.core().dialect().has_percent();
    let at = place_of(message.as_ptr() as usize);
    if let Some(kept) = KEPT.try_lock()
        && let Some((known, parsed)) = &kept[at]
        && known.is(message)
        && (parsed.arguments, parsed.has_names, parsed.has_percent) == (arguments, has_names, has_percent)
    {
        return Some(Arc::clone(parsed));
    }
    let parsed = Arc::new(Parsed::new(text.as_bytes(), arguments, has_names, has_percent)?);
    if text.len() <= LONGEST_KEPT
        && let Some(mut kept) = KEPT.try_lock()
    {
        let replaced = kept[at].replace((message.clone().unbind(), Arc::clone(&parsed)));
        drop(kept);
        drop(replaced);
    }
    Some(parsed)
}

/// The place of an object's address, of which the lowest bits are always 0.
fn place_of(address: usize) -> usize {
    (((address >> 4) as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as usize % MOST_KEPT
}
