//! SQL that SQLite and PostgreSQL share.

use super::StoreError;
use super::record::COLUMNS;

/// A parameter of a statement.
#[derive(Clone, Copy, Debug)]
pub(super) enum SqlArg<'a> {
    Int(i64),
    Text(&'a str),
    Bytes(&'a [u8]),
}

/// The version of the tables that this program writes.
pub(super) const VERSION: i64 = 2;

/// Creates the tables in PostgreSQL.
pub(super) const TABLES: &str = include_str!("migrations/0001_journal.sql");

/// Creates the tables in SQLite, where only an `integer` key avoids a second index.
pub(super) fn sqlite_tables() -> String {
    TABLES.replace("bigint", "integer")
}

/// Selects the row about the store.
pub(super) const STORE: &str = "select fence, owner, since, until, released, head from reseat_store";

/// Adds a plan that is not stored yet, if the lock is still held.
pub(super) const PUT_PLAN: &str = "\
    insert into reseat_plans (digest, packed) select $1, $2 where (select fence from reseat_store) = $3 \
    on conflict (digest) do nothing";

/// Selects a plan.
pub(super) const PLAN: &str = "select packed from reseat_plans where digest = $1";

/// Releases the lock if it is still held, and stores the number of the last record.
pub(super) const RELEASE: &str = "update reseat_store set released = 1, head = $1 where fence = $2";

/// Selects the last day that usage was counted for or a run began on.
pub(super) const LAST_DAY: &str = "\
    select coalesce(max(day), 0) from (select max(day) as day from reseat_usage \
    union all select max(at) / 86400000000 from reseat_records where event = 'began') days";

/// Sums the usage from a day on, except that of one plan.
pub(super) const USAGE_SINCE: &str = "\
    select tenant, license, day, cast(sum(losses) as bigint) as losses, cast(sum(changes) as bigint) as changes \
    from reseat_usage \
    where day >= $1 and run not in (select seq from reseat_records where event = 'began' and plan = $2) \
    group by tenant, license, day";

/// Sums the usage that each operation of a plan was counted for.
pub(super) const USAGE_OF_PLAN: &str = "\
    select r.operation, u.tenant, u.license, \
    cast(sum(u.losses) as bigint) as losses, cast(sum(u.changes) as bigint) as changes \
    from reseat_usage u join reseat_records r on r.seq = u.seq \
    where u.run in (select seq from reseat_records where event = 'began' and plan = $1) \
    group by r.operation, u.tenant, u.license";

/// Selects the usage of the records from one number to another.
pub(super) const USAGE_OF_RECORDS: &str = "\
    select u.run, u.seq, u.day, u.tenant, u.license, u.losses, u.changes \
    from reseat_records r join reseat_usage u on u.run = r.run and u.seq = r.seq \
    where r.seq >= $1 and r.seq <= $2";

/// Counts the rows of usage.
pub(super) const USAGE_COUNT: &str = "select count(*) from reseat_usage";

/// The latest attempt to send each operation of a plan, per run, in the order of sending.
pub(super) const ATTEMPTS: &str = "\
    with latest as ( \
        select run, operation, rollback, \
            max(case when event = 'sent' then seq end) as sent, \
            max(case when event = 'answered' then seq end) as answered, \
            max(case when event = 'outcome' then seq end) as outcome \
        from reseat_records \
        where operation is not null \
            and seq >= (select min(seq) from reseat_records where event = 'began' and plan = $1) \
            and run in (select seq from reseat_records where event = 'began' and plan = $1) \
        group by run, operation, rollback) \
    select s.run, s.operation, s.rollback, s.detail, a.result as reply, a.message, a.handle, o.result as outcome \
    from latest join reseat_records s on s.seq = latest.sent \
    left join reseat_records a on a.seq = latest.answered and a.seq > s.seq \
    left join reseat_records o on o.seq = latest.outcome and o.seq > s.seq \
    order by s.seq";

/// The operations that a vendor accepted under a handle in runs since a time, and that no run of their plan saw the end of,
/// newest run first. A skipped operation says nothing about its effect.
pub(super) const ACCEPTED: &str = "\
    with recent as (select seq as run, name, plan from reseat_records where event = 'began' and at >= $1), \
    accepted as ( \
        select recent.plan, r.operation, max(r.seq) as seq \
        from reseat_records r join recent on recent.run = r.run \
        where r.handle is not null and r.seq >= (select min(run) from recent) \
        group by recent.plan, r.operation), \
    resolved as ( \
        select recent.plan, r.operation, max(r.seq) as seq \
        from reseat_records r join recent on recent.run = r.run \
        where r.event = 'outcome' and r.result not in ('pending', 'unknown', 'skipped') \
            and r.seq >= (select min(seq) from accepted) \
        group by recent.plan, r.operation) \
    select r.run, recent.name, recent.plan, r.operation, r.rollback, r.handle \
    from accepted join reseat_records r on r.seq = accepted.seq join recent on recent.run = r.run \
    left join resolved on resolved.plan = accepted.plan and resolved.operation = accepted.operation \
        and resolved.seq > accepted.seq \
    where resolved.seq is null \
    order by r.run desc, r.seq";

/// Selects the record that sent an operation which rolls back another one.
pub(super) const SENT_ROLLBACK: &str = "\
    select detail from reseat_records \
    where seq >= $1 and run = $1 and operation = $2 and event = 'sent' and rollback order by seq desc limit 1";

/// Selects the known outcomes of the operations of a plan in one run, in the order of their records.
pub(super) const OUTCOMES: &str = "\
    select operation, result, at, message from reseat_records \
    where seq >= $1 and seq <= $2 and run = $1 and event = 'outcome' and not rollback order by seq";

/// Selects runs by a condition on the record that began them.
pub(super) fn runs(condition: &str, order: &str) -> String {
    format!(
        "select b.seq as number, b.at as started, b.name, b.plan, b.detail, \
         e.seq as last, e.at as finished, e.result as state \
         from reseat_records b left join reseat_records e on e.run = b.seq and e.event = 'ended' \
         where b.event = 'began' and {condition} order by b.seq {order}"
    )
}

/// Selects records by a condition, in order.
pub(super) fn records(condition: &str) -> String {
    format!("select {COLUMNS} from reseat_records where {condition}")
}

/// Refuses tables of another version.
pub(super) fn check_version(version: i64, location: impl FnOnce() -> String) -> Result<(), StoreError> {
    if version == VERSION { Ok(()) } else { Err(StoreError::UnsupportedVersion { location: location(), version }) }
}
