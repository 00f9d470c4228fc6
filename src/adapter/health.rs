//! How a tenant is, for `doctor`.

use jiff::Timestamp;

use super::AdapterError;

/// What can be told of a tenant without changing it. What nobody knows is `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TenantHealth {
    /// What the vendor's clock says.
    pub server_time: Option<Timestamp>,
    /// How much we may still ask.
    pub quota: Option<RequestQuota>,
    /// The role of the credential, in the vendor's words.
    pub role: Option<String>,
    /// What answers there: a program and its version, for example.
    pub version: Option<String>,
    /// What is not as it should be although the tenant answers, each with its remedy.
    pub notes: Vec<AdapterError>,
}

/// How many requests are left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestQuota {
    /// Requests left until it is reset.
    pub remaining: u64,
    /// Requests from one reset to the next, where the vendor says so.
    pub limit: Option<u64>,
    /// When it is reset, where the vendor says so.
    pub resets_at: Option<Timestamp>,
}
