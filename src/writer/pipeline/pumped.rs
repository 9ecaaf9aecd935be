//! A pipeline, as its writer's thread sees it.

use crate::writer::pipeline::Pipeline;
use crate::writer::writer_thread::{Pumped, Writer};

impl Pumped for Pipeline {
    fn writer(&self) -> &Writer {
        &self.writer
    }

    fn prepare(&self) {
        self.ring.populate();
    }

    fn pump_background(&self) -> (bool, bool) {
        Self::pump_background(self)
    }

    fn tick(&self) -> bool {
        Self::tick(self)
    }

    fn is_behind(&self) -> bool {
        Self::is_behind(self)
    }

    fn is_idle(&self) -> bool {
        Self::is_idle(self)
    }

    fn has_requests(&self) -> bool {
        Self::has_requests(self)
    }

    fn is_closing(&self) -> bool {
        Self::is_closing(self)
    }

    fn leave(&self) {
        self.leave_nothing();
        self.retire();
    }
}
