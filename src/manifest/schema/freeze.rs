//! `policy.freeze`: windows in which `apply` changes nothing.

use schemars::JsonSchema;
use serde::Deserialize;
use smol_str::SmolStr;

use crate::diagnostic::Level;
use crate::manifest::yaml::{LenientList, Located, OptionalField, RequiredField};

/// A freeze window: once, with `from` and `until`, or every week, with `weekly`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FreezeEntry {
    /// Name of the window.
    pub name: RequiredField<SmolStr>,
    /// Start of the window, such as `2026-12-20T00:00`.
    #[serde(default)]
    #[schemars(extend("pattern" = "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}$"))]
    pub from: OptionalField<SmolStr>,
    /// End of the window, exclusive. `24:00` is the end of a day.
    #[serde(default)]
    #[schemars(extend("pattern" = "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}$"))]
    pub until: OptionalField<SmolStr>,
    /// A window that repeats every week, instead of `from` and `until`.
    #[serde(default)]
    pub weekly: OptionalField<WeeklyEntry>,
    /// Time zone of all times: an IANA name such as `Europe/Berlin`, or `UTC`.
    pub time_zone: RequiredField<SmolStr>,
    /// Tenants that are frozen. Default: all.
    #[serde(default)]
    pub tenants: OptionalField<LenientList<Located<SmolStr>>>,
    /// Reason.
    #[serde(default)]
    pub reason: OptionalField<String>,
    /// `deny` stops `apply`; `warn` only reports the window. Default: `deny`.
    #[serde(default)]
    pub level: OptionalField<FreezeLevel>,
}

/// A window that repeats every week.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WeeklyEntry {
    /// Days on which the window starts.
    pub days: RequiredField<LenientList<Located<Weekday>>>,
    /// Start time, such as `16:00`.
    #[schemars(extend("pattern" = "^[0-9]{2}:[0-9]{2}$"))]
    pub from: RequiredField<SmolStr>,
    /// End time, exclusive: on the same day if it is later than `from`, otherwise on the next day. `24:00` is the end of the day.
    #[schemars(extend("pattern" = "^[0-9]{2}:[0-9]{2}$"))]
    pub until: RequiredField<SmolStr>,
}

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names say it all")]
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
    /// Returns the number of the day, where Monday is 1.
    pub(crate) fn number(self) -> i8 {
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

/// The level of a freeze window. A freeze cannot be approved; an exception is a waiver.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum FreezeLevel {
    /// `apply` sends nothing.
    Deny,
    /// `apply` proceeds with a warning.
    Warn,
}

impl From<FreezeLevel> for Level {
    fn from(level: FreezeLevel) -> Self {
        match level {
            FreezeLevel::Deny => Self::Deny,
            FreezeLevel::Warn => Self::Warn,
        }
    }
}
