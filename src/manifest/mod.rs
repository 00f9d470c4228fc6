//! The manifest: the YAML files that people edit, loaded and resolved.
//!
//! Loading passes through [`files`] (find the files), [`yaml`] (parse them, with locations), [`schema`] (check their
//! structure), [`sections`] (merge them) and [`resolve`] (look up names, expand groups).
//! Invariants: one run finds every fault of every file; nothing outside the manifest's folder is read; no program runs and no
//! secret is read.

mod differences;
mod document_kind;
pub mod edit;
mod files;
mod group_membership;
mod load;
mod loaded;
mod ownership;
mod raw;
mod resolve;
pub mod schema;
mod sections;
mod trusted;
pub mod yaml;

pub use group_membership::{GroupMemberships, MembershipReason, MembershipStep};
pub use load::load;
pub use loaded::LoadedManifest;
pub use ownership::OwnershipRule;
pub use resolve::is_codeowners_literal;
pub use trusted::{TrustedManifest, load_reviewed, load_trusted};

#[cfg(test)]
mod tests;
