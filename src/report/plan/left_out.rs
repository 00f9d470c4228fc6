//! What a plan leaves out: people who wait for a seat, losses that a limit holds, and changes that are blocked.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::super::escape::escape;
use super::super::places::Places;
use super::super::table::{Cell, Side, Table};
use super::super::words::{count, people, wrap};
use super::super::{Look, Tone};
use super::title;
use crate::diagnostic::Source;
use crate::model::{Plan, Waiting};

/// Everybody who waits, by pool and position, and how many seats to buy.
pub(super) fn waiting(plan: &Plan, look: Look) -> String {
    if plan.waiting.is_empty() {
        return String::new();
    }
    let mut text = title("Waiting for a seat", plan.waiting.len(), Tone::Notice, look);
    let mut lines: BTreeMap<(&str, &str), Vec<&Waiting>> = BTreeMap::new();
    for waiting in &plan.waiting {
        lines.entry((&waiting.tenant, &waiting.license)).or_default().push(waiting);
    }
    for ((tenant, license), mut line) in lines {
        line.sort_by_key(|waiting| waiting.position);
        let pool = plan.pools.iter().find(|pool| (&*pool.tenant, &*pool.license) == (tenant, license));
        let missing = pool.map_or(0, |pool| usize::try_from(pool.missing).unwrap_or(usize::MAX));
        let advice = if missing > 0 { format!(": buy {}", count(missing, "seat", "seats")) } else { String::new() };
        let _ = writeln!(text, "  {}{advice}", escape(&format!("{tenant}/{license}")));
        let mut table = Table::new([Side::Right, Side::Left, Side::Left]);
        for waiting in line {
            table.row([
                Cell::new(format!("{}.", waiting.position)),
                Cell::new(escape(&waiting.person)),
                Cell::new(if waiting.priority == 0 { String::new() } else { format!("priority {}", waiting.priority) }),
            ]);
        }
        text.push_str(&table.render(4, 3, look));
    }
    text
}

/// One reason with everybody it holds for.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Reason<'p> {
    tenant: &'p str,
    license: &'p str,
    code: &'p str,
    message: &'p str,
    help: Option<&'p str>,
}

/// A person whom a reason is about, and where the wish is written.
type Member<'p> = (&'p str, Option<&'p Source>);

/// Losses that a limit keeps back.
pub(super) fn held(plan: &Plan, places: &Places<'_>, look: Look) -> String {
    let items = plan.held.iter().map(|held| {
        let reason = Reason {
            code: &held.code,
            tenant: &held.tenant,
            license: &held.license,
            message: &held.message,
            help: held.help.as_deref(),
        };
        (reason, (held.person.as_str(), held.source.as_ref()))
    });
    reasons("Held by a limit", items, places, look)
}

/// Changes left out, with the reason.
pub(super) fn blocked(plan: &Plan, places: &Places<'_>, look: Look) -> String {
    let items = plan.blocked.iter().map(|blocked| {
        let reason = Reason {
            code: &blocked.code,
            tenant: &blocked.tenant,
            license: &blocked.license,
            message: &blocked.message,
            help: blocked.help.as_deref(),
        };
        (reason, (blocked.person.as_str(), blocked.source.as_ref()))
    });
    reasons("Blocked", items, places, look)
}

/// People below the reason that they share; a person alone stands with the place of the wish.
fn reasons<'p>(
    name: &str,
    items: impl Iterator<Item = (Reason<'p>, Member<'p>)>,
    places: &Places<'_>,
    look: Look,
) -> String {
    let mut shared: BTreeMap<Reason<'p>, Vec<Member<'p>>> = BTreeMap::new();
    let mut number = 0;
    for (reason, member) in items {
        number += 1;
        shared.entry(reason).or_default().push(member);
    }
    if shared.is_empty() {
        return String::new();
    }
    let mut text = title(name, number, Tone::Notice, look);
    for (Reason { tenant, license, code, message, help }, members) in shared {
        let license = escape(&format!("{tenant}/{license}")).into_owned();
        if let [(person, source)] = members.as_slice() {
            let place = source.map(|source| look.paint(Tone::Faint, &format!("  {}", places.line(source))));
            let _ = writeln!(text, "  {}  {license}{}", escape(person), place.unwrap_or_default());
            text.push_str(&wrap(&format!("{} {}", escape(code), escape(message)), 4, look.width));
        } else {
            text.push_str(&wrap(&format!("{license}: {} {}", escape(code), escape(message)), 2, look.width));
            let who: Vec<_> = members.iter().map(|(person, _)| *person).collect();
            text.push_str(&people(&who, 4, look.width));
        }
        if let Some(help) = help {
            text.push_str(&wrap(&format!("help: {}", escape(help)), 4, look.width));
        }
    }
    text
}
