//! What the manifest says of a tenant, resolved: its mode and its pools.

use std::collections::BTreeMap;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::AdapterSettings;
use crate::diagnostic::Location;

/// How much of a tenant or pool reseat may change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// It gives and takes.
    #[default]
    Full,
    /// It gives and never takes, save by `ensure: absent`.
    AddOnly,
    /// It takes and never gives.
    RemoveOnly,
    /// It does neither.
    Observe,
}

impl Mode {
    /// Returns the name in the manifest.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::AddOnly => "add-only",
            Self::RemoveOnly => "remove-only",
            Self::Observe => "observe",
        }
    }

    /// Whether a seat may be given.
    pub fn can_assign(self) -> bool {
        matches!(self, Self::Full | Self::AddOnly)
    }

    /// Whether a seat may be taken from somebody who is not named.
    pub fn can_remove(self) -> bool {
        matches!(self, Self::Full | Self::RemoveOnly)
    }
}

/// How a vendor moves a person from one license to another that excludes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ChangeKind {
    /// In one step.
    Atomic,
    /// The old one has to be removed first.
    RemoveThenAssign,
}

/// How often a price is paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum PricePeriod {
    /// Every month.
    Month,
    /// Every year.
    Year,
}

/// How often a vendor may be asked: so many requests in so many seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RateLimit {
    /// How many requests, at least one.
    pub requests: u32,
    /// In how many seconds, at least one.
    pub seconds: u32,
}

/// The price of one seat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SeatPrice {
    /// An exact decimal number, such as `"44.00"`.
    pub amount: SmolStr,
    /// The currency's three letters, such as `USD`.
    pub currency: SmolStr,
    /// How often it is paid.
    pub per: PricePeriod,
}

/// What the manifest says of one pool.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PoolSettings {
    /// What the vendor calls the license, where that differs.
    pub name: Option<SmolStr>,
    /// The country that the seats are bought for.
    pub country: Option<SmolStr>,
    /// Seats bought; with a total in the observation the smaller one holds.
    pub total: Option<u64>,
    /// Seats to keep free.
    pub reserve: u64,
    /// From this day on nobody gets a seat of it.
    pub expires: Option<Date>,
    /// The price of one seat.
    pub cost: Option<SeatPrice>,
    /// Held beside the main license.
    pub add_on: bool,
    /// The mode of this pool where it is not the tenant's.
    pub mode: Option<Mode>,
    /// Where the pool is written.
    pub source: Option<Location>,
}

/// What the manifest says of one tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TenantSettings {
    /// Its name in the manifest.
    pub name: SmolStr,
    /// The vendor whose profile holds.
    pub vendor: SmolStr,
    /// How much of it may be changed.
    pub mode: Mode,
    /// Operations in flight; the profile gives the default and the most.
    pub concurrency: Option<u32>,
    /// How often it may be asked; the profile's own limits hold as well.
    pub rates: Vec<RateLimit>,
    /// The id, login or address of the account that reseat itself uses there.
    pub own_account: Option<SmolStr>,
    /// Whether a seat that is left over after the plan is given back to the vendor.
    pub release_seats: bool,
    /// What the manifest says of its pools.
    pub pools: BTreeMap<SmolStr, PoolSettings>,
    /// Generic vendor: licenses of which a person holds one of each list.
    pub exclusive: Vec<Vec<SmolStr>>,
    /// Generic vendor: how a person moves between exclusive licenses.
    pub change: Option<ChangeKind>,
    /// Generic vendor: what everybody falls back to.
    pub floor: Option<SmolStr>,
    /// Generic vendor: what a removal destroys.
    pub loses: Vec<String>,
    /// The way to reach it.
    pub adapter: AdapterSettings,
    /// Where it is written.
    pub source: Location,
}

impl TenantSettings {
    /// The mode of that license's pool.
    pub fn mode_for(&self, license: &str) -> Mode {
        self.pools.get(license).and_then(|pool| pool.mode).unwrap_or(self.mode)
    }
}
