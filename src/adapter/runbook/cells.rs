//! What single cells of an export mean.

use std::collections::BTreeMap;

use jiff::civil::Date;
use smol_str::{SmolStr, format_smolstr};

use crate::model::{HoldingState, TenantSettings};
use crate::profile::Rules;
use crate::profile::profile::Origin;

/// What parts several things in one cell.
const SEPARATORS: [char; 4] = [',', ';', '|', '\n'];
/// What consoles write where somebody holds nothing.
const NOTHING: [&str; 7] = ["", "-", "–", "none", "no license", "unlicensed", "not assigned"];

/// A license of a cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) license: SmolStr,
    pub(super) trial: bool,
}

/// The licenses that are known by name, and how they may be spelled.
pub(super) struct Licenses {
    by_spelling: BTreeMap<String, SmolStr>,
    is_closed: bool,
}

/// A name without letter case, and with single blanks.
fn spelling(text: &str) -> String {
    text.split_whitespace().map(str::to_lowercase).collect::<Vec<_>>().join(" ")
}

/// Whether a cell says that there is nothing.
pub(super) fn is_nothing(cell: &str) -> bool {
    NOTHING.contains(&&*spelling(cell))
}

/// The parts of a cell that holds several.
pub(super) fn parts(cell: &str) -> impl Iterator<Item = &str> {
    cell.split(SEPARATORS).map(str::trim).filter(|part| !part.is_empty())
}

impl Licenses {
    pub(super) fn new(rules: &Rules, settings: &TenantSettings) -> Self {
        let mut by_spelling = BTreeMap::new();
        let known = rules.known_licenses();
        for license in known.unwrap_or_default() {
            by_spelling.insert(spelling(license), license.clone());
        }
        for (ours, theirs) in rules.profile().procedure.names {
            by_spelling.insert(spelling(theirs), SmolStr::new_static(ours));
        }
        for (ours, pool) in &settings.pools {
            by_spelling.insert(spelling(ours), ours.clone());
            if let Some(theirs) = &pool.name {
                by_spelling.insert(spelling(theirs), ours.clone());
            }
        }
        Self { by_spelling, is_closed: known.is_some() }
    }

    /// The licenses of a cell, with the subscription of its row.
    pub(super) fn read(&self, cell: &str, subscription: &str) -> Vec<Named> {
        if is_nothing(cell) {
            return Vec::new();
        }
        // A name may hold what parts names.
        if let Some(one) = self.known(cell, subscription) {
            return vec![one];
        }
        let one = |part| self.known(part, subscription).unwrap_or_else(|| self.unknown(part, subscription));
        parts(cell).filter(|part| !is_nothing(part)).map(one).collect()
    }

    fn known(&self, text: &str, subscription: &str) -> Option<Named> {
        let find = |text: &str| {
            let whole = spelling(&format!("{subscription}/{text}"));
            let of_subscription = (!subscription.is_empty()).then(|| self.by_spelling.get(&whole)).flatten();
            of_subscription.or_else(|| self.by_spelling.get(&spelling(text))).cloned()
        };
        if let Some(license) = find(text) {
            return Some(Named { license, trial: false });
        }
        let license = find(&without_trial(text, self.is_closed)?)?;
        Some(Named { license, trial: true })
    }

    /// A license that nobody named before.
    fn unknown(&self, text: &str, subscription: &str) -> Named {
        let plain = without_trial(text, self.is_closed);
        let name = plain.as_deref().unwrap_or(text).trim();
        let license = match subscription.trim() {
            "" => SmolStr::new(name),
            subscription if name.starts_with(&format!("{subscription}/")) => SmolStr::new(name),
            subscription => format_smolstr!("{subscription}/{name}"),
        };
        Named { license, trial: plain.is_some() }
    }
}

/// The name without the word that it is a trial, if that stands there: `Business (Trial)`, and where the names are a
/// closed set also `Trial Business` and `Business trial`.
fn without_trial(text: &str, is_closed: bool) -> Option<String> {
    let lower = text.to_lowercase();
    // Lower case may be of another length in some scripts; then no word is taken off.
    if lower.len() != text.len() {
        return None;
    }
    let text = text.trim();
    let lower = lower.trim();
    let cut =
        |from: usize, to: usize| text.get(from..to).map(|name| name.trim().to_owned()).filter(|name| !name.is_empty());
    if lower.ends_with("(trial)") {
        return cut(0, text.len() - "(trial)".len());
    }
    if !is_closed {
        return None;
    }
    let inner = lower.strip_prefix("trial").map(|_| "trial".len());
    if let Some(from) = inner {
        let name = cut(from, text.len())?;
        let name = name.trim_start_matches([':', '-', '(']).trim_end_matches(')').trim();
        return Some(name.to_owned()).filter(|name| !name.is_empty());
    }
    if lower.ends_with("trial") {
        let name = cut(0, text.len() - "trial".len())?;
        return Some(name.trim_end_matches(['-', ':']).trim().to_owned());
    }
    None
}

/// The state that a cell names; a word that nobody knows is kept, and complained about with the others.
pub(super) fn state(rules: &Rules, cell: &str) -> HoldingState {
    if is_nothing(cell) {
        return HoldingState::Active;
    }
    let plain = |text: &str| text.trim().replace([' ', '-'], "_").to_uppercase();
    let word = plain(cell);
    let theirs = rules.profile().states.iter().find(|(known, _)| plain(known) == word).map(|(_, state)| state.clone());
    let ours = || HoldingState::NAMED.iter().find(|(known, _)| plain(known) == word).map(|(_, state)| state.clone());
    theirs.or_else(ours).unwrap_or_else(|| HoldingState::parse(cell.trim()))
}

/// Whether a cell says yes.
pub(super) fn truth(cell: &str) -> Option<bool> {
    match &*spelling(cell) {
        "yes" | "true" | "1" | "y" | "x" | "trial" => Some(true),
        "" | "no" | "false" | "0" | "n" | "-" | "full" => Some(false),
        _ => None,
    }
}

/// The day of a cell: `2026-12-31`, also with a time behind it, or `31.12.2026`.
pub(super) fn day(cell: &str) -> Option<Option<Date>> {
    let cell = cell.trim();
    if is_nothing(cell) || spelling(cell) == "never" {
        return Some(None);
    }
    if let Some(Ok(date)) = cell.get(..10).map(str::parse::<Date>) {
        return Some(Some(date));
    }
    let mut numbers = cell.split('.').map(str::parse::<i16>);
    let (Some(Ok(day)), Some(Ok(month)), Some(Ok(year)), None) =
        (numbers.next(), numbers.next(), numbers.next(), numbers.next())
    else {
        return None;
    };
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok().map(Some)
}

/// The address of a cell: `ana@acme.example`, or `Ana Poe <ana@acme.example>`.
pub(super) fn email(cell: &str) -> &str {
    let inner = cell.split_once('<').and_then(|(_, rest)| rest.split_once('>')).map(|(inner, _)| inner);
    inner.unwrap_or(cell).trim()
}

/// Where an account comes from, by the words of the vendor's list.
pub(super) fn origin(rules: &Rules, cell: &str) -> Option<Origin> {
    let words = rules.profile().procedure.export.origins;
    words.iter().find(|(word, _)| spelling(word) == spelling(cell)).map(|(_, origin)| *origin)
}
