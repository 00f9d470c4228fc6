//! What every adapter guarantees, and which adapters a guarantee applies to.

use reseat::adapter::{Capabilities, WriteMode};

/// One guarantee.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Behavior {
    /// Gains, moves and losses take effect; planning again yields nothing.
    Walk,
    /// Everyone is read once, regardless of the number of pages.
    Pages,
    /// Changes of the list during paging are handled.
    MutationWhilePaging,
    /// A page that cannot be read makes the observation incomplete, and nobody loses anything.
    PartialList,
    /// Throttled requests slow down, and everything takes effect.
    Throttled,
    /// If the vendor has no free seat, nobody loses their license.
    NoSeat,
    /// An accepted request is not reported as done.
    AcceptedIsNotDone,
    /// A pending request counts as held and is not sent again.
    PendingCountsAsHeld,
    /// A lost response is recovered by reading, and nothing is sent twice.
    LostAnswer,
    /// A changed address is a rename and moves no seat.
    Rename,
    /// Inherited and derived licenses are never changed.
    Inherited,
    /// Nobody gets a seat of an expired pool.
    Expired,
    /// Undocumented fields are ignored when read and kept when written.
    UnknownFields,
    /// Missing permissions are reported with a remedy, and nobody loses anything.
    WrongRole,
    /// A key of another customer's account is detected.
    WrongAccount,
    /// A key that expires during a run ends it, and the next run continues.
    ExpiredKey,
    /// No output and no stored file contains a secret.
    Secrets,
    /// reseat waits for a busy vendor and sends nothing meanwhile.
    Busy,
    /// Memberships that a removal takes away are restored.
    Memberships,
    /// An invalid response is a finding, and nobody loses anything.
    Garbage,
}

impl Behavior {
    /// All guarantees.
    pub(crate) const ALL: [Self; 20] = [
        Self::Walk,
        Self::Pages,
        Self::MutationWhilePaging,
        Self::PartialList,
        Self::Throttled,
        Self::NoSeat,
        Self::AcceptedIsNotDone,
        Self::PendingCountsAsHeld,
        Self::LostAnswer,
        Self::Rename,
        Self::Inherited,
        Self::Expired,
        Self::UnknownFields,
        Self::WrongRole,
        Self::WrongAccount,
        Self::ExpiredKey,
        Self::Secrets,
        Self::Busy,
        Self::Memberships,
        Self::Garbage,
    ];

    /// Returns whether the guarantee applies to adapters with these capabilities.
    pub(crate) fn is_meant_for(self, can: &Capabilities) -> bool {
        match self {
            Self::Walk | Self::Rename | Self::Inherited | Self::Garbage => true,
            Self::Pages | Self::MutationWhilePaging | Self::PartialList => can.paged,
            Self::Throttled => can.throttles,
            // People see a refusal of the console at once, and report it.
            Self::NoSeat | Self::LostAnswer | Self::UnknownFields => can.write_mode == WriteMode::Direct,
            Self::AcceptedIsNotDone | Self::PendingCountsAsHeld => can.asynchronous,
            Self::Expired => true,
            Self::WrongRole | Self::WrongAccount | Self::ExpiredKey | Self::Secrets => can.credentials,
            Self::Busy => can.busy && can.write_mode == WriteMode::Direct,
            Self::Memberships => can.memberships && can.write_mode == WriteMode::Direct,
        }
    }
}
