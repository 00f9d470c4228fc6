//! What a graph says of pools and classes, the same in every format; unescaped, for each format escapes its own way.

use super::super::plan::short;
use super::super::words::{count, wrap};
use super::{Class, Graph, Kind, NAMED_MAX, Pool, Tenant};
use crate::model::{Operation, PlanPool};

/// How wide the lines are in which an operation says what it destroys.
const DESTROYS_COLUMNS: usize = 40;

/// What the graph is of: `plan sha256:0123456789ab for 2026-11-21`.
pub(super) fn title(graph: &Graph<'_>) -> String {
    format!("plan {} for {}", short(graph.plan.digest.as_str()), graph.plan.at)
}

/// The seats of a pool: `37 → 38 of 40`.
pub(crate) fn seats(pool: &PlanPool) -> String {
    let used = if pool.used_before == pool.used_after {
        pool.used_after.to_string()
    } else {
        format!("{} → {}", pool.used_before, pool.used_after)
    };
    match pool.total {
        Some(total) => format!("{used} of {total}"),
        None => format!("{used}, unlimited"),
    }
}

/// What else there is to say of a pool, a line each.
pub(super) fn notes(pool: &Pool<'_>) -> Vec<String> {
    let mut notes = Vec::new();
    if let Some(seats) = pool.seats.filter(|seats| seats.reserve > 0) {
        notes.push(format!("{} reserved", seats.reserve));
    }
    if pool.waiting > 0 {
        let missing = pool.seats.map_or(0, |seats| usize::try_from(seats.missing).unwrap_or(usize::MAX));
        let buy = if missing > 0 { format!(", buy {missing}") } else { String::new() };
        notes.push(format!("{} waiting{buy}", pool.waiting));
    }
    if pool.held > 0 {
        notes.push(format!("{} held", count(pool.held, "loss", "losses")));
    }
    notes
}

/// How many do what: `12 moves`.
pub(super) fn class(class: &Class<'_>) -> String {
    let number = class.members.len();
    match class.kind {
        Kind::Loss => count(number, "loss", "losses"),
        Kind::Parked => count(number, "parked, goes first", "parked, go first"),
        Kind::Move => count(number, "move", "moves"),
        Kind::Gain => count(number, "gain", "gains"),
        Kind::Cancel => count(number, "request cancelled", "requests cancelled"),
        Kind::Release => count(number, "seat no longer billed", "seats no longer billed"),
    }
}

/// How many of a class lose data, if any do.
pub(super) fn destroys(class: &Class<'_>) -> Option<String> {
    match class.destroys {
        0 => None,
        number if number == class.members.len() => Some("data is destroyed".to_owned()),
        number => Some(count(number, "loses data", "lose data")),
    }
}

/// What stands in the box of a pool.
pub(super) fn pool_lines(pool: &Pool<'_>) -> Vec<String> {
    let mut lines = vec![pool.license.to_owned()];
    lines.extend(pool.seats.map(seats));
    lines.extend(notes(pool));
    lines
}

/// What stands in the box of a class.
pub(super) fn class_lines(class: &Class<'_>) -> Vec<String> {
    let mut lines = vec![self::class(class)];
    lines.extend(destroys(class));
    lines.extend(named(class).iter().map(|person| (*person).to_owned()));
    let more = unnamed(class);
    if more > 0 {
        lines.push(format!("and {more} more"));
    }
    lines
}

/// What stands in the box of an operation.
pub(super) fn operation_lines(operation: &Operation) -> Vec<String> {
    let (id, kind) = (&operation.id, operation.kind.as_str());
    let licenses = match &operation.to {
        Some(to) => format!("{} → {to}", operation.license),
        None => operation.license.to_string(),
    };
    let mut lines = vec![format!("{id} {kind} {licenses}"), operation.person.to_string()];
    if operation.parked {
        lines.push("parked: goes first".to_owned());
    }
    if !operation.loses.is_empty() {
        let destroys = format!("destroys {}", operation.loses.join(", "));
        lines.extend(wrap(&destroys, 0, DESTROYS_COLUMNS).lines().map(str::to_owned));
    }
    lines
}

/// Whom a class names when it stands for its people: parked ones, and those who lose data.
pub(super) fn named<'p>(class: &Class<'p>) -> Vec<&'p str> {
    let worrying = if class.kind == Kind::Parked { class.members.len() } else { class.destroys };
    class.people().take(worrying.min(NAMED_MAX)).collect()
}

/// How many of those that [`named`] is about it leaves out.
pub(super) fn unnamed(class: &Class<'_>) -> usize {
    let worrying = if class.kind == Kind::Parked { class.members.len() } else { class.destroys };
    worrying.saturating_sub(NAMED_MAX)
}

/// A ring: `ring of X2, X4: ana@acme.example goes first`.
pub(super) fn ring(tenant: &Tenant<'_>, number: usize) -> String {
    let ring = &tenant.rings[number];
    let pools: Vec<_> = ring.pools.iter().map(|pool| tenant.pools[*pool].license).collect();
    let first = match ring.parked.as_slice() {
        [] => "a free seat lets it turn".to_owned(),
        [one] => format!("{one} goes first"),
        [one, rest @ ..] => format!("{one} and {} more go first", rest.len()),
    };
    format!("ring of {}: {first}", pools.join(", "))
}
