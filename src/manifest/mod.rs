//! Reading the manifest: files, sections, and what they resolve to.
//!
//! It is the only user of a YAML reader, and stands apart so that everything above works on resolved facts. The way is
//! [`files`] (which files there are) → [`yaml`] (text to values with places) → [`schema`] (what may stand in a file) →
//! [`sections`] (all files together) → [`resolve`] (names looked up, groups expanded).
//! What must hold: every fault of every file is found in one run; nothing outside the manifest's folder is read; no
//! program is run and no secret is read.

mod differences;
pub mod edit;
mod files;
mod kind;
mod load;
mod membership;
mod resolve;
pub mod rule;
pub mod schema;
mod sections;
mod settings;
mod trusted;
mod written;
pub mod yaml;

pub use load::load;
pub use membership::{By, Link, Memberships};
pub use settings::{Ages, Approval, Exclusion, LicensesRule, Need, Ownership, PolicySettings, Team, Waiver};
pub use trusted::{Trusted, load_reviewed, load_trusted};

use crate::diagnostic::{Files, Finding};
use crate::model::{Desired, Digest};

/// Whether forges read the letter as itself in a path of a CODEOWNERS file.
pub fn is_plain_in_owned_path(letter: char) -> bool {
    resolve::is_plain(letter)
}

/// What a manifest says, as far as it can be read.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The desired state; with an error among the findings it is good for looking at and not for planning.
    pub desired: Desired,
    /// The policy as written.
    pub policy: PolicySettings,
    /// The waivers as written.
    pub waivers: Vec<Waiver>,
    /// The approvals as written.
    pub approvals: Vec<Approval>,
    /// How people come into groups.
    pub memberships: Memberships,
    /// Who has to look at changes of what.
    pub owners: Vec<Ownership>,
    /// The files that were read, with their texts.
    pub files: Files,
    /// What is wrong, sorted.
    pub findings: Vec<Finding>,
    /// The digest over names and contents of all files that were read.
    pub digest: Digest,
    /// Where tenants and policy are those of a trusted manifest: what is written here and differs.
    pub differences: Vec<Finding>,
}

impl Default for Loaded {
    fn default() -> Self {
        Self {
            desired: Desired::default(),
            policy: PolicySettings::default(),
            waivers: Vec::new(),
            approvals: Vec::new(),
            memberships: Memberships::default(),
            owners: Vec::new(),
            files: Files::default(),
            findings: Vec::new(),
            digest: Digest::of_bytes(b""),
            differences: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests;
