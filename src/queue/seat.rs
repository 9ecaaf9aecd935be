//! The place where a native thread waits between its polls, and where other threads call or wake it.

use std::sync::Arc;
use std::time::Duration;

use crate::queue::relay;
use crate::sync::{Condvar, Mutex};

#[derive(Default)]
pub struct Seat {
    state: Mutex<State>,
    woken: Arc<Condvar>,
}

#[derive(Default)]
struct State {
    posture: Posture,
    /// Whether the thread was called since it last waited.
    is_called: bool,
    /// Whether another thread is to wake it or has woken it, which costs no caller anything.
    is_led: bool,
}

/// The state of the thread.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Posture {
    #[default]
    Awake,
    Waiting,
    /// It waits, and a caller or another thread is to wake it.
    Called,
}

impl Seat {
    /// Has the thread poll soon: wakes it, or leaves that to another thread that is about to wake some.
    pub fn call(&self) {
        let mut state = self.state.lock();
        state.is_called = true;
        if state.posture != Posture::Waiting {
            return;
        }
        state.posture = Posture::Called;
        let is_direct = relay::call(&self.woken);
        state.is_led = !is_direct;
        drop(state);
        if is_direct {
            self.woken.notify_all();
        }
    }

    /// Has the thread poll at once.
    pub fn wake(&self) {
        let mut state = self.state.lock();
        state.is_called = true;
        let is_awake = state.posture == Posture::Awake;
        drop(state);
        if !is_awake {
            self.woken.notify_all();
        }
    }

    /// Waits, on the seat's own thread, unless it was called since it last waited. True when another thread woke it.
    pub fn wait(&self, most: Duration) -> bool {
        let mut state = self.state.lock();
        if !state.is_called {
            state.posture = Posture::Waiting;
            self.woken.wait_for(&mut state, most);
        }
        state.posture = Posture::Awake;
        state.is_called = false;
        let is_led = std::mem::take(&mut state.is_led);
        drop(state);
        relay::arrive();
        is_led
    }
}
