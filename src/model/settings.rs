//! Settings of tenants and pools, resolved from the manifest.

use std::collections::BTreeMap;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::AdapterSettings;
use crate::diagnostic::Location;

/// What reseat may change in a tenant or pool.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// Assigns and removes.
    #[default]
    Full,
    /// Assigns, and removes only for `ensure: absent`.
    AddOnly,
    /// Removes only.
    RemoveOnly,
    /// Changes nothing.
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

    /// Whether the mode allows assignments.
    pub fn can_assign(self) -> bool {
        matches!(self, Self::Full | Self::AddOnly)
    }

    /// Whether the mode allows removals.
    pub fn can_remove(self) -> bool {
        matches!(self, Self::Full | Self::RemoveOnly)
    }
}

/// How a vendor changes a license to another that excludes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ChangeKind {
    /// In one atomic step.
    Atomic,
    /// By removing the old license first.
    RemoveThenAssign,
}

/// The billing period of a price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum PricePeriod {
    /// Monthly.
    Month,
    /// Yearly.
    Year,
}

/// The maximum number of requests in a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RateLimit {
    /// The number of requests, at least one.
    pub requests: u32,
    /// The period in seconds, at least one.
    pub seconds: u32,
}

/// The price of one seat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SeatPrice {
    /// An exact decimal number, such as `"44.00"`.
    pub amount: SmolStr,
    /// The three-letter currency code, such as `USD`.
    pub currency: SmolStr,
    /// The billing period.
    pub per: PricePeriod,
}

/// Settings of one pool.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PoolSettings {
    /// The vendor's name of the license, if different.
    pub name: Option<SmolStr>,
    /// The country of the seats.
    pub country: Option<SmolStr>,
    /// Seats bought. If the observation has a total too, the smaller one applies.
    pub total: Option<u64>,
    /// Seats to keep free.
    pub reserve: u64,
    /// The first day on which no seat is assigned.
    pub expires: Option<Date>,
    /// The price of one seat.
    pub cost: Option<SeatPrice>,
    /// Whether it is held in addition to the main license.
    pub add_on: bool,
    /// The mode of this pool, if it is not the tenant's.
    pub mode: Option<Mode>,
    /// The location in the manifest.
    pub source: Option<Location>,
}

/// Settings of one tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TenantSettings {
    /// Its name in the manifest.
    pub name: SmolStr,
    /// The vendor, which selects the profile.
    pub vendor: SmolStr,
    /// The mode.
    pub mode: Mode,
    /// The maximum number of operations in flight; the profile states the default and the limit.
    pub concurrency: Option<u32>,
    /// Rate limits in addition to those of the profile.
    pub rates: Vec<RateLimit>,
    /// The id, login or address of the account that reseat itself uses.
    pub own_account: Option<SmolStr>,
    /// Whether to stop billing of seats that are left over after a plan.
    pub release_seats: bool,
    /// Settings of its pools.
    pub pools: BTreeMap<SmolStr, PoolSettings>,
    /// Generic vendor: lists of licenses that exclude each other.
    pub exclusive: Vec<Vec<SmolStr>>,
    /// Generic vendor: how an exclusive license is changed.
    pub change: Option<ChangeKind>,
    /// Generic vendor: the floor license.
    pub floor: Option<SmolStr>,
    /// Generic vendor: the data that a removal destroys.
    pub loses: Vec<String>,
    /// Its adapter settings.
    pub adapter: AdapterSettings,
    /// The location in the manifest.
    pub source: Location,
}

impl TenantSettings {
    /// Returns the mode of a license's pool.
    pub fn mode_for(&self, license: &str) -> Mode {
        self.pools.get(license).and_then(|pool| pool.mode).unwrap_or(self.mode)
    }
}
