//! The laws of a plan, as properties over random worlds and against brute force.

mod oracle;
mod properties;
pub(crate) mod random_tenant;
