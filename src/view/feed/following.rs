//! Reading on at the end of what was read, in files that may grow, too.

use std::io;

use memchr::memchr;

use super::pieces::{Pieces, Step};
use super::reading::Reading;

impl Pieces {
    pub(super) fn read_more(&mut self, is_growing: bool, reading: &mut Reading) -> io::Result<Step> {
        let Some(input) = &mut self.input else { return Ok(Step::Again) };
        let before = input.unread().len();
        if input.read_more()? {
            self.is_settled = false;
            reading.budget = reading.budget.saturating_sub(input.unread().len().saturating_sub(before));
            return Ok(Step::Again);
        }
        if input.is_full() {
            reading.counts.cut += 1;
            self.is_cut = true;
            return Ok(Step::Entry(input.unread().len()));
        }
        if is_growing && before > 0 && !self.is_settled {
            self.is_settled = true;
            return Ok(Step::Wait);
        }
        Ok(Step::Again)
    }

    /// Closes a file at its end. One that may grow stays open until there is a next one.
    pub(super) fn end_of_file(&mut self, is_growing: bool) -> io::Result<Step> {
        let Some(input) = &mut self.input else { return Ok(Step::Again) };
        if is_growing && !input.is_last() {
            if input.read_more()? {
                return Ok(Step::Again);
            }
            if !self.files.is_succeeded()? {
                return Ok(Step::Wait);
            }
            if !input.unread().is_empty() {
                // The last line never got its end.
                input.set_last();
                return Ok(Step::Again);
            }
        }
        self.input = None;
        self.is_settled = false;
        Ok(Step::Again)
    }

    /// Passes over what is left of a line that was cut.
    pub(super) fn pass_over_rest(&mut self) -> io::Result<()> {
        let Some(input) = &mut self.input else { return Ok(()) };
        let end = memchr(b'\n', input.unread());
        input.pass(end.map_or(input.unread().len(), |end| end + 1));
        self.is_cut = end.is_none() && (input.read_more()? || !input.is_over());
        Ok(())
    }
}
