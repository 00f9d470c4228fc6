//! `L`: changes that the planner leaves out (`L1..`), other results of planning (`L2..`), and undo (`L3..`).

use crate::diagnostic::code::codes;

codes! {
    NO_ACCOUNT = "L101", "the person has no account at the tenant",
        cause: "The observation has no account with the person's address, an alias, or the handle in `accounts`. reseat does not create accounts.",
        remedy: "Create the account at the vendor, add its address as an alias, or set its id or login in `accounts`.";
    FOREIGN_ACCOUNT = "L102", "the account cannot be changed here",
        cause: "The account belongs to a directory group, or was created in the vendor's own portal. The vendor would reject or revert a change.",
        remedy: "Change the group, or use the portal that the message names.";
    POOL_CLOSED = "L103", "the pool accepts no new holders",
        cause: "The pool has expired, or its status is not active. Some vendors would accept the request and assign another license, so reseat does not send it.",
        remedy: "Renew the subscription, or assign another license.";
    BLOCKED_BY_INHERITED = "L104", "a holding that reseat may not change blocks the assignment",
        cause: "The person holds an exclusive license, or the license to be removed, through a group or a rule of the vendor.",
        remedy: "Change the group or the rule, and plan again.";
    BLOCKED_BY_PENDING = "L105", "a pending request blocks the assignment",
        cause: "The vendor accepted an earlier request for this person that is not in effect yet, and cannot cancel it.",
        remedy: "Wait until the request is done, and plan again.";
    REMOVAL_IN_PROGRESS = "L106", "a removal in progress blocks the assignment",
        cause: "The vendor accepted the removal of this license, or of a license that excludes it, and has not finished.",
        remedy: "Wait until the removal is done, and plan again.";
    FORBIDDEN_TRANSITION = "L107", "the vendor does not support this change",
        cause: "The vendor's rules exclude a change from the license that the person holds to the assigned one.",
        remedy: "Assign a license that the message names.";
    MODE_FORBIDS = "L108", "the mode of the tenant or pool forbids the change",
        cause: "`add-only` never removes, `remove-only` never assigns, and `observe` does neither. A move needs both.",
        remedy: "Change the mode. Otherwise no action is required: reseat sends nothing.";
    INCOMPLETE = "L109", "the observation is incomplete, so absence proves nothing",
        cause: "Part of the tenant could not be read. reseat plans no losses, and no changes of accounts that it did not observe.",
        remedy: "Observe the tenant again until the observation is complete.";
    POOL_COUNTS_MISSING = "L110", "the observation is incomplete and has no seat counts for the pool",
        cause: "Part of the tenant could not be read, and the pool does not state `used`. reseat cannot tell whether a seat is free.",
        remedy: "Observe the tenant again until the observation is complete.";
    AMBIGUOUS_ACCOUNT = "L111", "the person has more than one account at the tenant",
        cause: "Two accounts match the person by address, alias or handle, so reseat cannot tell which one to change.",
        remedy: "Set the id of the right account in `accounts`, and remove the alias of the other one.";
    USED_UNDERSTATED = "L201", "a pool reports fewer used seats than it has holders",
        cause: "The pool's `used` is smaller than the number of holdings that use a seat. reseat uses the larger number.",
        remedy: "Check the observation.";
    TOTAL_UNKNOWN = "L202", "the total of a pool is unknown",
        cause: "The plan assigns seats of the pool, and neither the manifest nor the observation states its total. The pool counts as unlimited.",
        remedy: "Set `total` of the pool in the manifest.";
    UNMANAGEABLE_HOLDINGS = "L203", "people hold a managed license that reseat may not remove",
        cause: "The manifest does not assign the license to these people. They hold it through a group, a rule of the vendor, or something that it depends on.",
        remedy: "To remove the license, change the group or rule at the vendor. reseat sends nothing.";
    ASSIGNED_POOL_CLOSED = "L204", "an assigned license accepts no new holders",
        cause: "The pool has expired, or is not active. Holders keep the license, and all other assignments are blocked.",
        remedy: "Renew the subscription, or assign another license.";
    VENDOR_BUSY = "L205", "the vendor currently refuses changes",
        cause: "The vendor is busy, for example with a directory synchronization. reseat plans the changes nevertheless.",
        remedy: "Apply the plan later. `apply` waits for the vendor up to `--wait`.";
    NOT_OBSERVED = "L206", "the tenant was not observed",
        cause: "The plan uses state files, and none of them is for this tenant. reseat plans nothing for it.",
        remedy: "Add a `--state` file for the tenant, or omit `--state` to query all tenants.";
    OBSERVATION_INCOMPLETE = "L207", "the observation is incomplete",
        cause: "Part of the tenant could not be read. reseat does not treat unobserved accounts as missing.",
        remedy: "Observe the tenant again before you rely on the plan being complete.";
    PARKED = "L208", "people are without a seat until the swap completes",
        cause: "Full pools exchange people in a closed ring. Without a free seat, someone must give up a seat before the new one is certain.",
        remedy: "Free or buy one seat in any of these pools to avoid it. Otherwise apply at a time when these people can do without the license for some minutes.";
    POOL_OVERUSED = "L209", "a pool accepts nobody because it is overused",
        cause: "The used seats exceed the total minus the reserve, and the plan does not free enough of them.",
        remedy: "Buy the missing seats, lower the reserve, or remove the license from people.";
    UNDO_INCOMPLETE = "L301", "undo cannot restore everything",
        cause: "The run destroyed data, canceled a request, or released billing for a seat. Assigning the license again restores none of that.",
        remedy: "Restore manually what was exported before the run.";
    UNDO_SKIPPED = "L302", "undo skips a person",
        cause: "The person changed again after the run, the account or tenant no longer exists, the previous license cannot be assigned, or the mode forbids it.",
        remedy: "Assign the desired licenses to the person in the manifest, and apply it.";
    UNDO_UNRESOLVED = "L303", "an operation of the run may still take effect",
        cause: "The vendor accepted the operation, or its result is unknown, and its effect is not visible yet.",
        remedy: "Recover the run with `reseat resume`, or undo it again later.";
    UNDO_WAITING = "L304", "undo waits for a seat",
        cause: "The person held the license before the run, and its pool has no free seat now.",
        remedy: "Free or buy a seat, and undo the run again. Completed changes stay in effect.";
    UNDO_COMBINED = "L306", "undo includes other runs of the same plan",
        cause: "Several runs applied one plan, each continuing where the previous one ended. Undo reverts them together.",
        remedy: "No action is required. The plan shows all changes.";
    UNDO_NOT_LASTING = "L305", "the manifest still requests what the run did",
        cause: "Undo changes what people hold, and does not change the manifest. The next `apply` would make the same changes again.",
        remedy: "Revert the change of the manifest before the next `apply`.";
}
