//! Why a pool is as full as it is: who holds a seat, who gets one, who waits, and who will free one.

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

/// The answer for one pool.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PoolWhy {
    /// The tenant.
    pub tenant: SmolStr,
    /// The license.
    pub license: SmolStr,
    /// Whether any entry names the license.
    pub managed: bool,
    /// The pool before and after the plan; null where nobody tells of one.
    pub pool: Option<PlanPool>,
    /// Seats taken by accounts that the tenant does not list.
    pub unlisted: u64,
    /// Who holds the license, by person.
    pub holders: Vec<PoolHolder>,
    /// Who gets it by this plan.
    pub arriving: Vec<PoolArrival>,
    /// Who waits for it, in line.
    pub waiting: Vec<PoolWaiter>,
    /// Who frees a seat: by this plan, by a date, or when a limit lets go.
    pub freeing: Vec<SeatRelease>,
}

/// Somebody who holds the license.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PoolHolder {
    /// The person's key.
    pub person: SmolStr,
    /// The holding in a few words, such as `X4 (pending)`.
    pub holds: String,
    /// Whether it takes a seat.
    pub seat: bool,
    /// Where the person is named for it; null where nobody names them.
    pub named_at: Option<Source>,
}

/// Somebody who gets the license by this plan.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PoolArrival {
    /// The person's key.
    pub person: SmolStr,
    /// The priority of the wish.
    pub priority: i64,
    /// The operation.
    pub operation: OperationId,
}

/// Somebody who waits.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PoolWaiter {
    /// The person's key.
    pub person: SmolStr,
    /// The place in line, from 1.
    pub position: u64,
    /// The priority of the wish.
    pub priority: i64,
    /// Where the person is named for it.
    pub named_at: Option<Source>,
}

/// Somebody who frees a seat.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct SeatRelease {
    /// The person's key.
    pub person: SmolStr,
    /// How it comes.
    #[serde(flatten)]
    pub reason: ReleaseCause,
}

/// How a seat becomes free.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(tag = "by", rename_all = "kebab-case")]
pub enum ReleaseCause {
    /// An operation of this plan gives it up.
    Operation {
        /// That operation.
        operation: OperationId,
        /// Why.
        why: String,
    },
    /// The vendor is at work on the removal.
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
    /// A limit keeps the loss back.
    Held {
        /// The limit and the number over it.
        message: String,
    },
}

/// The answer as text: the pool, then four short tables.
pub fn pool_text(why: &PoolWhy, places: &SourcePaths<'_>, look: TextStyle) -> String {
    let name = escape(&format!("{}/{}", why.tenant, why.license)).into_owned();
    let mut text = look.paint(Tone::Heading, &name);
    match &why.pool {
        Some(pool) => text.push_str(&format!("  {}", pool_line(pool))),
        None => text.push_str("  no pool is known"),
    }
    if !why.managed {
        text.push_str(", not named by any entry");
    }
    if why.unlisted > 0 {
        text.push_str(&format!(", {} taken by accounts that are not listed", why.unlisted));
    }
    text.push('\n');
    let place = |source: &Option<Source>| source.as_ref().map_or_else(String::new, |source| places.file_line(source));
    let mut section = |name: &str, tone: Tone, number: usize, rows: &mut dyn FnMut(&mut TextTable)| {
        if number == 0 {
            return;
        }
        let mut table = TextTable::new([Alignment::Left; 3]);
        rows(&mut table);
        text.push_str(&format!("\n{} ({number})\n{}", look.paint(tone, name), table.render(2, 2, look)));
    };
    section("Waits", Tone::Notice, why.waiting.len(), &mut |table| {
        for one in &why.waiting {
            let what = format!("number {}, priority {}", one.position, one.priority);
            table.add_row([
                TextCell::new(escape(&one.person)),
                TextCell::new(what),
                TextCell::new(place(&one.named_at)),
            ]);
        }
    });
    section("Frees a seat", Tone::Gain, why.freeing.len(), &mut |table| {
        for one in &why.freeing {
            let (what, more) = reason_text(&one.reason, places);
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
            let named = if one.named_at.is_some() { place(&one.named_at) } else { "nobody names them".to_owned() };
            let seat = if one.seat { "" } else { ", takes no seat" };
            let what = format!("{}{seat}", escape(&one.holds));
            table.add_row([TextCell::new(escape(&one.person)), TextCell::new(what), TextCell::new(named)]);
        }
    });
    text
}

/// When and how, and what more there is to say.
fn reason_text(reason: &ReleaseCause, places: &SourcePaths<'_>) -> (String, String) {
    match reason {
        ReleaseCause::Operation { operation, why } => (escape(&operation.0).into_owned(), escape(why).into_owned()),
        ReleaseCause::Removing => ("now".to_owned(), "the vendor is at work on the removal".to_owned()),
        ReleaseCause::HoldingEnds { on } => (format!("on {on}"), "the holding ends".to_owned()),
        ReleaseCause::EntryEnds { on, source } => {
            (format!("on {on}"), format!("the entry ends  {}", places.file_line(source)))
        }
        ReleaseCause::Held { message } => ("held".to_owned(), escape(message).into_owned()),
    }
}
