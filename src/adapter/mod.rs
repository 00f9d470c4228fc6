//! Adapters: connections to tenants.
//!
//! [`Observe`] reads a tenant and [`Execute`] changes it, so that code with read access cannot change anything. Each adapter
//! has a folder, declares what it supports in an [`AdapterDescriptor`], and is listed in [`ADAPTERS`]. It translates the
//! vendor's terms to reseat's: outside an adapter, licenses have the names of the manifest.
//! A failed or partial read never looks like absence. An error states whether the call may have taken effect. No message
//! contains a secret.

pub mod bridge;
mod descriptor;
mod eight_by_eight;
mod error;
pub mod exec;
pub mod file;
mod health;
pub(crate) mod http;
mod options;
pub mod protocol;
mod receipt;
mod redact;
mod registry;
mod request_limiter;
mod runbook;
pub mod throttle_headers;
mod token_bucket;
mod traits;
mod validate;

pub use descriptor::{AdapterDescriptor, Capabilities, CredentialRequirement, PoolSource, WriteMode};
pub use error::{AdapterError, ErrorKind};
pub use health::{RequestQuota, TenantHealth};
pub use options::{AccessOptions, ConnectionConfig};
pub use receipt::{OperationHandle, Receipt};
pub(crate) use registry::find_adapter;
pub use registry::{ADAPTERS, connect};
pub use request_limiter::{RequestLimiter, with_reserved};
pub use traits::{AdapterFuture, BatchFuture, Connection, Execute, Observe};
pub(crate) use validate::LicenseSpelling;
