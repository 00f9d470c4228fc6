//! The ways to reach a tenant.
//!
//! Reading and writing are two traits, so that whatever only looks cannot touch. An adapter translates between a
//! vendor's words and ours at its boundary: licenses have the manifest's names on our side. What an adapter can do is
//! data ([`Descriptor`]), and [`ADAPTERS`] lists all of them.
//! What must hold: a failed or partial read never looks like absence; an error says whether the call may have taken
//! effect; no message holds a secret; nothing but an adapter's own folder knows the vendor that it is for.

pub mod avaya_spaces;
mod bridge;
mod descriptor;
pub mod eight_by_eight;
mod error;
pub mod exec;
pub mod file;
mod health;
pub mod http;
pub mod officeseries;
mod options;
mod receipt;
pub mod redact;
mod registry;
mod request_limiter;
pub mod runbook;
pub mod state;
pub mod throttle_headers;
mod token_bucket;
mod traits;

pub use descriptor::{AdapterDescriptor, AdapterKind, Capabilities, CredentialRequirement, PoolSource, WriteMode};
pub use error::{AdapterError, ErrorKind};
pub use health::{RequestQuota, TenantHealth};
pub use options::{AccessOptions, ConnectionConfig};
pub use receipt::{OperationHandle, Receipt};
pub use registry::{ADAPTERS, connect, find_adapter};
pub use request_limiter::{RequestLimiter, with_reserved};
pub use traits::{AdapterFuture, BatchFuture, Connection, Execute, Observe};
