-- The tables of the store. SQLite reads `bigint` as `integer` (see sql.rs); times are microseconds since 1970.

-- One row: the version of these tables, and the lock. `fence` counts how often the lock was taken; every write checks it.
-- `head` is the number of the last record when the lock was last released.
create table reseat_store (
    id       bigint not null primary key check (id = 1),
    version  bigint not null,
    fence    bigint not null,
    owner    text   not null,
    since    bigint not null,
    until    bigint,
    released bigint not null,
    head     bigint not null
);

insert into reseat_store (id, version, fence, owner, since, until, released, head) values (1, 2, 0, '', 0, null, 1, 0);

-- Every plan that a run started with, compressed, once.
create table reseat_plans (
    digest text  not null primary key,
    packed bytea not null
);

-- The journal: append-only, one row per record. `run` is the `seq` of the record that began the run, 0 outside of runs.
create table reseat_records (
    seq       bigint  not null primary key,
    run       bigint  not null,
    fence     bigint  not null,
    at        bigint  not null,
    event     text    not null,  -- began, sent, answered, outcome, ended, lock
    name      text,              -- began: the name of the run
    plan      text,              -- began: the digest of its plan
    operation text,              -- sent, answered, outcome: the id of the operation
    rollback  boolean not null,  -- whether the operation rolls back another one and is not part of the plan
    result    text,              -- answered: the reply; outcome: the outcome; ended: the state of the run
    status    bigint,            -- answered: the HTTP status
    message   text,
    body      text,
    handle    text,              -- answered: the vendor's name for an operation in progress
    detail    text,              -- JSON: what else the event records
    hash      bytea   not null   -- SHA-256 over the hash of the record before and all columns, with the usage below
);

create unique index reseat_runs_by_name on reseat_records (name) where event = 'began';
create index reseat_runs_by_plan on reseat_records (plan) where event = 'began';
create index reseat_runs_by_time on reseat_records (at) where event = 'began';
create unique index reseat_runs_ended on reseat_records (run) where event = 'ended';
create index reseat_handles on reseat_records (seq) where handle is not null;

-- What an outcome counts toward the rolling limits. `day` is in days since 1970 and never decreases.
create table reseat_usage (
    run     bigint not null,
    seq     bigint not null,
    day     bigint not null,
    tenant  text   not null,
    license text   not null,
    losses  bigint not null,
    changes bigint not null,
    primary key (run, seq, tenant, license)
);

create index reseat_usage_by_day on reseat_usage (day);
