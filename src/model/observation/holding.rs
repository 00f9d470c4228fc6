//! What an account holds, and how far each holding is.
//!
//! Apart from the reading as a whole, because the laws ask holdings alone: whether one takes a seat is answered here and
//! nowhere else.

use std::borrow::Cow;

use jiff::Timestamp;
use jiff::civil::Date;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use smol_str::SmolStr;

use super::origin::HoldingOrigin;
use super::string_enum::StringEnumVisitor;

/// One license that an account holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Holding {
    /// The license.
    pub license: SmolStr,
    /// How far the holding is.
    #[serde(default)]
    pub state: HoldingState,
    /// Where it comes from; only direct holdings are ours to change.
    #[serde(default)]
    pub origin: HoldingOrigin,
    /// A trial takes no seat and does not satisfy a wish for the full license.
    #[serde(default)]
    pub trial: bool,
    /// The day on which the holding ends, if it ends by itself.
    #[serde(default)]
    pub expires: Option<Date>,
    /// When a pending request takes effect; kept by the `file` adapter, and no vendor tells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Timestamp>,
}

impl Holding {
    /// Whether a seat of the pool is taken by it.
    ///
    /// A request that waits at the vendor, was cancelled or went wrong takes none, and neither does a trial.
    pub fn uses_seat(&self) -> bool {
        !self.trial && self.state.is_held()
    }
}

/// How far a holding is.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum HoldingState {
    /// In effect.
    #[default]
    Active,
    /// Requested and not there yet; the seat is held.
    Pending,
    /// Its removal was requested and is not done yet; the seat is still held.
    Removing,
    /// The vendor put the request on a waiting list of its own.
    Waiting,
    /// The request was cancelled.
    Cancelled,
    /// The request failed at the vendor.
    Error,
    /// Held and switched off for a time; the seat is held.
    Suspended,
    /// A vendor's own spelling, to be translated by its profile.
    Other(SmolStr),
}

impl HoldingState {
    /// The states with their words, in the order of the format's documentation.
    pub const NAMED: [(&'static str, Self); 7] = [
        ("active", Self::Active),
        ("pending", Self::Pending),
        ("removing", Self::Removing),
        ("waiting", Self::Waiting),
        ("cancelled", Self::Cancelled),
        ("error", Self::Error),
        ("suspended", Self::Suspended),
    ];

    /// The state of that word; a word that is none of the seven is kept as it is.
    pub fn parse(word: &str) -> Self {
        Self::NAMED
            .iter()
            .find(|(name, _)| *name == word)
            .map_or_else(|| Self::Other(SmolStr::new(word)), |(_, state)| state.clone())
    }

    /// Returns the name in the format.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Active => "active",
            Self::Pending => "pending",
            Self::Removing => "removing",
            Self::Waiting => "waiting",
            Self::Cancelled => "cancelled",
            Self::Error => "error",
            Self::Suspended => "suspended",
            Self::Other(word) => word,
        }
    }

    /// Whether somebody in this state holds the license: a seat is taken by it.
    pub fn is_held(&self) -> bool {
        match self {
            Self::Active | Self::Pending | Self::Removing | Self::Suspended => true,
            Self::Waiting | Self::Cancelled | Self::Error | Self::Other(_) => false,
        }
    }
}

impl Serialize for HoldingState {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for HoldingState {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(StringEnumVisitor("a state", |word| Some(Self::parse(word))))
    }
}

impl JsonSchema for HoldingState {
    fn schema_name() -> Cow<'static, str> {
        "HoldingState".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let words = Self::NAMED.map(|(word, _)| word);
        json_schema!({
            "description": "How far a holding is: one of the seven words, or a spelling that the vendor's profile lists.",
            "type": "string",
            "examples": words,
        })
    }
}
