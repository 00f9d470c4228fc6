//! `tenants`: our accounts at vendors.

use schemars::JsonSchema;
use serde::Deserialize;
use smol_str::SmolStr;

use super::DateText;
use crate::manifest::yaml::{LenientList, Located, NamedEntries, OptionalField, RequiredField};
use crate::model::{ChangeKind, Mode, PricePeriod, SecretRef};

/// One account of ours at a vendor.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TenantEntry {
    /// The vendor whose rules hold, such as `8x8`; `generic` for a product that reseat knows nothing of.
    pub vendor: RequiredField<SmolStr>,
    /// The way to reach the tenant.
    pub adapter: RequiredField<AdapterEntry>,
    /// How much of it may be changed; `full` unless written otherwise.
    #[serde(default)]
    pub manage: OptionalField<Mode>,
    /// Operations in flight at the same time; the vendor's profile gives the default and the most.
    #[serde(default)]
    pub concurrency: OptionalField<u32>,
    /// How often the tenant may be asked, such as 100 requests in 60 seconds. All of these hold at once, beside what the
    /// vendor's profile says of its interface: they can only narrow it.
    #[serde(default)]
    pub rates: OptionalField<LenientList<Located<RateEntry>>>,
    /// The id, login or address of the account that reseat itself uses there: nothing is taken from it.
    #[serde(default)]
    pub own_account: OptionalField<SmolStr>,
    /// Whether the vendor is asked to stop billing a seat that is left over after the plan.
    #[serde(default)]
    pub release_seats: OptionalField<bool>,
    /// The bought quantities, by license: what the vendor cannot tell, or what must be narrowed.
    #[serde(default)]
    pub pools: OptionalField<NamedEntries<PoolEntry>>,
    /// Vendor `generic`: of each list of licenses a person holds one.
    #[serde(default)]
    pub exclusive: OptionalField<LenientList<Located<LenientList<Located<SmolStr>>>>>,
    /// Vendor `generic`: how a person moves from one exclusive license to another.
    #[serde(default)]
    pub change: OptionalField<ChangeKind>,
    /// Vendor `generic`: the license that everybody falls back to.
    #[serde(default)]
    pub floor: OptionalField<SmolStr>,
    /// Vendor `generic`: what a removal destroys.
    #[serde(default)]
    pub loses: OptionalField<LenientList<Located<SmolStr>>>,
}

/// The bought quantity of one license.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PoolEntry {
    /// What the vendor calls the license, where that differs.
    #[serde(default)]
    pub name: OptionalField<SmolStr>,
    /// The country that the seats are bought for.
    #[serde(default)]
    pub country: OptionalField<SmolStr>,
    /// Seats bought; with a total from the vendor the smaller one holds.
    #[serde(default)]
    pub total: OptionalField<u64>,
    /// Seats to keep free.
    #[serde(default)]
    pub reserve: OptionalField<u64>,
    /// From this day on nobody gets a seat of it.
    #[serde(default)]
    pub expires: OptionalField<DateText>,
    /// The price of one seat.
    #[serde(default)]
    pub cost: OptionalField<CostEntry>,
    /// Whether the license is held beside the main one.
    #[serde(default)]
    pub add_on: OptionalField<bool>,
    /// How much of this pool may be changed, where that is not what the tenant says.
    #[serde(default)]
    pub manage: OptionalField<Mode>,
}

/// So many requests in so many seconds.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RateEntry {
    /// How many requests, from 1.
    #[schemars(range(min = 1))]
    pub requests: RequiredField<u32>,
    /// In how many seconds, from 1 to 86400.
    #[schemars(range(min = 1, max = 86400))]
    pub seconds: RequiredField<u32>,
}

/// The price of one seat.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CostEntry {
    /// An exact decimal number in quotes, such as `"44.00"`.
    #[schemars(extend("pattern" = "^[0-9]+(\\.[0-9]+)?$"))]
    pub amount: RequiredField<SmolStr>,
    /// The currency's three letters, such as `USD`.
    #[schemars(extend("pattern" = "^[A-Z]{3}$"))]
    pub currency: RequiredField<SmolStr>,
    /// How often it is paid.
    pub per: RequiredField<PricePeriod>,
}

/// The way to reach a tenant: exactly one of these.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum AdapterEntry {
    /// The state is kept in a file that behaves like the vendor.
    File(FileAdapterEntry),
    /// People follow written steps in the vendor's console.
    Runbook(RunbookAdapterEntry),
    /// The vendor's interface.
    Api(ApiAdapterEntry),
    /// A program that speaks reseat's protocol; it runs only with `--allow-exec`.
    Exec(ExecAdapterEntry),
}

/// A state file that behaves like the vendor.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FileAdapterEntry {
    /// The state file, relative to this file and inside the manifest's folder.
    pub path: RequiredField<SmolStr>,
    /// How long a request stays pending where the vendor lets it wait, such as `30s`, `10m` or `2h`; 0 by default.
    #[serde(default)]
    #[schemars(extend("pattern" = "^[0-9]+(s|m|h)$"))]
    pub delay: OptionalField<SmolStr>,
}

/// Written steps for people.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RunbookAdapterEntry {
    /// The console's export, relative to this file and inside the manifest's folder: CSV, or an observation.
    #[serde(default)]
    pub export: OptionalField<SmolStr>,
    /// The header of a column of the export, by what the column holds, such as `email: User name`; the vendor's profile
    /// knows the usual ones.
    #[serde(default)]
    pub columns: OptionalField<NamedEntries<Located<SmolStr>>>,
}

/// The vendor's interface.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ApiAdapterEntry {
    /// Where it answers.
    pub base_url: RequiredField<SmolStr>,
    /// Where the key for it is found; never the key itself.
    #[serde(default)]
    pub key: OptionalField<SecretRef>,
    /// Where the key for changes is found, so that `key` may be one that can only read.
    #[serde(default)]
    pub write_key: OptionalField<SecretRef>,
    /// Certificates to trust beside those of the system: a PEM file, relative to this one and inside the manifest's folder.
    #[serde(default)]
    pub ca: OptionalField<SmolStr>,
    /// The proxy to go through, such as `http://proxy.example.com:3128`; by default what `HTTPS_PROXY` and `NO_PROXY` say.
    #[serde(default)]
    pub proxy: OptionalField<SmolStr>,
    /// The units of licenses that were bought, as the console lists them, where the interface does not tell: CSV with the
    /// columns `id`, `name`, `country` and `status`, relative to this file and inside the manifest's folder.
    #[serde(default)]
    pub inventory: OptionalField<SmolStr>,
}

/// A program that speaks reseat's protocol.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExecAdapterEntry {
    /// The program and its arguments; a path with a slash is relative to this file.
    pub command: RequiredField<LenientList<Located<SmolStr>>>,
    /// What it gets as environment variables, by name; where each is found, never the secret itself.
    #[serde(default)]
    pub secrets: OptionalField<NamedEntries<Located<SecretRef>>>,
    /// How long one request may take, such as `30s`, `10m` or `2h`; `60s` by default.
    #[serde(default)]
    #[schemars(extend("pattern" = "^[0-9]+(s|m|h)$"))]
    pub timeout: OptionalField<SmolStr>,
    /// The most memory that it may use, in MiB, where the system lets reseat hold it.
    #[serde(default)]
    #[schemars(range(min = 1, max = 1048576))]
    pub memory: OptionalField<u64>,
}
