//! Why a person gets, keeps, loses or lacks a license: from the line in the manifest to the operation, or to the
//! reason why there is none.

use std::fmt::Write as _;

use jiff::civil::Date;
use serde::Serialize;
use smol_str::SmolStr;

use super::escape::escape;
use super::places::Places;
use super::words::{count, wrap};
use super::{Look, Tone};
use crate::diagnostic::{Finding, Source};
use crate::model::{OperationId, OperationKind, PlanPool};

/// The answer for one person.
#[derive(Clone, Debug, Serialize)]
pub struct Why {
    /// The person's key.
    pub person: SmolStr,
    /// One chain for each license that has to do with the person.
    pub licenses: Vec<Chain>,
}

/// From the manifest to what happens, for one license.
#[derive(Clone, Debug, Serialize)]
pub struct Chain {
    /// The tenant.
    pub tenant: SmolStr,
    /// The license.
    pub license: SmolStr,
    /// The entries that name the person for it.
    pub entries: Vec<Entry>,
    /// Whether any entry names the license at all.
    pub managed: bool,
    /// What the person holds of it, such as `pending` or `active, from group:sales`.
    pub holds: Option<String>,
    /// The license's pool before and after the plan.
    pub pool: Option<PlanPool>,
    /// What policy says of it.
    pub policy: Vec<Finding>,
    /// What happens.
    pub answer: Answer,
}

/// One entry that names the person.
#[derive(Clone, Debug, Serialize)]
pub struct Entry {
    /// Where the entry is.
    pub source: Source,
    /// `present` or `absent`.
    pub ensure: &'static str,
    /// How the person comes into it: the text in the manifest, such as `group:sales`.
    pub named_by: String,
    /// Where that stands.
    pub named_at: Source,
    /// Why the entry is there.
    pub reason: Option<String>,
    /// Who gets a scarce seat; higher first.
    pub priority: i64,
    /// The first day on which it counts.
    pub starts: Option<Date>,
    /// The day from which on it counts no more.
    pub expires: Option<Date>,
    /// Whether it counts on the day of the plan.
    pub in_force: bool,
}

/// What happens to the person's license.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Answer {
    /// Something is done.
    Operations {
        /// By which operations.
        operations: Vec<Step>,
    },
    /// It cannot be.
    Blocked {
        /// The reason's code.
        code: SmolStr,
        /// The reason.
        message: String,
        /// What to do about it.
        help: Option<String>,
    },
    /// There is no seat.
    Waiting {
        /// The place in the pool's line, from 1.
        position: u64,
        /// Seats to buy, so that nobody has to wait.
        missing: u64,
    },
    /// A limit keeps it back.
    Held {
        /// The limit's code.
        code: SmolStr,
        /// The limit and the number over it.
        message: String,
        /// What to do about it.
        help: Option<String>,
    },
    /// Nothing is to be done.
    Nothing {
        /// Because of this.
        because: String,
    },
}

/// One operation of the answer.
#[derive(Clone, Debug, Serialize)]
pub struct Step {
    /// Its name in the plan.
    pub id: OperationId,
    /// What it does.
    #[serde(rename = "operation")]
    pub kind: OperationKind,
    /// The license; for a change the old one.
    pub license: SmolStr,
    /// For a change the new license.
    pub to: Option<SmolStr>,
    /// What must have succeeded before.
    pub after: Vec<OperationId>,
    /// One line for the reader.
    pub why: String,
}

/// How far the first column reaches.
const LABEL_WIDTH: usize = 10;

/// The chains as text.
pub fn text(why: &Why, places: &Places<'_>, look: Look) -> String {
    let mut text = String::new();
    for chain in &why.licenses {
        if !text.is_empty() {
            text.push('\n');
        }
        let license = escape(&format!("{}/{}", chain.tenant, chain.license)).into_owned();
        let _ = writeln!(text, "{}  {}", escape(&why.person), look.paint(Tone::Heading, &license));
        for entry in &chain.entries {
            entry_text(&mut text, entry, places, look);
        }
        if chain.entries.is_empty() {
            let none = if chain.managed { "no entry names this person" } else { "no entry names this license" };
            row(&mut text, "manifest", none, look);
        }
        row(&mut text, "holds", chain.holds.as_deref().unwrap_or("nothing of it"), look);
        if let Some(pool) = &chain.pool {
            row(&mut text, "pool", &pool_text(pool), look);
        }
        for finding in &chain.policy {
            row(&mut text, "policy", &format!("{} {}", finding.code, finding.message), look);
        }
        answer_text(&mut text, &chain.answer, look);
    }
    text
}

fn row(text: &mut String, label: &str, value: &str, look: Look) {
    let value = wrap(&escape(value), LABEL_WIDTH + 4, look.width);
    let label = format!("  {label:LABEL_WIDTH$}  ");
    text.push_str(&label);
    text.push_str(value.trim_start());
}

fn entry_text(text: &mut String, entry: &Entry, places: &Places<'_>, look: Look) {
    let mut value = format!("{}  ", places.column(&entry.source));
    value.push_str(if entry.ensure == "absent" { "takes it away" } else { "gives it" });
    if entry.priority != 0 {
        let _ = write!(value, ", priority {}", entry.priority);
    }
    if let Some(starts) = entry.starts {
        let _ = write!(value, ", from {starts}");
    }
    if let Some(expires) = entry.expires {
        let _ = write!(value, ", before {expires}");
    }
    if !entry.in_force {
        value.push_str(", not in force on this day");
    }
    if let Some(reason) = &entry.reason {
        let _ = write!(value, " ({reason})");
    }
    row(text, "entry", &value, look);
    row(text, "named by", &format!("{}  {}", places.column(&entry.named_at), entry.named_by), look);
}

fn pool_text(pool: &PlanPool) -> String {
    let total = pool.total.map_or_else(|| "unlimited".to_owned(), |total| format!("of {total}"));
    let mut value = format!("{} → {} {total}", pool.used_before, pool.used_after);
    if pool.reserve > 0 {
        let _ = write!(value, ", {} in reserve", pool.reserve);
    }
    if pool.missing > 0 {
        let missing = usize::try_from(pool.missing).unwrap_or(usize::MAX);
        let _ = write!(value, ", {} missing", count(missing, "seat", "seats"));
    }
    value
}

fn answer_text(text: &mut String, answer: &Answer, look: Look) {
    let help = |text: &mut String, help: &Option<String>| {
        if let Some(help) = help {
            row(text, "help", help, look);
        }
    };
    match answer {
        Answer::Operations { operations } => {
            for step in operations {
                let mut value = format!("{} {}", step.kind.as_str(), step.license);
                if let Some(to) = &step.to {
                    let _ = write!(value, " → {to}");
                }
                if !step.after.is_empty() {
                    let after: Vec<_> = step.after.iter().map(|id| id.0.as_str()).collect();
                    let _ = write!(value, " after {}", after.join(" "));
                }
                let _ = write!(value, ": {}", step.why);
                row(text, &step.id.0, &value, look);
            }
        }
        Answer::Blocked { code, message, help: text_of_help } => {
            row(text, "blocked", &format!("{code} {message}"), look);
            help(text, text_of_help);
        }
        Answer::Held { code, message, help: text_of_help } => {
            row(text, "held", &format!("{code} {message}"), look);
            help(text, text_of_help);
        }
        Answer::Waiting { position, missing } => {
            let missing = usize::try_from(*missing).unwrap_or(usize::MAX);
            let value = format!("number {position} in line; buy {}", count(missing, "seat", "seats"));
            row(text, "waiting", &value, look);
        }
        Answer::Nothing { because } => row(text, "nothing", &format!("to do: {because}"), look),
    }
}
