//! Approvals of findings with level `approve`.

use jiff::civil::Date;
use smol_str::SmolStr;

use crate::diagnostic::Source;

/// One approval.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    /// The digests of the approved findings.
    pub findings: Vec<SmolStr>,
    /// The approver.
    pub by: SmolStr,
    /// The last day on which it counts; `None` for an approval on the command line, which counts once.
    pub until: Option<Date>,
    /// The location in the manifest; `None` for an approval on the command line.
    pub source: Option<Source>,
}
