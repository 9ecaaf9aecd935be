//! The first step of a call, which decides whether the call takes the common path.

use crate::logger::wants::Wants;
use crate::process::hanging;
use crate::python::call::arrived::Call;
use crate::python::call::{callsite, taking_over};
use crate::python::entry::deliver::{deliver, encode, with_scratch};
use crate::python::entry::special;
use crate::python::py::gil::attached;
use crate::python::py::interrupt::Interrupt;
use crate::python::value::capture::Capture;

/// The bits of loggers whose calls take another path.
const UNCOMMON: Wants = Wants::ACTIVATION.or(Wants::PATCHER).or(Wants::TAKE_OVER);

/// Logs one call. Returns the interrupt that is to be raised; all other errors are contained.
#[inline]
pub(super) fn emit(call: &Call<'_, '_>) -> Interrupt {
    if (call.logger.core().wants().has(UNCOMMON) || call.logger.options().is_some())
        && let Special::Done(interrupt) = emit_special(call)
    {
        return interrupt;
    }
    with_scratch(|buffer| emit_plain(call, buffer))
}

/// Whether a call was an uncommon one, and was therefore handled separately.
pub enum Special {
    No,
    Done(Interrupt),
}

/// Handles a call of a disabled module, a call with options, or a call whose record is patched.
#[cold]
pub(super) fn emit_special(call: &Call<'_, '_>) -> Special {
    hanging::watch();
    let bits = call.logger.core().wants();
    if bits.has(Wants::TAKE_OVER) {
        return Special::Done(emit_first(call));
    }
    if call.logger.options().is_some() || bits.has(Wants::PATCHER) {
        return Special::Done(attached(call.py, || special::emit(call)));
    }
    if is_silent(call) { Special::Done(None) } else { Special::No }
}

/// Handles a call of a process that may have to take over the logger of its parent.
#[cold]
fn emit_first(call: &Call<'_, '_>) -> Interrupt {
    let interrupt = attached(call.py, || taking_over::settle(call.py, call.logger));
    let core = call.logger.core();
    if call.level.no < core.lowest() {
        return interrupt;
    }
    let bits = core.wants();
    let own = if call.logger.options().is_some() || bits.has(Wants::PATCHER) {
        attached(call.py, || special::emit(call))
    } else if bits.has(Wants::ACTIVATION) && is_silent(call) {
        None
    } else {
        with_scratch(|buffer| emit_plain(call, buffer))
    };
    interrupt.or(own)
}

/// Whether the calls of this place are disabled. If they are enabled, the place is looked up a second time. So other
/// programs pay for no branch between the lookup and the record.
#[cold]
pub(super) fn is_silent(call: &Call<'_, '_>) -> bool {
    !call.logger.core().is_active(callsite::find(call).site())
}

#[inline]
fn emit_plain(call: &Call<'_, '_>, buffer: &mut Vec<u8>) -> Interrupt {
    let core = call.logger.core();
    let mut capture = Capture::new(core.wants(), core.most_message_bytes());
    let place = callsite::find(call);
    encode(call, &place, buffer, &mut capture);
    deliver(call, &place, buffer, &mut capture, None);
    capture.interrupt
}
