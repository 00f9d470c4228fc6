//! `tenants`: the company's accounts at vendors.

use schemars::JsonSchema;
use serde::Deserialize;
use smol_str::SmolStr;

use super::DateText;
use crate::manifest::yaml::{LenientList, Located, NamedEntries, OptionalField, RequiredField};
use crate::model::{ChangeKind, Mode, PricePeriod, SecretRef};

/// An account of your company at a vendor.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TenantEntry {
    /// The vendor, such as `8x8`, or `generic` for a product without a vendor profile.
    pub vendor: RequiredField<SmolStr>,
    /// How to connect to the tenant.
    pub adapter: RequiredField<AdapterEntry>,
    /// Which changes are allowed. Default: `full`.
    #[serde(default)]
    pub manage: OptionalField<Mode>,
    /// Maximum number of operations in flight. The vendor's profile sets the default and the upper limit.
    #[serde(default)]
    pub concurrency: OptionalField<u32>,
    /// Rate limits, such as 100 requests in 60 seconds. They apply in addition to those of the vendor's profile.
    #[serde(default)]
    pub rates: OptionalField<LenientList<Located<RateEntry>>>,
    /// ID, login or address of the account that reseat itself uses. It never loses a license.
    #[serde(default)]
    pub own_account: OptionalField<SmolStr>,
    /// Whether reseat asks the vendor to stop billing seats that are unused after the plan. Default: false.
    #[serde(default)]
    pub release_seats: OptionalField<bool>,
    /// Purchased quantities by license: values that the vendor does not report, or narrower ones.
    #[serde(default)]
    pub pools: OptionalField<NamedEntries<PoolEntry>>,
    /// Vendor `generic`: lists of licenses of which a person holds only one.
    #[serde(default)]
    pub exclusive: OptionalField<LenientList<Located<LenientList<Located<SmolStr>>>>>,
    /// Vendor `generic`: how a person moves from one exclusive license to another.
    #[serde(default)]
    pub change: OptionalField<ChangeKind>,
    /// Vendor `generic`: the license that everyone keeps.
    #[serde(default)]
    pub floor: OptionalField<SmolStr>,
    /// Vendor `generic`: data that a removal destroys.
    #[serde(default)]
    pub loses: OptionalField<LenientList<Located<SmolStr>>>,
}

/// The purchased quantity of one license.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PoolEntry {
    /// The vendor's name of the license, if different.
    #[serde(default)]
    pub name: OptionalField<SmolStr>,
    /// Country for which the seats were purchased.
    #[serde(default)]
    pub country: OptionalField<SmolStr>,
    /// Purchased seats. If the vendor also reports a total, the smaller one applies.
    #[serde(default)]
    pub total: OptionalField<u64>,
    /// Seats to keep free.
    #[serde(default)]
    pub reserve: OptionalField<u64>,
    /// Day from which the license is expired; nobody gets a seat from then on.
    #[serde(default)]
    pub expires: OptionalField<DateText>,
    /// Price of one seat.
    #[serde(default)]
    pub cost: OptionalField<CostEntry>,
    /// Whether the license is held in addition to the main license.
    #[serde(default)]
    pub add_on: OptionalField<bool>,
    /// Which changes are allowed for this license. Default: the tenant's `manage`.
    #[serde(default)]
    pub manage: OptionalField<Mode>,
}

/// A maximum number of requests in a number of seconds.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RateEntry {
    /// Number of requests, at least 1.
    #[schemars(range(min = 1))]
    pub requests: RequiredField<u32>,
    /// Number of seconds, from 1 to 86400.
    #[schemars(range(min = 1, max = 86400))]
    pub seconds: RequiredField<u32>,
}

/// The price of one seat.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CostEntry {
    /// Exact amount as a quoted decimal, such as `"44.00"`.
    #[schemars(extend("pattern" = "^[0-9]+(\\.[0-9]+)?$"))]
    pub amount: RequiredField<SmolStr>,
    /// Three-letter currency code, such as `USD`.
    #[schemars(extend("pattern" = "^[A-Z]{3}$"))]
    pub currency: RequiredField<SmolStr>,
    /// Billing period.
    pub per: RequiredField<PricePeriod>,
}

/// How to connect to a tenant: exactly one of these.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum AdapterEntry {
    /// A state file that behaves like the vendor.
    File(FileAdapterEntry),
    /// People follow a runbook in the vendor's console.
    Runbook(RunbookAdapterEntry),
    /// The vendor's API.
    Api(ApiAdapterEntry),
    /// A program that implements reseat's adapter protocol. It runs only with `--allow-exec`.
    Exec(ExecAdapterEntry),
    /// An HTTP service of your own that speaks reseat's protocol.
    Bridge(BridgeAdapterEntry),
}

/// A state file that behaves like the vendor.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FileAdapterEntry {
    /// State file, relative to this file and inside the manifest's folder.
    pub path: RequiredField<SmolStr>,
    /// How long a request stays pending, such as `30s`, `10m` or `2h`, if the vendor has pending requests. Default: 0.
    #[serde(default)]
    #[schemars(extend("pattern" = "^[0-9]+(s|m|h)$"))]
    pub delay: OptionalField<SmolStr>,
}

/// A runbook for people.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RunbookAdapterEntry {
    /// The console's export, relative to this file and inside the manifest's folder: CSV or an observation.
    #[serde(default)]
    pub export: OptionalField<SmolStr>,
    /// Column headers of the export by content, such as `email: User name`. The vendor's profile knows the usual ones.
    #[serde(default)]
    pub columns: OptionalField<NamedEntries<Located<SmolStr>>>,
}

/// The vendor's API.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ApiAdapterEntry {
    /// Base URL.
    pub base_url: RequiredField<SmolStr>,
    /// Reference to the API key; never the key itself.
    #[serde(default)]
    pub key: OptionalField<SecretRef>,
    /// Reference to the key for changes, so that `key` can be read-only.
    #[serde(default)]
    pub write_key: OptionalField<SecretRef>,
    /// Certificates to trust in addition to the system's: a PEM file, relative to this file and inside the manifest's folder.
    #[serde(default)]
    pub ca: OptionalField<SmolStr>,
    /// Proxy, such as `http://proxy.example.com:3128`. Default: `HTTPS_PROXY` and `NO_PROXY`.
    #[serde(default)]
    pub proxy: OptionalField<SmolStr>,
    /// Purchased units of licenses, as the console lists them, if the API does not report them: CSV with the columns `id`,
    /// `name`, `country` and `status`, relative to this file and inside the manifest's folder.
    #[serde(default)]
    pub inventory: OptionalField<SmolStr>,
}

/// An HTTP service of your own that speaks reseat's protocol.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BridgeAdapterEntry {
    /// The URL below which it answers.
    pub url: RequiredField<SmolStr>,
    /// The reference to its key, sent as `Authorization: Bearer KEY`; never the key itself.
    #[serde(default)]
    pub key: OptionalField<SecretRef>,
    /// The reference to the key for changes, so that `key` may be read-only.
    #[serde(default)]
    pub write_key: OptionalField<SecretRef>,
    /// Certificates to trust in addition to those of the system: a PEM file, relative to this one and inside the manifest's
    /// folder.
    #[serde(default)]
    pub ca: OptionalField<SmolStr>,
    /// The proxy, such as `http://proxy.example.com:3128`; by default as `HTTPS_PROXY` and `NO_PROXY` say.
    #[serde(default)]
    pub proxy: OptionalField<SmolStr>,
}

/// A program that implements reseat's adapter protocol.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExecAdapterEntry {
    /// Program and arguments. A path with a slash is relative to this file.
    pub command: RequiredField<LenientList<Located<SmolStr>>>,
    /// Environment variables for the program, by name; each is a reference to a secret, never the secret itself.
    #[serde(default)]
    pub secrets: OptionalField<NamedEntries<Located<SecretRef>>>,
    /// Timeout of one request, such as `30s`, `10m` or `2h`. Default: `60s`.
    #[serde(default)]
    #[schemars(extend("pattern" = "^[0-9]+(s|m|h)$"))]
    pub timeout: OptionalField<SmolStr>,
    /// Memory limit in MiB, if the operating system supports it.
    #[serde(default)]
    #[schemars(range(min = 1, max = 1048576))]
    pub memory: OptionalField<u64>,
}
