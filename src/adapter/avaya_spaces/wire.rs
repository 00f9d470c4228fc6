//! The words of the contract. Fields that are not ours are passed over.

use jiff::civil::Date;
use serde::Deserialize;
use smol_str::SmolStr;

/// What a person holds, and what is under way.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct User {
    pub(super) id: SmolStr,
    pub(super) email: SmolStr,
    /// What they hold now; a name as the console writes it, such as `Business`.
    pub(super) license: SmolStr,
    #[serde(default)]
    pub(super) trial: bool,
    #[serde(default)]
    pub(super) expires: Option<Date>,
    /// Whether the license was not given to this person directly.
    #[serde(default)]
    pub(super) inherited: bool,
    /// The word of the console's Status column.
    pub(super) status: SmolStr,
    /// What was requested, where something is under way, was cancelled or failed.
    #[serde(default)]
    pub(super) requested: Option<SmolStr>,
    /// The job that it is under way in.
    #[serde(default)]
    pub(super) job_id: Option<SmolStr>,
    pub(super) origin: SmolStr,
    #[serde(default)]
    pub(super) group_dn: Option<SmolStr>,
}

/// A page of people.
#[derive(Debug, Deserialize)]
pub(super) struct Users {
    pub(super) total: usize,
    pub(super) items: Vec<User>,
    /// Entries of a full page, where that is not what was asked for.
    #[serde(default)]
    pub(super) size: Option<usize>,
}

/// A pool.
#[derive(Debug, Deserialize)]
pub(super) struct License {
    #[serde(rename = "type")]
    pub(super) kind: SmolStr,
    #[serde(default)]
    pub(super) total: Option<u64>,
    #[serde(default)]
    pub(super) used: Option<u64>,
    #[serde(default)]
    pub(super) expires: Option<Date>,
    #[serde(default)]
    pub(super) status: Option<SmolStr>,
}

/// How the tenant is.
#[derive(Debug, Deserialize)]
pub(super) struct Status {
    #[serde(default)]
    pub(super) busy: Option<String>,
    #[serde(default)]
    pub(super) role: Option<String>,
}

/// A job that was begun.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Begun {
    #[serde(default)]
    pub(super) job_id: Option<SmolStr>,
    #[serde(default)]
    pub(super) audit_id: Option<SmolStr>,
}

/// A job, or an audit.
#[derive(Debug, Deserialize)]
pub(super) struct Job {
    pub(super) state: SmolStr,
    #[serde(default)]
    pub(super) rows: Vec<Row>,
}

/// One person of a job.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Row {
    pub(super) user_id: SmolStr,
    pub(super) status: SmolStr,
    #[serde(default)]
    pub(super) code: SmolStr,
    #[serde(default)]
    pub(super) message: String,
}
