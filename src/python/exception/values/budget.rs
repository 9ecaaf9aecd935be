//! The size and the time that the values of one exception may take.

use std::time::{Duration, Instant};

use pyo3::prelude::*;

use crate::python::value::sharing::is_atom;
use crate::sys::thread::own_time;

/// The characters of all values of one exception.
const MOST_CHARACTERS: usize = 8_192;

/// The processor time for them.
pub const MOST_TIME: Duration = Duration::from_millis(50);

/// The clock is looked at once in this many questions. Little is written between two of them.
const LOOK_EVERY: u32 = 8;

/// The most values whose texts are kept for the other frames of an exception.
const MOST_WRITTEN: usize = 32;

/// The rest of the size and time for the values of one exception.
pub struct Budget {
    left: usize,
    most: Duration,
    time: Time,
    questions: u32,
    written: Vec<Written>,
}

/// A container or an object with its text. Frames that call each other often have the same objects.
struct Written {
    value: Py<PyAny>,
    text: Box<[u8]>,
}

/// The state of the time.
///
/// The processor time of a thread counts, so that other threads do not use it up. It takes a system call, which most
/// exceptions do not need: a thread cannot have used more time than has passed. Half of the budget is therefore counted
/// as time that passes, and the other half as processor time.
#[derive(Clone, Copy)]
enum Time {
    /// No value was written yet.
    Unread,
    Passing(Instant),
    /// The thread's processor time at the end of the first half.
    Used(Duration),
    Over,
}

impl Budget {
    pub const fn new(most: Duration) -> Self {
        Self { left: MOST_CHARACTERS, most, time: Time::Unread, questions: 0, written: Vec::new() }
    }

    /// Takes the size of a text. False if the rest is too small.
    pub fn takes(&mut self, characters: usize) -> bool {
        let is_enough = characters <= self.left;
        self.left = self.left.saturating_sub(characters);
        is_enough
    }

    /// Whether the size or the time is used up.
    pub fn is_over(&mut self) -> bool {
        self.questions = self.questions.wrapping_add(1);
        self.left == 0
            || if self.questions % LOOK_EVERY == 1 { self.is_late() } else { matches!(self.time, Time::Over) }
    }

    fn is_late(&mut self) -> bool {
        let half = self.most / 2;
        if let Time::Unread = self.time {
            self.time = Time::Passing(Instant::now());
        }
        if let Time::Passing(start) = self.time
            && start.elapsed() >= half
        {
            self.time = Time::Used(own_time());
        }
        if let Time::Used(start) = self.time
            && own_time().saturating_sub(start) >= half
        {
            self.time = Time::Over;
        }
        matches!(self.time, Time::Over)
    }

    /// Appends the text of a value that was written before. False if it was not.
    pub fn put_written(&self, out: &mut Vec<u8>, value: &Bound<'_, PyAny>) -> bool {
        let known = self.written.iter().find(|written| written.value.as_ptr() == value.as_ptr());
        if let Some(known) = known {
            out.extend_from_slice(&known.text);
        }
        known.is_some()
    }

    /// Keeps the text of a value, unless it is a value that is written as fast again.
    pub fn keep_written(&mut self, value: &Bound<'_, PyAny>, text: &[u8]) {
        if self.written.len() < MOST_WRITTEN && !is_atom(value) {
            self.written.push(Written { value: value.clone().unbind(), text: text.into() });
        }
    }
}

impl Default for Budget {
    fn default() -> Self {
        Self::new(MOST_TIME)
    }
}
