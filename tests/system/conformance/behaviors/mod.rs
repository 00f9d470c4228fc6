//! The guarantees as test walks, by topic.

mod credentials;
mod hands_off;
mod reading;
mod walks;
mod writing;

use super::behavior::Behavior;
use super::profile::Profile;

/// Verifies a guarantee of an adapter, or panics.
pub(crate) fn show(behavior: Behavior, profile: &'static Profile) {
    let walk = match behavior {
        Behavior::Walk => walks::walk,
        Behavior::Rename => walks::rename,
        Behavior::Memberships => walks::memberships,
        Behavior::Pages => reading::pages,
        Behavior::MutationWhilePaging => reading::mutation_while_paging,
        Behavior::PartialList => reading::partial_list,
        Behavior::Garbage => reading::garbage,
        Behavior::UnknownFields => reading::unknown_fields,
        Behavior::Throttled => writing::throttled,
        Behavior::NoSeat => writing::no_seat,
        Behavior::AcceptedIsNotDone => writing::accepted_is_not_done,
        Behavior::PendingCountsAsHeld => writing::pending_counts_as_held,
        Behavior::LostAnswer => writing::lost_answer,
        Behavior::Busy => writing::busy,
        Behavior::Inherited => hands_off::inherited,
        Behavior::Expired => hands_off::expired,
        Behavior::WrongRole => credentials::wrong_role,
        Behavior::WrongAccount => credentials::wrong_account,
        Behavior::ExpiredKey => credentials::expired_key,
        Behavior::Secrets => credentials::secrets,
    };
    walk(profile);
}
