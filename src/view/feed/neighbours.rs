//! The entries around wanted ones, for `--context`.

use std::collections::VecDeque;

/// An entry that is kept for its neighbours.
pub(super) struct Held {
    pub lines: Vec<u8>,
    pub time: Option<i64>,
    pub is_wanted: bool,
}

pub(super) struct Neighbours {
    /// The number of entries that are shown before and after each wanted one.
    around: usize,
    held: VecDeque<Held>,
    /// How many entries after a wanted one are still to be shown.
    after: usize,
    /// The entry that was taken from `held`.
    pub shown: Option<Held>,
}

impl Neighbours {
    pub fn new(around: usize) -> Self {
        Self { around, held: VecDeque::new(), after: 0, shown: None }
    }

    /// Whether only wanted entries are shown.
    pub fn are_none(&self) -> bool {
        self.around == 0
    }

    /// Keeps an entry. The oldest one is dropped if it is too far from the next wanted one.
    pub fn hold(&mut self, entry: Held) {
        if !entry.is_wanted && self.after == 0 && self.held.len() == self.around {
            self.held.pop_front();
        }
        self.held.push_back(entry);
    }

    /// Takes the next entry to show, if it is known.
    pub fn take_next(&mut self) -> Option<&Held> {
        let is_wanted = self.held.front()?.is_wanted;
        if !is_wanted && self.after == 0 && !self.held.back()?.is_wanted {
            return None;
        }
        self.after = if is_wanted { self.around } else { self.after.saturating_sub(1) };
        self.shown = self.held.pop_front();
        self.shown.as_ref()
    }
}
