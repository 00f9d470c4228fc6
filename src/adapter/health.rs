//! Health of a tenant, for `doctor`.

use jiff::Timestamp;

use super::AdapterError;

/// What can be determined about a tenant without changing it. Unknown values are `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TenantHealth {
    /// The vendor's clock.
    pub server_time: Option<Timestamp>,
    /// The rest of the vendor's rate limit.
    pub quota: Option<RequestQuota>,
    /// The role of the credential, in the vendor's terms.
    pub role: Option<String>,
    /// The server's name and version.
    pub version: Option<String>,
    /// Problems of a tenant that responds, each with its remedy.
    pub notes: Vec<AdapterError>,
}

/// The vendor's rate limit, as its responses report it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RequestQuota {
    /// Requests left until the reset.
    pub remaining: u64,
    /// Requests per period.
    pub limit: Option<u64>,
    /// When the period ends.
    pub resets_at: Option<Timestamp>,
}
