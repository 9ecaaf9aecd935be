//! What runs on, or hands work to, logly's own threads.
