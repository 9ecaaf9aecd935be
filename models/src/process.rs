//! Values of a process, from the product, and a number of the process that a model can change.

pub mod per_process;

pub mod fork {
    //! The number of the process.

    use std::sync::atomic::{AtomicU32, Ordering};

    static GENERATION: AtomicU32 = AtomicU32::new(1);

    pub fn generation() -> u32 {
        GENERATION.load(Ordering::SeqCst)
    }

    /// Lets all values belong to another process, as in a forked child.
    pub fn next() {
        GENERATION.fetch_add(1, Ordering::SeqCst);
    }
}
