//! The arguments of every verb, and the call of its workflow.

pub(crate) mod apply;
pub(crate) mod audit;
pub(crate) mod codeowners;
pub(crate) mod comment;
pub(crate) mod completions;
pub(crate) mod diff;
pub(crate) mod doctor;
pub(crate) mod emulate;
pub(crate) mod explain;
pub(crate) mod generate;
pub(crate) mod graph;
pub(crate) mod history;
pub(crate) mod import;
pub(crate) mod init;
pub(crate) mod observe;
pub(crate) mod plan;
pub(crate) mod policy;
pub(crate) mod resume;
pub(crate) mod schema;
pub(crate) mod show;
pub(crate) mod undo;
pub(crate) mod validate;
pub(crate) mod why;
