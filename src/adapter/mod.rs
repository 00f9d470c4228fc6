//! The ways to reach a tenant.
//!
//! Reading and writing are two traits, so that whatever only looks cannot touch. An adapter translates between a
//! vendor's words and ours at its boundary: licenses have the manifest's names on our side. What an adapter can do is
//! data ([`Descriptor`]), and [`ADAPTERS`] lists all of them.
//! What must hold: a failed or partial read never looks like absence; an error says whether the call may have taken
//! effect; no message holds a secret; nothing but an adapter's own folder knows the vendor that it is for.

mod access;
pub mod avaya_spaces;
mod bridge;
pub(crate) mod bucket;
mod contract;
mod descriptor;
pub mod eight_by_eight;
mod error;
pub mod exec;
pub mod file;
mod health;
pub mod http;
pub mod officeseries;
mod receipt;
pub mod redact;
mod registry;
pub mod runbook;
pub mod state;
pub mod throttle;

pub use access::{Access, Reach};
pub use contract::{Answer, Answers, Connection, Execute, Observe};
pub use descriptor::{Capabilities, Credential, Descriptor, PoolSource, Via, Writing};
pub use error::{AdapterError, ErrorKind};
pub use health::{Health, Quota};
pub use receipt::{Handle, Receipt};
pub use registry::{ADAPTERS, connect, find};
