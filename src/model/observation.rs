//! Current state: what an adapter observed at a tenant, with time and completeness.
//!
//! One format for what `observe` prints, what `--state` takes and what the `file` adapter keeps.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, BufWriter};

use jiff::Timestamp;
use jiff::civil::Date;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use smol_str::SmolStr;

use super::digest::{Digest, Hashing};

/// The `apiVersion` of every file that reseat reads or writes.
pub const API_VERSION: &str = "reseat/v1";

/// One reading of a tenant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Observation {
    /// Always `reseat/v1`.
    #[serde(rename = "apiVersion")]
    #[schemars(extend("const" = API_VERSION))]
    pub api_version: SmolStr,
    /// Always `observation`.
    #[schemars(extend("const" = "observation"))]
    pub kind: SmolStr,
    /// The tenant's name in the manifest.
    pub tenant: SmolStr,
    /// The vendor's name.
    pub vendor: SmolStr,
    /// When it was read.
    pub observed_at: Timestamp,
    /// False when a part could not be read, so that absence proves nothing.
    pub complete: bool,
    /// Why the vendor refuses changes just now; null when it takes them.
    #[serde(default)]
    pub busy: Option<String>,
    /// The bought quantities, as far as the vendor tells.
    #[serde(default)]
    pub pools: Vec<Pool>,
    /// Everybody who has an account.
    #[serde(default)]
    pub accounts: Vec<Account>,
}

impl Observation {
    /// A reading that says nothing yet, to be filled.
    pub fn blank(tenant: &str, vendor: &str, observed_at: Timestamp) -> Self {
        Self {
            api_version: SmolStr::new_static(API_VERSION),
            kind: SmolStr::new_static("observation"),
            tenant: tenant.into(),
            vendor: vendor.into(),
            observed_at,
            complete: true,
            busy: None,
            pools: Vec::new(),
            accounts: Vec::new(),
        }
    }

    /// The digest of it as compact JSON, hashed as it is written: a large one fills hundreds of megabytes.
    ///
    /// # Errors
    /// Never for what was read; it is the JSON writer's own.
    pub fn digest(&self) -> Result<Digest, serde_json::Error> {
        let mut buffer = BufWriter::with_capacity(1 << 16, HashWriter(Hashing::default()));
        serde_json::to_writer(&mut buffer, self)?;
        let HashWriter(hashing) = buffer.into_inner().map_err(|error| serde_json::Error::io(error.into_error()))?;
        Ok(hashing.finish())
    }

    /// The pools with the seats that are taken as far as anybody can tell: what they state, or what the listed holdings
    /// take, where that is more.
    pub fn counted_pools(&self) -> Vec<Pool> {
        let mut taken: BTreeMap<&str, u64> = BTreeMap::new();
        for holding in self.accounts.iter().flat_map(|account| &account.holdings).filter(|held| held.takes_seat()) {
            *taken.entry(&holding.license).or_default() += 1;
        }
        let counted = |pool: &Pool| {
            let listed = taken.get(&*pool.license).copied().unwrap_or_default();
            let used = match pool.used {
                Some(stated) => Some(stated.max(listed)),
                // Who is not listed may hold one.
                None => self.complete.then_some(listed),
            };
            Pool { used, ..pool.clone() }
        };
        self.pools.iter().map(counted).collect()
    }
}

/// A hash that can be written to.
struct HashWriter(Hashing);

impl io::Write for HashWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The bought quantity of one license.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Pool {
    /// The license.
    pub license: SmolStr,
    /// Seats bought; null when it is not known or not limited.
    #[serde(default)]
    pub total: Option<u64>,
    /// Seats taken by anybody, also by pending requests and by accounts not listed; where it is missing, the listed
    /// holdings are counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used: Option<u64>,
    /// From this day on nobody can get a seat of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Date>,
    /// Whether the vendor hands out its seats.
    #[serde(default)]
    pub status: PoolStatus,
}

/// Whether a vendor hands out the seats of a pool.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum PoolStatus {
    /// It does.
    #[default]
    Active,
    /// It ran out.
    Expired,
    /// It is switched off.
    Inactive,
    /// It is blocked for a time.
    Suspended,
}

impl PoolStatus {
    /// The word of the format.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Expired => "expired",
            Self::Inactive => "inactive",
            Self::Suspended => "suspended",
        }
    }
}

/// One account at the tenant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// The vendor's stable id.
    pub id: SmolStr,
    /// The email at the vendor.
    pub email: SmolStr,
    /// The name the account signs in with, where that is not the email.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub login: Option<SmolStr>,
    /// Whether the account may be changed here.
    #[serde(default)]
    pub origin: AccountOrigin,
    /// What a removal takes along and `restore` gives back, such as ring groups.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub memberships: Vec<SmolStr>,
    /// What the account holds.
    #[serde(default, deserialize_with = "tight")]
    pub holdings: Vec<Holding>,
}

/// Reads a list without the room that reading leaves for more: most accounts hold one license, and there are many.
fn tight<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Holding>, D::Error> {
    let mut list = Vec::deserialize(deserializer)?;
    list.shrink_to_fit();
    Ok(list)
}

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
    pub fn takes_seat(&self) -> bool {
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

    /// The word of the format.
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

/// Reads a word without keeping it; there are a few for each of a million holdings.
struct Word<T>(&'static str, fn(&str) -> Option<T>);

impl<T> Visitor<'_> for Word<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }

    fn visit_str<E: de::Error>(self, word: &str) -> Result<T, E> {
        (self.1)(word).ok_or_else(|| E::invalid_value(de::Unexpected::Str(word), &self))
    }
}

impl<'de> Deserialize<'de> for HoldingState {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Word("a state", |word| Some(Self::parse(word))))
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

/// Declares an origin: fixed words, and `group:NAME`.
macro_rules! origin {
    ($(#[$doc:meta])* $name:ident { $($(#[$word_doc:meta])* $variant:ident = $word:literal),* }, default $default:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $name {
            $($(#[$word_doc])* $variant,)*
            /// Through the group of that name; the group would have to be changed instead.
            Group(SmolStr),
        }

        impl Default for $name {
            fn default() -> Self {
                Self::$default
            }
        }

        impl $name {
            /// The origin of that text, if it is one.
            pub fn parse(text: &str) -> Option<Self> {
                match text {
                    $($word => Some(Self::$variant),)*
                    _ => text
                        .strip_prefix("group:")
                        .filter(|group| !group.is_empty())
                        .map(|group| Self::Group(SmolStr::new(group))),
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                match self {
                    $(Self::$variant => f.write_str($word),)*
                    Self::Group(group) => write!(f, "group:{group}"),
                }
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let expected = concat!($("`", $word, "`, ",)* "or `group:NAME`");
                deserializer.deserialize_str(Word(expected, Self::parse))
            }
        }

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "string", "pattern": concat!("^(", $($word, "|",)* "group:.+)$") })
            }
        }
    };
}

origin! {
    /// Whether an account may be changed here.
    AccountOrigin {
        /// It may.
        Managed = "managed",
        /// It was made at the vendor, and only the vendor's own portal changes it.
        VendorLocal = "vendor-local"
    }, default Managed
}

origin! {
    /// Where a holding comes from.
    HoldingOrigin {
        /// Given to this person: ours to change.
        Direct = "direct",
        /// The vendor gives it by a rule of its own.
        Auto = "auto",
        /// It follows something else, such as a phone number.
        Derived = "derived"
    }, default Direct
}
