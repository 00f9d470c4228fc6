//! Labels of pools and classes, unescaped, because each format escapes differently.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::{ChangeClass, ClassKind, NAMED_MAX, PlanGraph, PoolNode, TenantGraph};
use crate::model::{Operation, PlanPool};
use crate::report::format::{pluralize, short_digest, wrap};

/// The width of a label line that lists destroyed data.
const LOSS_COLUMNS: usize = 40;

/// Returns `plan sha256:0123456789ab for 2026-11-21`.
pub(super) fn title(graph: &PlanGraph<'_>) -> String {
    format!("plan {} for {}", short_digest(graph.plan.digest.as_str()), graph.plan.at)
}

/// Returns the seats of a pool: `37 → 38 of 40`.
pub(crate) fn seats_label(pool: &PlanPool) -> String {
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

/// Returns further notes on a pool, one per line.
pub(super) fn pool_notes(pool: &PoolNode<'_>) -> Vec<String> {
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
        notes.push(format!("{} held", pluralize(pool.held, "loss", "losses")));
    }
    notes
}

/// Returns the number of changes: `12 moves`.
pub(super) fn class_label(class: &ChangeClass<'_>) -> String {
    let number = class.members.len();
    match class.kind {
        ClassKind::Loss => pluralize(number, "loss", "losses"),
        ClassKind::Parked => pluralize(number, "parked, goes first", "parked, go first"),
        ClassKind::Move => pluralize(number, "move", "moves"),
        ClassKind::Gain => pluralize(number, "gain", "gains"),
        ClassKind::Cancel => pluralize(number, "request canceled", "requests canceled"),
        ClassKind::Release => pluralize(number, "seat no longer billed", "seats no longer billed"),
    }
}

/// Returns how many people of a class lose data, if any.
pub(super) fn data_loss_label(class: &ChangeClass<'_>) -> Option<String> {
    match class.destroys {
        0 => None,
        number if number == class.members.len() => Some("data is destroyed".to_owned()),
        number => Some(pluralize(number, "loses data", "lose data")),
    }
}

/// Returns the lines in the box of a pool.
pub(super) fn pool_lines(pool: &PoolNode<'_>) -> Vec<String> {
    let mut lines = vec![pool.license.to_owned()];
    lines.extend(pool.seats.map(seats_label));
    lines.extend(pool_notes(pool));
    lines
}

/// Returns the lines in the box of a class.
pub(super) fn class_lines(class: &ChangeClass<'_>) -> Vec<String> {
    let mut lines = vec![class_label(class)];
    lines.extend(data_loss_label(class));
    lines.extend(named_people(class).iter().map(|person| (*person).to_owned()));
    let more = unnamed_count(class);
    if more > 0 {
        lines.push(format!("and {more} more"));
    }
    lines
}

/// Returns the lines in the box of an operation.
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
        lines.extend(wrap(&destroys, 0, LOSS_COLUMNS).lines().map(str::to_owned));
    }
    lines
}

/// Returns the people that a folded class names: parked people, and people who lose data.
pub(super) fn named_people<'p>(class: &ChangeClass<'p>) -> Vec<&'p str> {
    let worrying = if class.kind == ClassKind::Parked { class.members.len() } else { class.destroys };
    class.people().take(worrying.min(NAMED_MAX)).collect()
}

/// Returns how many of these people [`named_people`] omits.
pub(super) fn unnamed_count(class: &ChangeClass<'_>) -> usize {
    let worrying = if class.kind == ClassKind::Parked { class.members.len() } else { class.destroys };
    worrying.saturating_sub(NAMED_MAX)
}

/// Returns `ring of X2, X4: ana@acme.example goes first`.
pub(super) fn ring_label(tenant: &TenantGraph<'_>, number: usize) -> String {
    let ring = &tenant.rings[number];
    let pools: Vec<_> = ring.pools.iter().map(|pool| tenant.pools[*pool].license).collect();
    let first = match ring.parked.as_slice() {
        [] => "a free seat is enough".to_owned(),
        [one] => format!("{one} goes first"),
        [one, rest @ ..] => format!("{one} and {} more go first", rest.len()),
    };
    format!("ring of {}: {first}", pools.join(", "))
}

/// Truncates text to a number of columns.
pub(crate) fn truncate(text: &str, most: usize) -> String {
    if text.width() <= most {
        return text.to_owned();
    }
    let mut shown = String::new();
    let mut columns = 0;
    for character in text.chars() {
        columns += character.width().unwrap_or(0);
        if columns >= most {
            break;
        }
        shown.push(character);
    }
    shown.push('…');
    shown
}
