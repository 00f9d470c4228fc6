//! The row about the lock: who holds it, or held it last.

use jiff::Timestamp;
use sqlx::FromRow;

use super::StoreError;

/// Who holds the lock, or held it last.
#[derive(Clone, Debug, Default, PartialEq, Eq, FromRow)]
pub(super) struct LockHolder {
    pub(super) owner: String,
    /// Microseconds since 1970.
    pub(super) since: i64,
    pub(super) until: Option<i64>,
    pub(super) fence: i64,
    /// 1 if the holder released the lock.
    pub(super) released: i64,
    /// The number of the last record when the lock was last released.
    pub(super) head: i64,
}

impl LockHolder {
    /// Whether the holder released the lock.
    pub(super) fn is_released(&self) -> bool {
        self.released != 0
    }

    /// Returns the time at which the lock expires, if it does.
    pub(super) fn expires(&self) -> Option<Timestamp> {
        self.until.and_then(|until| Timestamp::from_microsecond(until).ok())
    }

    /// Returns the error for a run that finds the lock taken.
    pub(super) fn locked_error(self) -> StoreError {
        // After a release the database does not know the holder yet.
        let is_known = !self.is_released() && !self.owner.is_empty();
        let until = self.expires();
        let since = Timestamp::from_microsecond(self.since).ok().filter(|_| is_known);
        StoreError::Locked {
            owner: is_known.then_some(self.owner),
            since,
            until,
            fence: super::record::unsigned(self.fence),
        }
    }
}
