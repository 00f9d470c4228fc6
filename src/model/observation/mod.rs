//! Current state: what an adapter observed at a tenant, with time and completeness.
//!
//! One format for what `observe` prints, what `--state` takes and what the `file` adapter keeps.

mod holding;
mod origin;
mod string_enum;

use std::collections::BTreeMap;
use std::io::{self, BufWriter};

use jiff::Timestamp;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};
use smol_str::SmolStr;

use super::digest::{Digest, DigestBuilder};

pub use holding::{Holding, HoldingState};
pub use origin::{AccountOrigin, HoldingOrigin};

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
    pub fn empty(tenant: &str, vendor: &str, observed_at: Timestamp) -> Self {
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
        let mut buffer = BufWriter::with_capacity(1 << 16, HashWriter(DigestBuilder::default()));
        serde_json::to_writer(&mut buffer, self)?;
        let HashWriter(hashing) = buffer.into_inner().map_err(|error| serde_json::Error::io(error.into_error()))?;
        Ok(hashing.finish())
    }

    /// The pools with the seats that are taken as far as anybody can tell: what they state, or what the listed holdings
    /// take, where that is more.
    pub fn counted_pools(&self) -> Vec<Pool> {
        let mut taken: BTreeMap<&str, u64> = BTreeMap::new();
        for holding in self.accounts.iter().flat_map(|account| &account.holdings).filter(|held| held.uses_seat()) {
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
struct HashWriter(DigestBuilder);

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
    /// Returns the name in the format.
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
    #[serde(default, deserialize_with = "deserialize_shrunk")]
    pub holdings: Vec<Holding>,
}

/// Reads a list without the room that reading leaves for more: most accounts hold one license, and there are many.
fn deserialize_shrunk<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Holding>, D::Error> {
    let mut list = Vec::deserialize(deserializer)?;
    list.shrink_to_fit();
    Ok(list)
}
