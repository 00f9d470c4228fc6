-- One row: what the store is, and who may write to it. `fence` counts how often the lock was taken, and every write
-- checks it. Times are microseconds since 1970.
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

insert into reseat_store (id, version, fence, owner, since, until, released, head) values (1, 1, 0, '', 0, null, 1, 0);

-- Every plan that a run began with, packed, once.
create table reseat_plans (
    digest text  not null primary key,
    packed bytea not null
);

-- The journal: append-only, a row for the records that were written together, a line of JSON a record. `run` is the
-- number of the record that began the run, 0 for what is of none; `mark` is 1 where a run begins and 2 where one ends.
-- `day` (since 1970) stands where a new day begins; the windows of the limits are read from there on.
-- `hash` is that of the last record: SHA-256 over the hash before it, the numbers of record, run and fence, and the line.
create table reseat_journal (
    first   bigint not null primary key,
    last    bigint not null,
    run     bigint not null,
    fence   bigint not null,
    mark    bigint not null,
    day     bigint,
    name    text unique,
    plan    text,
    records text   not null,
    hash    bytea  not null
);

create index reseat_journal_by_run on reseat_journal (run, first);
create index reseat_journal_by_mark on reseat_journal (mark, first) where mark > 0;
create index reseat_journal_by_plan on reseat_journal (plan) where plan is not null;
create index reseat_journal_by_day on reseat_journal (day) where day is not null;
