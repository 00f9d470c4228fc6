//! The statements that both databases understand.

/// The version of the tables that this program writes.
pub(super) const VERSION: i64 = 1;

/// What makes the tables; a step that was released is never changed. SQLite reads the types by its rules of affinity.
pub(super) const TABLES: &str = include_str!("migrations/0001_journal.sql");

/// The one row about the store.
pub(super) const STORE: &str = "select version, fence, owner, since, until, released, head from reseat_store";

/// Adds a batch, if the lock is still ours.
pub(super) const APPEND: &str = "\
    insert into reseat_journal (first, last, run, fence, mark, day, name, plan, records, hash) \
    select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10 where (select fence from reseat_store) = $4";

/// Adds a plan, if it is not there yet and the lock is still ours.
pub(super) const PUT_PLAN: &str = "\
    insert into reseat_plans (digest, packed) select $1, $2 where (select fence from reseat_store) = $3 \
    on conflict (digest) do nothing";

/// The plan of a digest.
pub(super) const PLAN: &str = "select packed from reseat_plans where digest = $1";

/// Takes the lock.
pub(super) const TAKE: &str =
    "update reseat_store set fence = fence + 1, owner = $1, since = $2, until = $3, released = 0";

/// Lets go of the lock, if it is still ours, and notes how far the journal goes.
pub(super) const RELEASE: &str = "update reseat_store set released = 1, head = $1 where fence = $2";
