//! Parsers of single cells of an export.

use std::collections::BTreeMap;

use jiff::civil::Date;
use smol_str::{SmolStr, format_smolstr};

use crate::model::{HoldingState, TenantSettings};
use crate::profile::Rules;
use crate::profile::definition::ExportOrigin;

/// What separates the items of a cell.
const SEPARATORS: [char; 4] = [',', ';', '|', '\n'];
/// What consoles write for "none".
const EMPTY_WORDS: [&str; 7] = ["", "-", "–", "none", "no license", "unlicensed", "not assigned"];

/// A license of a cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CellLicense {
    pub(super) license: SmolStr,
    pub(super) trial: bool,
}

/// Known licenses by their spellings.
pub(super) struct LicenseSpellings {
    by_spelling: BTreeMap<String, SmolStr>,
    /// Whether the vendor has no other licenses.
    is_closed: bool,
}

/// Folds letter case and repeated blanks.
fn normalize(text: &str) -> String {
    text.split_whitespace().map(str::to_lowercase).collect::<Vec<_>>().join(" ")
}

/// Whether a cell means "none".
pub(super) fn is_empty(cell: &str) -> bool {
    EMPTY_WORDS.contains(&&*normalize(cell))
}

/// Splits a cell into its items.
pub(super) fn split_list(cell: &str) -> impl Iterator<Item = &str> {
    cell.split(SEPARATORS).map(str::trim).filter(|part| !part.is_empty())
}

impl LicenseSpellings {
    pub(super) fn new(rules: &Rules, settings: &TenantSettings) -> Self {
        let mut by_spelling = BTreeMap::new();
        let known = rules.known_licenses();
        for license in known.unwrap_or_default() {
            by_spelling.insert(normalize(license), license.clone());
        }
        for (ours, theirs) in rules.profile().procedure.names {
            by_spelling.insert(normalize(theirs), SmolStr::new_static(ours));
        }
        for (ours, pool) in &settings.pools {
            by_spelling.insert(normalize(ours), ours.clone());
            if let Some(theirs) = &pool.name {
                by_spelling.insert(normalize(theirs), ours.clone());
            }
        }
        Self { by_spelling, is_closed: known.is_some() }
    }

    /// Returns the licenses of a cell in a row with that subscription.
    pub(super) fn parse(&self, cell: &str, subscription: &str) -> Vec<CellLicense> {
        if is_empty(cell) {
            return Vec::new();
        }
        // A name may contain a separator.
        if let Some(one) = self.find_known(cell, subscription) {
            return vec![one];
        }
        let one = |part| self.find_known(part, subscription).unwrap_or_else(|| self.make_unknown(part, subscription));
        split_list(cell).filter(|part| !is_empty(part)).map(one).collect()
    }

    fn find_known(&self, text: &str, subscription: &str) -> Option<CellLicense> {
        let find = |text: &str| {
            let whole = normalize(&format!("{subscription}/{text}"));
            let of_subscription = (!subscription.is_empty()).then(|| self.by_spelling.get(&whole)).flatten();
            of_subscription.or_else(|| self.by_spelling.get(&normalize(text))).cloned()
        };
        if let Some(license) = find(text) {
            return Some(CellLicense { license, trial: false });
        }
        let license = find(&strip_trial(text, self.is_closed)?)?;
        Some(CellLicense { license, trial: true })
    }

    fn make_unknown(&self, text: &str, subscription: &str) -> CellLicense {
        let plain = strip_trial(text, self.is_closed);
        let name = plain.as_deref().unwrap_or(text).trim();
        let license = match subscription.trim() {
            "" => SmolStr::new(name),
            subscription if name.starts_with(&format!("{subscription}/")) => SmolStr::new(name),
            subscription => format_smolstr!("{subscription}/{name}"),
        };
        CellLicense { license, trial: plain.is_some() }
    }
}

/// Removes the word for a trial: in `Business (Trial)`, and in a closed set of names also in `Trial Business` and `Business
/// trial`. Returns `None` if the text has no such word.
fn strip_trial(text: &str, is_closed: bool) -> Option<String> {
    let lower = text.to_lowercase();
    // In some scripts, lower case has another length.
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

/// Parses a state. An unknown word stays as it is, for the validation to report.
pub(super) fn parse_state(rules: &Rules, cell: &str) -> HoldingState {
    if is_empty(cell) {
        return HoldingState::Active;
    }
    let plain = |text: &str| text.trim().replace([' ', '-'], "_").to_uppercase();
    let word = plain(cell);
    let theirs = rules.profile().states.iter().find(|(known, _)| plain(known) == word).map(|(_, state)| state.clone());
    let ours = || HoldingState::NAMED.iter().find(|(known, _)| plain(known) == word).map(|(_, state)| state.clone());
    theirs.or_else(ours).unwrap_or_else(|| HoldingState::parse(cell.trim()))
}

/// Parses a yes or no.
pub(super) fn parse_bool(cell: &str) -> Option<bool> {
    match &*normalize(cell) {
        "yes" | "true" | "1" | "y" | "x" | "trial" => Some(true),
        "" | "no" | "false" | "0" | "n" | "-" | "full" => Some(false),
        _ => None,
    }
}

/// Parses an optional date: `2026-12-31`, also followed by a time, or `31.12.2026`.
pub(super) fn parse_date(cell: &str) -> Option<Option<Date>> {
    let cell = cell.trim();
    if is_empty(cell) || normalize(cell) == "never" {
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

/// Returns the address in `ana@acme.example` or `Ana Poe <ana@acme.example>`.
pub(super) fn parse_email(cell: &str) -> &str {
    let inner = cell.split_once('<').and_then(|(_, rest)| rest.split_once('>')).map(|(inner, _)| inner);
    inner.unwrap_or(cell).trim()
}

/// Parses the origin of an account, in the vendor's words.
pub(super) fn parse_origin(rules: &Rules, cell: &str) -> Option<ExportOrigin> {
    let words = rules.profile().procedure.export.origins;
    words.iter().find(|(word, _)| normalize(word) == normalize(cell)).map(|(_, origin)| *origin)
}
