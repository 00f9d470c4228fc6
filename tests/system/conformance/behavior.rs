//! What every adapter promises, and which adapters a promise is meant for.

use reseat::adapter::{Capabilities, WriteMode};

/// One promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Behavior {
    /// Gains, moves and losses arrive; planning again gives nothing.
    Walk,
    /// Everybody is seen once, however many pages there are.
    Pages,
    /// People who come and go while the pages are read are no surprise.
    MutationWhilePaging,
    /// A page that cannot be read makes the observation incomplete, and nobody loses anything.
    PartialList,
    /// Who is asked to be slower is slower, and everything arrives.
    Throttled,
    /// Where the vendor has no seat, nobody loses what they had.
    NoSeat,
    /// What was accepted is not called done.
    AcceptedIsNotDone,
    /// What is pending counts as held, and is not asked for again.
    PendingCountsAsHeld,
    /// An answer that was lost is settled by reading, and nothing is sent twice.
    LostAnswer,
    /// A changed address is a rename, and moves no seat.
    Rename,
    /// What comes from a group, or follows something else, is never touched.
    Inherited,
    /// Nobody is given a seat of a pool that has expired.
    Expired,
    /// What no page of the vendor lists is ignored in reading and kept in writing.
    UnknownFields,
    /// Who may not change anything is told so, with a remedy, and nobody loses anything.
    WrongRole,
    /// A key of somebody else's account is told apart.
    WrongAccount,
    /// A key that expires on the way ends the run, and the next one goes on.
    ExpiredKey,
    /// A secret is in nothing that is printed or stored.
    Secrets,
    /// A vendor that takes no changes is waited for, and asked nothing more.
    Busy,
    /// What a removal takes along comes back.
    Memberships,
    /// Garbage is a finding, and nobody loses anything by it.
    Garbage,
}

impl Behavior {
    /// All of them.
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

    /// Whether the promise is meant for adapters that say this of themselves.
    pub(crate) fn is_meant_for(self, can: &Capabilities) -> bool {
        match self {
            Self::Walk | Self::Rename | Self::Inherited | Self::Garbage => true,
            Self::Pages | Self::MutationWhilePaging | Self::PartialList => can.paged,
            Self::Throttled => can.throttles,
            // People see at once what the console refuses, and say so.
            Self::NoSeat | Self::LostAnswer | Self::UnknownFields => can.write_mode == WriteMode::Direct,
            Self::AcceptedIsNotDone | Self::PendingCountsAsHeld => can.asynchronous,
            Self::Expired => true,
            Self::WrongRole | Self::WrongAccount | Self::ExpiredKey | Self::Secrets => can.credentials,
            Self::Busy => can.busy && can.write_mode == WriteMode::Direct,
            Self::Memberships => can.memberships && can.write_mode == WriteMode::Direct,
        }
    }
}
