//! The prepared lines of one layout, by call site.
//!
//! A line is prepared at the second record of a site, since many sites of a program log only once. A site has one line
//! at most. The number of sites is bounded, and so is the size of a line.

use crate::format::prepared::line::PreparedLine;
use crate::record::decoded::Record;
use crate::site::MOST_SITES;

/// After this many records that did not fit, a site's line is prepared again. A site whose records alternate between
/// two forms thus seldom pays for it.
const MOST_MISFITS: u32 = 32;

#[derive(Default)]
pub struct Sites {
    slots: Vec<Slot>,
}

/// The line of one site.
#[derive(Default)]
enum Slot {
    #[default]
    New,
    /// The next record prepares it.
    Seen,
    Ready(Box<PreparedLine>, u32),
    /// Its records cannot be prepared.
    Refused,
}

impl Sites {
    /// The line of a record's site, if it is prepared and fits the record.
    #[inline]
    pub fn line(
        &mut self,
        record: &Record<'_>,
        prepare: impl FnOnce() -> Option<PreparedLine>,
    ) -> Option<&PreparedLine> {
        let site = record.header.site as usize;
        match self.slots.get_mut(site) {
            Some(Slot::Ready(line, _)) if line.fits(record) => {}
            _ => {
                self.miss(site, record, prepare);
                return None;
            }
        }
        match &self.slots[site] {
            Slot::Ready(line, _) => Some(line),
            _ => None,
        }
    }

    #[cold]
    fn miss(&mut self, site: usize, record: &Record<'_>, prepare: impl FnOnce() -> Option<PreparedLine>) {
        if site >= MOST_SITES {
            return;
        }
        if self.slots.len() <= site {
            self.slots.resize_with(site + 1, Slot::default);
        }
        let slot = &mut self.slots[site];
        match slot {
            Slot::Seen if record.is_common() => {
                *slot = prepare().map_or(Slot::Refused, |line| Slot::Ready(Box::new(line), 0));
            }
            Slot::Ready(_, misfits) if *misfits < MOST_MISFITS => *misfits += 1,
            Slot::New | Slot::Ready(..) => *slot = Slot::Seen,
            Slot::Seen | Slot::Refused => {}
        }
    }
}
