//! One call of a logger that has options.
//!
//! As `deliver.rs`, but nothing here is in the way of calls that have none.

use crate::logger::wants;
use crate::python::call_options::CallOptions;
use crate::python::callsite;
use crate::python::deliver::{deliver, encode, with_scratch};
use crate::python::entry::{Call, Raised};
use crate::python::values::{Capture, Interrupt};

/// Logs one call as the options say.
pub fn emit(call: &Call<'_, '_>, options: &CallOptions) -> Interrupt {
    let core = call.logger.core();
    let place = callsite::find_behind(call, options.depth);
    if core.wants() & wants::ACTIVATION != 0 && !core.is_active(place.site()) {
        return None;
    }
    let given = options.exception.as_ref().map(|exception| exception.bind(call.py).clone());
    let raised = given.as_ref().map_or(call.raised, Raised::Given);
    let call = Call { raised, ..*call };
    with_scratch(|buffer| {
        let mut capture = Capture::new(core.wants(), core.most_message_bytes());
        encode(&call, &place, buffer, &mut capture);
        deliver(&call, &place, buffer, &mut capture);
        capture.interrupt
    })
}
