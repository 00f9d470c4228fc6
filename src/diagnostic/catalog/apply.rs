//! `X`: applying plans, and the store.

use crate::diagnostic::code::codes;

codes! {
    INVALID_STORE_URL = "X101", "invalid `--store`",
        cause: "A store is a SQLite database, `sqlite:PATH`, or a PostgreSQL database that several runners share, `postgres://USER@HOST/DATABASE`.",
        remedy: "Use `--store sqlite:PATH` or `--store postgres://USER@HOST/DATABASE`, or omit it. The default is `.reseat/` in the manifest's folder.";
    STORE_LOCKED = "X102", "another run holds the lock",
        cause: "Two concurrent runs could assign one seat to two people, so the second one sends nothing.",
        remedy: "Wait until the other run ends. With SQLite, the lock is released when its process ends, also after a crash. With PostgreSQL, the lock of a dead run expires within 30 seconds.";
    STORE_UNUSABLE = "X103", "the store cannot be read or written",
        cause: "reseat records every operation in the journal before it sends it, so without a store it sends nothing.",
        remedy: "Check permissions and free space, or use another location with `--store sqlite:PATH`.";
    STORE_VERSION = "X104", "the store was written by another version of reseat",
        cause: "The tables of the store have another schema than this version of reseat uses. reseat does not convert stores, and does not change this one.",
        remedy: "With an older store, run `reseat resume` with the older version if a run is unfinished, then move the store away and keep it as a record: the next `apply` creates a new one. With a newer store, update reseat.";
    LOCK_LOST = "X105", "the run lost the lock to another run",
        cause: "The lock of this run expired, and another run took it. Every write checks the number of times that the lock was taken. A run that lost the lock can write nothing, and therefore sends nothing.",
        remedy: "Find the other run with `reseat history`, wait until it ends, and plan again.";
    STORE_REPLACED = "X106", "the store was deleted or replaced during the run",
        cause: "Writes to a deleted file succeed and are lost. The run therefore stopped before it sent the next operation.",
        remedy: "Restore the file if possible, because it records what was sent. Then plan again: the plan shows what is in effect.";
    INVALID_ACTOR = "X107", "invalid `RESEAT_ACTOR`",
        cause: "The lock, the history and the audit trail record who ran a plan. The name is one line of at most 200 bytes.",
        remedy: "Set `RESEAT_ACTOR` to a name, or unset it to use the user of the CI system or the operating system.";
    PLAN_UNWRITABLE = "X108", "the plan file cannot be written",
        cause: "The folder does not exist or cannot be written to, or the disk is full.",
        remedy: "Use a file in an existing, writable folder.";
    PLAN_UNREADABLE = "X109", "the plan file cannot be read",
        cause: "The file does not exist, is not JSON, or is not a plan that this version supports.",
        remedy: "Use a file that `reseat plan --out FILE` wrote.";
    PLAN_ALTERED = "X110", "the plan file was altered",
        cause: "The plan's digest covers every byte of it, and does not match. Someone changed the file after reseat wrote it.",
        remedy: "Plan again. To get another plan, change the manifest.";
    PLAN_MALFORMED = "X111", "the plan contradicts itself",
        cause: "The changes and operations of the plan do not match: an id is missing or duplicated, an operation depends on a later one, or a change differs from what its operations do. reseat did not write this file.",
        remedy: "Plan again.";
    PLAN_STALE = "X112", "the manifest or the policy changed after the plan was made",
        cause: "reseat applies a plan only while its input files are unchanged, because reviewers approved exactly those.",
        remedy: "Plan again, and review the new plan.";
    PLAN_DENIED = "X113", "the plan has errors and cannot be applied",
        cause: "reseat writes a denied plan so that people can read it. It does not apply it.",
        remedy: "Fix the errors in the plan, or add a waiver, and plan again.";
    INTERRUPTED = "X121", "the run was terminated with operations in flight",
        cause: "A second interrupt ended the process at once. Operations that were sent may be in effect.",
        remedy: "Run `reseat apply` again. It reads the results of these operations before it sends anything.";
    UNKNOWN_RUN = "X122", "the store has no such run",
        cause: "A store contains the runs that were applied with it. Another manifest or another `--store` has other runs.",
        remedy: "Find the name with `reseat history`, and use the same manifest or store.";
    RUN_SUPERSEDED = "X123", "a later run started with another plan",
        cause: "After the run ended, a newer plan was made and started. Continuing the old plan would work against it.",
        remedy: "Resume the later run, or plan again.";
    PLAN_UNAPPROVED = "X131", "a finding of the plan requires an approval",
        cause: "A rule with level `approve` reported a finding, and no person in `approvers` has approved this finding. Approvals by the author of the change do not count.",
        remedy: "Ask an approver to review the finding and add its digest to `approvals`, or apply with `--approve DIGEST --approved-by PERSON`.";
    PLAN_DIFFERS_FROM_REVIEW = "X132", "the current plan differs from the reviewed one",
        cause: "With `--reviewed`, reseat applies a fresh plan only if it does what was reviewed, or what remains of it. After the review, someone changed the tenant or merged another change.",
        remedy: "Review the current plan and pass it: `reseat plan --out plan.json`, then `reseat apply --reviewed plan.json`.";
    AUDIT_BROKEN = "X141", "the audit trail is damaged",
        cause: "Every record of the journal has a hash that covers it and the record before it. A record was altered, removed, inserted or reordered, or the end was cut off.",
        remedy: "Restore a backup of the store, and find out who can write to it. Keep the head that `reseat audit verify` prints outside of the store: with `--expect`, it also detects records that were cut off or rewritten.";
}
