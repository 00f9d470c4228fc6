//! Reading the manifest: files, sections, and what they resolve to.
//!
//! It is the only user of a YAML reader, and stands apart so that everything above works on resolved facts. The way is
//! [`files`] (which files there are) → [`yaml`] (text to values with places) → [`schema`] (what may stand in a file) →
//! [`sections`] (all files together) → [`resolve`] (names looked up, groups expanded).
//! What must hold: every fault of every file is found in one run; nothing outside the manifest's folder is read; no
//! program is run and no secret is read.

pub mod compiled_rule;
mod declared;
mod differences;
mod document_kind;
pub mod edit;
mod files;
mod group_membership;
mod load;
mod loaded;
mod raw;
mod resolve;
pub mod schema;
mod sections;
mod trusted;
pub mod yaml;

pub use declared::{
    DeclaredAges, DeclaredApproval, DeclaredExclusion, DeclaredPolicy, DeclaredRequirement, DeclaredTeam,
    DeclaredWaiver, LicenseRule, OwnershipRule,
};
pub use group_membership::{GroupMemberships, MembershipReason, MembershipStep};
pub use load::load;
pub use loaded::LoadedManifest;
pub use resolve::is_codeowners_literal;
pub use trusted::{TrustedManifest, load_reviewed, load_trusted};

#[cfg(test)]
mod tests;
