-- Names of people, licenses and tenants are kept as text: whoever audits the journal needs no second table.
create table runs (
    number   integer primary key autoincrement,
    id       text not null unique,
    plan     text not null,
    content  text not null,
    manifest text not null,
    started  text not null,
    finished text,
    state    text not null check (state in ('running', 'complete', 'partial', 'interrupted')),
    summary  text
) strict;

create index runs_by_plan on runs (plan);

-- `remedy` is 1 for what the executor sent on its own account to mend a failed operation.
create table journal (
    run       integer not null references runs (number),
    seq       integer not null,
    operation text not null,
    record    text not null check (record in ('sent', 'answered', 'outcome')),
    remedy    integer not null check (remedy in (0, 1)),
    at        text not null,
    outcome   text,
    message   text,
    body      text,
    primary key (run, seq)
) strict, without rowid;

-- Losses that took effect, a row a day: what the rolling window of the removal limit counts.
create table losses (
    tenant  text not null,
    license text not null,
    day     text not null,
    count   integer not null,
    primary key (tenant, license, day)
) strict, without rowid;
