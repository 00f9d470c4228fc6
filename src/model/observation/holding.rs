//! Holdings of an account and their states.

use std::borrow::Cow;

use jiff::Timestamp;
use jiff::civil::Date;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use smol_str::SmolStr;

use super::origin::HoldingOrigin;
use super::string_enum::StringEnumVisitor;

/// One holding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Holding {
    /// The license.
    pub license: SmolStr,
    /// Its state.
    #[serde(default)]
    pub state: HoldingState,
    /// Its origin. reseat may change only direct holdings.
    #[serde(default)]
    pub origin: HoldingOrigin,
    /// Whether it is a trial, which uses no seat and does not satisfy an assignment of the full license.
    #[serde(default)]
    pub trial: bool,
    /// The day on which the holding expires, if any.
    #[serde(default)]
    pub expires: Option<Date>,
    /// When a pending request takes effect; only the `file` adapter sets it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Timestamp>,
}

impl Holding {
    /// Returns an active, direct holding of the license.
    pub fn active(license: impl Into<SmolStr>) -> Self {
        Self {
            license: license.into(),
            state: HoldingState::Active,
            origin: HoldingOrigin::Direct,
            trial: false,
            expires: None,
            due: None,
        }
    }

    /// Whether it uses a seat of the pool. Waiting, cancelled and failed requests use none, nor does a trial.
    pub fn uses_seat(&self) -> bool {
        !self.trial && self.state.is_held()
    }
}

/// The state of a holding.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum HoldingState {
    /// In effect.
    #[default]
    Active,
    /// Requested and not in effect yet; the seat is held.
    Pending,
    /// Removal requested and not in effect yet; the seat is still held.
    Removing,
    /// Queued by the vendor.
    Waiting,
    /// Cancelled request.
    Cancelled,
    /// Failed request.
    Error,
    /// Suspended; the seat is held.
    Suspended,
    /// A vendor's own spelling, which its profile translates.
    Other(SmolStr),
}

impl HoldingState {
    /// All named states with their names, in documentation order.
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

    /// Whether a holding in this state uses a seat, unless it is a trial.
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
