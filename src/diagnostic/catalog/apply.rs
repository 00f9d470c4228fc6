//! `X`: what happens while a plan is carried out.

use crate::diagnostic::code::codes;

codes! {
    INVALID_STORE_URL = "X101", "`--store` names a store that this version cannot open",
        cause: "A store is a SQLite database, `sqlite:PATH`, or a PostgreSQL database that several runners share, `postgres://USER@HOST/DATABASE`.",
        remedy: "Write `--store sqlite:PATH` or `--store postgres://USER@HOST/DATABASE`, or leave it out: the default is `.reseat/` in the manifest's folder.";
    STORE_LOCKED = "X102", "another run holds the lock",
        cause: "Two runs at the same time could give one seat to two people, so the second one sends nothing.",
        remedy: "Wait for the other run to end. With SQLite the lock belongs to a living process, and a run that died has let go of it; with PostgreSQL the lock of one that died ends within 30 seconds.";
    STORE_UNUSABLE = "X103", "the store cannot be read or written",
        cause: "Every operation is written to the journal before it is sent; without a store nothing is sent.",
        remedy: "Check the rights and the space where the store lies, or name another place with `--store sqlite:PATH`.";
    STORE_VERSION = "X104", "the store was written by another version",
        cause: "The journal has another form than this reseat writes, and it would not understand what it finds there.",
        remedy: "Use the version that wrote it, or another store.";
    LOCK_LOST = "X105", "another run took the lock",
        cause: "The lock of this run ended, and another run took it. Every write carries the number of times that the lock was taken, so that a run which lost it can write nothing, and sends nothing that it could not write down.",
        remedy: "Look at the other run with `reseat history`, wait for it to end, and plan again.";
    STORE_REPLACED = "X106", "the store was deleted or replaced while the run was under way",
        cause: "A file that was deleted still takes writes, and nobody would ever find them. So the run stopped before the next operation was sent.",
        remedy: "Put the file back if you can, for it tells what was sent; then plan again, and the plan shows what is in effect.";
    INVALID_ACTOR = "X107", "`RESEAT_ACTOR` is no name",
        cause: "The lock, the history and the audit trail say who ran a plan. The name is one line of at most 200 bytes.",
        remedy: "Set `RESEAT_ACTOR` to a name, or unset it: the CI system's or the system's user is taken then.";
    PLAN_UNWRITABLE = "X108", "the plan file cannot be written",
        cause: "The folder is not there or cannot be written to, or the disk is full.",
        remedy: "Name a file in a folder that is there and can be written to.";
    PLAN_UNREADABLE = "X109", "the plan file cannot be read",
        cause: "The file is missing, is no JSON, or is not a plan that this version understands.",
        remedy: "Give a file that `reseat plan --out FILE` wrote.";
    PLAN_ALTERED = "X110", "the plan file is not what was planned",
        cause: "The plan's digest covers every byte of it. Something in the file was changed after it was made.",
        remedy: "Make the plan again, and change the manifest where you want another plan.";
    PLAN_MALFORMED = "X111", "the plan contradicts itself",
        cause: "The changes and operations of the plan do not agree: an id is missing or occurs twice, an operation waits for a later one, or a change is not what its operations do. reseat did not write this file.",
        remedy: "Make the plan again.";
    PLAN_STALE = "X112", "the manifest or the policy changed since the plan",
        cause: "A plan is applied only where the files it was made from are still the same, for somebody reviewed exactly those.",
        remedy: "Make the plan again, and review it.";
    PLAN_DENIED = "X113", "the plan holds errors and cannot be applied",
        cause: "A plan with a denial is written so that it can be read, and not so that it can be applied.",
        remedy: "Mend what the errors in the plan say, or have them waived, and make the plan again.";
    INTERRUPTED = "X121", "the run was ended while operations were under way",
        cause: "Ctrl-C was pressed twice. What was sent may be in effect, and nobody waited for it.",
        remedy: "Run `reseat apply` again: it reads what came of those operations before it sends anything.";
    UNKNOWN_RUN = "X122", "the store does not know the run",
        cause: "A run is known by its name in the store that it was written to; another manifest or another `--store` has other runs.",
        remedy: "Look for its name with `reseat history`, and name the same manifest or store.";
    RUN_SUPERSEDED = "X123", "a later run began another plan",
        cause: "What people hold was planned anew since the run ended; going on with its plan would work against the later one.",
        remedy: "Go on with the later run, or plan again.";
    PLAN_UNAPPROVED = "X131", "a finding of the plan needs an approval that is not there",
        cause: "A rule of level `approve` found something, and nobody whom `approvers` names has approved that very finding; the author's own approval does not count.",
        remedy: "Let an approver look at the finding and write its digest into `approvals`, or apply with `--approve DIGEST --approved-by PERSON`.";
    PLAN_DIFFERS_FROM_REVIEW = "X132", "the plan of now is not the one that was reviewed",
        cause: "With `--reviewed` a fresh plan is applied only where it does what was reviewed, or what is left of it. Since the review somebody changed the tenant, or something else was merged.",
        remedy: "Look at the fresh plan, review it, and name it: `reseat plan --out plan.json`, then `reseat apply --reviewed plan.json`.";
    AUDIT_BROKEN = "X141", "the audit trail is not whole",
        cause: "Each record of the journal carries a hash over itself and the record before it. Something was changed, removed or reordered since it was written, or the end was cut off.",
        remedy: "Put back a copy of the store from before, and find out who can write to it. Keep the head that `reseat audit verify` prints somewhere else: with `--expect` it shows also that nothing was cut off or written anew.";
}
