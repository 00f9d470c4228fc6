-- What each operation did to the holders of a license, a row an operation and license: what the rolling windows of the
-- limits count. The key keeps an operation from counting twice, however often its plan is applied.
create table touched (
    plan      text not null,
    operation text not null,
    tenant    text not null,
    license   text not null,
    day       text not null,
    losses    integer not null,
    changes   integer not null,
    primary key (plan, operation, tenant, license)
) strict, without rowid;

create index touched_by_day on touched (day);

-- Earlier versions counted losses a row a day; nobody can say any more which plans they were of.
insert into touched (plan, operation, tenant, license, day, losses, changes)
    select '', day, tenant, license, day, count, count from losses;

drop table losses;

-- Who allowed what a run did although a rule says no.
create table consents (
    run    integer not null references runs (number),
    seq    integer not null,
    kind   text not null check (kind in ('waiver', 'approval', 'allowance')),
    rule   text not null,
    scope  text,
    owner  text not null,
    reason text,
    digest text,
    until  text,
    origin text not null check (origin in ('manifest', 'command-line')),
    at     text not null,
    primary key (run, seq)
) strict, without rowid;
