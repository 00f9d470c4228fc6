//! What has to outlive a run: journal and lock.
