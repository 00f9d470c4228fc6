//! `L`: what the planner leaves out, and why (`L1..`), and what else a reader of a plan should know (`L2..`).

use crate::diagnostic::code::codes;

codes! {
    NO_ACCOUNT = "L101", "the person has no account at the tenant",
        cause: "The manifest names somebody whom the observation does not list, neither by address or alias nor by the handle in `accounts`.",
        remedy: "Create the account at the vendor, or give the address it has there as an alias, or its id or login in `accounts`.";
    FOREIGN_ACCOUNT = "L102", "the account may not be changed here",
        cause: "The account belongs to a directory group, or was made in the vendor's own portal; the vendor refuses or undoes a change.",
        remedy: "Change the group, or use the portal that the message names.";
    POOL_CLOSED = "L103", "nobody can get a seat of the license just now",
        cause: "The pool expired, or its status is not active. Some vendors would accept the request and hand out something else, so it is not sent.",
        remedy: "Renew the subscription, or name another license.";
    BLOCKED_BY_INHERITED = "L104", "a holding that is not ours to change stands in the way",
        cause: "The person holds an excluding license, or the one to be taken away, through a group or a rule of the vendor.",
        remedy: "Change the group or the rule; afterwards the wish is planned.";
    BLOCKED_BY_PENDING = "L105", "a pending request stands in the way and cannot be cancelled",
        cause: "The vendor has accepted an earlier request for this person that is not in effect yet, and does not take it back.",
        remedy: "Wait until it is done and plan again.";
    REMOVAL_IN_PROGRESS = "L106", "a removal is still going on",
        cause: "The vendor has accepted the removal of a license that the wish excludes, or of the wished license itself.",
        remedy: "Wait until it is done and plan again.";
    FORBIDDEN_TRANSITION = "L107", "the vendor does not allow this step",
        cause: "The vendor's rules exclude the way from what the person holds to what is wished.",
        remedy: "Name a license that can be reached, as the message says.";
    MODE_FORBIDS = "L108", "the mode of the tenant or pool forbids the change",
        cause: "`add-only` never takes, `remove-only` never gives, `observe` does neither; a move needs both.",
        remedy: "Change the mode, or leave it as it is: nothing is sent.";
    INCOMPLETE = "L109", "the observation is incomplete, so nothing is concluded from absence",
        cause: "A part of the tenant could not be read. Nobody loses anything, and nothing is planned for an account that was not seen.",
        remedy: "Observe again until the observation is complete.";
    POOL_COUNTS_MISSING = "L110", "the observation is incomplete and lacks the pool's figures",
        cause: "Whether a seat is free cannot be known while a part of the tenant is unread and the pool does not state `used`.",
        remedy: "Observe again until the observation is complete.";
    AMBIGUOUS_ACCOUNT = "L111", "the person has more than one account at the tenant",
        cause: "Two accounts resolve to one person by address, alias or handle, so it is not certain which one is meant.",
        remedy: "Give the id of the right account in `accounts`, and take the alias of the other one away.";
    USED_UNDERSTATED = "L201", "the observation states fewer taken seats than it lists",
        cause: "The pool's `used` is smaller than the number of holdings that take a seat.",
        remedy: "Check the observation; the larger number is used.";
    TOTAL_UNKNOWN = "L202", "the size of a pool that somebody receives a seat of is not known",
        cause: "Neither manifest nor observation states a total, so the pool counts as unlimited.",
        remedy: "Write `total` below the pool in the manifest.";
    UNMANAGEABLE_HOLDINGS = "L203", "people hold a managed license in a way that is not ours to change",
        cause: "They are not named, and hold it through a group, a rule of the vendor, or something that it follows.",
        remedy: "Change the group or rule if they should lose it; here nothing is sent.";
    ASSIGNED_POOL_CLOSED = "L204", "the manifest gives a license that nobody can get just now",
        cause: "The pool expired or is not active; who holds the license keeps it, everybody else is blocked.",
        remedy: "Renew the subscription, or name another license.";
    VENDOR_BUSY = "L205", "the vendor refuses changes just now",
        cause: "The observation says that the vendor is busy, for example synchronizing a directory. The plan is made all the same.",
        remedy: "Apply it later; `apply` waits for the vendor up to `--wait`.";
    NOT_OBSERVED = "L206", "the tenant was not observed, so nothing is planned for it",
        cause: "State files were given, and none of them is for this tenant.",
        remedy: "Give a `--state` file for the tenant as well, or none at all.";
    OBSERVATION_INCOMPLETE = "L207", "the observation is incomplete",
        cause: "A part of the tenant could not be read; what was not seen is not taken for absent.",
        remedy: "Observe again before you trust that nothing is missing from the plan.";
    PARKED = "L208", "people give up their seat before the new one is certain",
        cause: "Full pools exchange people in a closed ring, and without a free seat somebody has to go first.",
        remedy: "One free seat in any of the pools makes it unnecessary; otherwise apply when the people can do without for some minutes.";
    POOL_OVERUSED = "L209", "a pool takes nobody because more seats are taken than there are",
        cause: "Taken seats exceed the total minus the reserve, and the plan frees too few of them.",
        remedy: "Buy the missing seats, lower the reserve, or take people off the license.";
    UNDO_INCOMPLETE = "L301", "undoing a run does not bring everything back",
        cause: "The run destroyed data, cancelled a request, or had the vendor stop billing a seat; giving the license back undoes none of that.",
        remedy: "Give back by hand what was exported before the run.";
    UNDO_SKIPPED = "L302", "undoing a run leaves somebody alone",
        cause: "They changed again since the run, their account or tenant is gone, what they held before cannot be given, or the mode forbids it.",
        remedy: "Name them in the manifest for what they should hold, and apply that.";
    UNDO_UNRESOLVED = "L303", "an operation of the run that is undone may still take effect",
        cause: "The vendor accepted it, or nobody knows what came of it, and its effect is not to be seen yet.",
        remedy: "Settle it with `reseat resume`, or undo the run again later.";
    UNDO_WAITING = "L304", "somebody took a seat that the undo would give back",
        cause: "The person held the license before the run, and its pool has no free seat any more.",
        remedy: "Free or buy a seat, and undo the run again; what is done already stays as it is.";
    UNDO_COMBINED = "L306", "a run is undone together with others of the same plan",
        cause: "Several runs carried out one plan, one going on where the other had ended. What they did is one thing, and is undone as one.",
        remedy: "Nothing; the plan shows all of it.";
    UNDO_NOT_LASTING = "L305", "the manifest still wants what the run did",
        cause: "Undoing a run changes what people hold and not what the manifest says, so that the next `apply` does it again.",
        remedy: "Revert the change of the manifest as well, before anybody applies it again.";
}
