//! Who holds the lock: what every place that keeps a journal knows of it.

use jiff::Timestamp;

use super::StoreError;
use super::database_row::{StoreRow, unsigned};

/// Who holds the lock, or held it last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct LockHolder {
    pub(super) owner: String,
    pub(super) since: Option<Timestamp>,
    pub(super) until: Option<Timestamp>,
    pub(super) fence: u64,
    /// Whether it let go.
    pub(super) released: bool,
    /// How far the journal went when somebody let go of the lock last.
    pub(super) head: u64,
}

impl LockHolder {
    pub(super) fn of((_, fence, owner, since, until, released, head): StoreRow) -> Self {
        let time = |micros| Timestamp::from_microsecond(micros).ok();
        Self {
            owner,
            since: time(since),
            until: until.and_then(time),
            fence: unsigned(fence),
            released: released != 0,
            head: unsigned(head),
        }
    }

    /// The error of whoever comes while it holds the lock.
    pub(super) fn locked(self) -> StoreError {
        let Self { owner, since, until, fence, released, head: _ } = self;
        // Whoever let go is not the one who holds it now.
        let known = !released && !owner.is_empty();
        StoreError::Locked { owner: known.then_some(owner), since: since.filter(|_| known), until, fence }
    }
}
