//! `policy.freeze`: times in which nothing is changed.

use schemars::JsonSchema;
use serde::Deserialize;
use smol_str::SmolStr;

use crate::diagnostic::Level;
use crate::manifest::yaml::{LenientList, Located, OptionalField, RequiredField};

/// A time in which nothing is changed: from one time to another, or every week.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FreezeEntry {
    /// Its name.
    pub name: RequiredField<SmolStr>,
    /// From this time on, such as `2026-12-20T00:00`.
    #[serde(default)]
    #[schemars(extend("pattern" = "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}$"))]
    pub from: OptionalField<SmolStr>,
    /// Before this time; `24:00` is the end of a day.
    #[serde(default)]
    #[schemars(extend("pattern" = "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}$"))]
    pub until: OptionalField<SmolStr>,
    /// Every week on some days, instead of `from` and `until`.
    #[serde(default)]
    pub weekly: OptionalField<WeeklyEntry>,
    /// The clocks that the times are read on: an IANA name such as `Europe/Berlin`, or `UTC`.
    pub time_zone: RequiredField<SmolStr>,
    /// The tenants that are frozen; all where it is missing.
    #[serde(default)]
    pub tenants: OptionalField<LenientList<Located<SmolStr>>>,
    /// Why.
    #[serde(default)]
    pub reason: OptionalField<String>,
    /// `deny` stops `apply`, and is what holds where nothing is written; `warn` says it.
    #[serde(default)]
    pub level: OptionalField<FreezeLevel>,
}

/// A time of every week.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WeeklyEntry {
    /// The days on which it begins.
    pub days: RequiredField<LenientList<Located<Weekday>>>,
    /// From this time of each of the days on, such as `16:00`.
    #[schemars(extend("pattern" = "^[0-9]{2}:[0-9]{2}$"))]
    pub from: RequiredField<SmolStr>,
    /// Before this time: of the same day where it is later than `from`, else of the day after; `24:00` is the day's end.
    #[schemars(extend("pattern" = "^[0-9]{2}:[0-9]{2}$"))]
    pub until: RequiredField<SmolStr>,
}

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the days of the week are what they are called")]
pub enum Weekday {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

impl Weekday {
    /// Its place in the week, from Monday as 1.
    pub fn number(self) -> i8 {
        match self {
            Self::Monday => 1,
            Self::Tuesday => 2,
            Self::Wednesday => 3,
            Self::Thursday => 4,
            Self::Friday => 5,
            Self::Saturday => 6,
            Self::Sunday => 7,
        }
    }
}

/// How much weight a freeze has. Nobody approves one: who has to change something in it writes a waiver.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum FreezeLevel {
    /// `apply` sends nothing.
    Deny,
    /// It is said.
    Warn,
}

impl FreezeLevel {
    /// The level that the word stands for.
    pub fn to_level(self) -> Level {
        match self {
            Self::Deny => Level::Deny,
            Self::Warn => Level::Warn,
        }
    }
}
