//! Where a native thread waits between its looks, and how others have it look.

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
    /// Something was left to the thread since it waited last.
    is_called: bool,
    /// Another thread is to wake it, or has: that costs no caller anything.
    is_led: bool,
}

/// What the thread does.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Posture {
    #[default]
    Awake,
    Waiting,
    /// It waits, and is to be woken by whoever was told to.
    Called,
}

impl Seat {
    /// Has the thread look soon: wakes it, unless another thread is about to wake some.
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

    /// Has the thread look at once.
    pub fn wake(&self) {
        let mut state = self.state.lock();
        state.is_called = true;
        let is_awake = state.posture == Posture::Awake;
        drop(state);
        if !is_awake {
            self.woken.notify_all();
        }
    }

    /// For the thread: waits, unless it was called since it waited last. True when another thread woke it.
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
