//! Current state: what an adapter observed at a tenant, with time and completeness.
//!
//! `observe` prints, `--state` reads, and the `file` adapter stores this format.

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

/// One observation of a tenant.
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
    /// The time of the observation.
    pub observed_at: Timestamp,
    /// False if a part could not be read, so that absence proves nothing.
    pub complete: bool,
    /// Why the vendor currently refuses changes; null if it accepts them.
    #[serde(default)]
    pub busy: Option<String>,
    /// The purchased quantities that the vendor reports.
    #[serde(default)]
    pub pools: Vec<Pool>,
    /// All accounts.
    #[serde(default)]
    pub accounts: Vec<Account>,
}

impl Observation {
    /// Returns an empty observation.
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

    /// Returns the digest of its compact JSON, computed while serializing because a large observation has hundreds of
    /// megabytes.
    ///
    /// # Errors
    /// Only if serialization fails, which is a bug.
    pub fn digest(&self) -> Result<Digest, serde_json::Error> {
        let mut buffer = BufWriter::with_capacity(1 << 16, HashWriter(DigestBuilder::default()));
        serde_json::to_writer(&mut buffer, self)?;
        let HashWriter(hashing) = buffer.into_inner().map_err(|error| serde_json::Error::io(error.into_error()))?;
        Ok(hashing.finish())
    }

    /// Returns the pools with used seats: the stated number, or the number of listed holdings if that is larger.
    pub fn counted_pools(&self) -> Vec<Pool> {
        let mut taken: BTreeMap<&str, u64> = BTreeMap::new();
        for holding in self.accounts.iter().flat_map(|account| &account.holdings).filter(|held| held.uses_seat()) {
            *taken.entry(&holding.license).or_default() += 1;
        }
        let counted = |pool: &Pool| {
            let listed = taken.get(&*pool.license).copied().unwrap_or_default();
            let used = match pool.used {
                Some(stated) => Some(stated.max(listed)),
                // Accounts that are not listed may hold seats.
                None => self.complete.then_some(listed),
            };
            Pool { used, ..pool.clone() }
        };
        self.pools.iter().map(counted).collect()
    }
}

/// A writer that computes a digest.
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

/// The purchased quantity of one license.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Pool {
    /// The license.
    pub license: SmolStr,
    /// Seats bought; null if unknown or unlimited.
    #[serde(default)]
    pub total: Option<u64>,
    /// Used seats, including those of pending requests and of accounts that are not listed; if absent, the listed
    /// holdings count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used: Option<u64>,
    /// The first day on which no seat can be assigned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Date>,
    /// Whether the vendor assigns its seats.
    #[serde(default)]
    pub status: PoolStatus,
}

/// The status of a pool.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum PoolStatus {
    /// The vendor assigns seats.
    #[default]
    Active,
    /// Expired.
    Expired,
    /// Inactive.
    Inactive,
    /// Suspended.
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

/// One account at a tenant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// The vendor's stable id.
    pub id: SmolStr,
    /// The email at the vendor.
    pub email: SmolStr,
    /// The login name, if it is not the email.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub login: Option<SmolStr>,
    /// Whether the account may be changed here.
    #[serde(default)]
    pub origin: AccountOrigin,
    /// Memberships, such as ring groups, which a removal destroys and `restore` restores.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub memberships: Vec<SmolStr>,
    /// Its holdings.
    #[serde(default, deserialize_with = "deserialize_shrunk")]
    pub holdings: Vec<Holding>,
}

/// Deserializes holdings without spare capacity: most of a million accounts hold one license.
fn deserialize_shrunk<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Holding>, D::Error> {
    let mut list = Vec::deserialize(deserializer)?;
    list.shrink_to_fit();
    Ok(list)
}
