//! Why a pool is full: who holds, gets, waits for and frees a seat.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Serialize;
use smol_str::SmolStr;

use super::text::pool_line;
use crate::diagnostic::Source;
use crate::model::{OperationId, PlanPool};
use crate::report::escape::escape;
use crate::report::source_path::SourcePaths;
use crate::report::table::{Alignment, TextCell, TextTable};
use crate::report::{TextStyle, Tone};

/// The explanation for one pool.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PoolWhy {
    /// The tenant.
    pub tenant: SmolStr,
    /// The license.
    pub license: SmolStr,
    /// Whether any entry names the license.
    pub managed: bool,
    /// The pool before and after the plan; null if unknown.
    pub pool: Option<PlanPool>,
    /// Seats used by accounts that the tenant does not list.
    pub unlisted: u64,
    /// The people who hold the license.
    pub holders: Vec<PoolHolder>,
    /// The people who get the license by this plan.
    pub arriving: Vec<PoolArrival>,
    /// The people who wait for the license, by position.
    pub waiting: Vec<PoolWaiter>,
    /// The people who free a seat: by this plan, by a date, or once a limit allows it.
    pub freeing: Vec<SeatRelease>,
}

/// A person who holds the license.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PoolHolder {
    /// The person's key.
    pub person: SmolStr,
    /// The holding, such as `X4 (pending)`.
    pub holds: String,
    /// Whether it uses a seat.
    pub seat: bool,
    /// Where the manifest names the person for the license; null if it does not.
    pub named_at: Option<Source>,
}

/// A person who gets the license by this plan.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PoolArrival {
    /// The person's key.
    pub person: SmolStr,
    /// The priority of the desired assignment.
    pub priority: i64,
    /// The operation.
    pub operation: OperationId,
}

/// A person who waits.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PoolWaiter {
    /// The person's key.
    pub person: SmolStr,
    /// The position, from 1.
    pub position: u64,
    /// The priority of the desired assignment.
    pub priority: i64,
    /// Where the manifest names the person for the license.
    pub named_at: Option<Source>,
}

/// A person who frees a seat.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct SeatRelease {
    /// The person's key.
    pub person: SmolStr,
    /// The cause.
    #[serde(flatten)]
    pub reason: ReleaseCause,
}

/// The cause that frees a seat.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(tag = "by", rename_all = "kebab-case")]
pub enum ReleaseCause {
    /// An operation of this plan removes the license.
    Operation {
        /// The operation.
        operation: OperationId,
        /// The reason.
        why: String,
    },
    /// The vendor is processing the removal.
    Removing,
    /// The holding ends by itself.
    HoldingEnds {
        /// From this day on.
        on: Date,
    },
    /// The last entry that names the person ends.
    EntryEnds {
        /// From this day on.
        on: Date,
        /// The entry.
        source: Source,
    },
    /// A limit holds the loss.
    Held {
        /// The limit and the number that exceeds it.
        message: String,
    },
}

/// Renders the pool and four tables.
pub fn pool_text(why: &PoolWhy, paths: &SourcePaths<'_>, style: TextStyle) -> String {
    let name = escape(&format!("{}/{}", why.tenant, why.license)).into_owned();
    let mut text = style.paint(Tone::Heading, &name);
    match &why.pool {
        Some(pool) => text.push_str(&format!("  {}", pool_line(pool))),
        None => text.push_str("  unknown pool"),
    }
    if !why.managed {
        text.push_str(", not in the manifest");
    }
    if why.unlisted > 0 {
        text.push_str(&format!(", {} used by unlisted accounts", why.unlisted));
    }
    text.push('\n');
    let place = |source: &Option<Source>| source.as_ref().map_or_else(String::new, |source| paths.file_line(source));
    let mut section = |name: &str, tone: Tone, number: usize, rows: &mut dyn FnMut(&mut TextTable)| {
        if number == 0 {
            return;
        }
        let mut table = TextTable::new([Alignment::Left; 3]);
        rows(&mut table);
        text.push_str(&format!("\n{} ({number})\n{}", style.paint(tone, name), table.render(2, 2, style)));
    };
    section("Waits", Tone::Notice, why.waiting.len(), &mut |table| {
        for one in &why.waiting {
            let what = format!("position {}, priority {}", one.position, one.priority);
            table.add_row([
                TextCell::new(escape(&one.person)),
                TextCell::new(what),
                TextCell::new(place(&one.named_at)),
            ]);
        }
    });
    section("Frees a seat", Tone::Gain, why.freeing.len(), &mut |table| {
        for one in &why.freeing {
            let (what, more) = reason_text(&one.reason, paths);
            table.add_row([TextCell::new(escape(&one.person)), TextCell::new(what), TextCell::new(more)]);
        }
    });
    section("Gets a seat", Tone::Gain, why.arriving.len(), &mut |table| {
        for one in &why.arriving {
            let what = format!("priority {}", one.priority);
            table.add_row([
                TextCell::new(escape(&one.person)),
                TextCell::new(what),
                TextCell::new(escape(&one.operation.0)),
            ]);
        }
    });
    section("Holds it", Tone::Heading, why.holders.len(), &mut |table| {
        for one in &why.holders {
            let named = if one.named_at.is_some() { place(&one.named_at) } else { "not in the manifest".to_owned() };
            let seat = if one.seat { "" } else { ", uses no seat" };
            let what = format!("{}{seat}", escape(&one.holds));
            table.add_row([TextCell::new(escape(&one.person)), TextCell::new(what), TextCell::new(named)]);
        }
    });
    text
}

/// Returns time and cause of the release.
fn reason_text(reason: &ReleaseCause, paths: &SourcePaths<'_>) -> (String, String) {
    match reason {
        ReleaseCause::Operation { operation, why } => (escape(&operation.0).into_owned(), escape(why).into_owned()),
        ReleaseCause::Removing => ("now".to_owned(), "the vendor is processing the removal".to_owned()),
        ReleaseCause::HoldingEnds { on } => (format!("on {on}"), "the holding ends".to_owned()),
        ReleaseCause::EntryEnds { on, source } => {
            (format!("on {on}"), format!("the entry ends  {}", paths.file_line(source)))
        }
        ReleaseCause::Held { message } => ("held".to_owned(), escape(message).into_owned()),
    }
}
