//! Acknowledgements that ended, or end soon.

use jiff::ToSpan as _;

use super::ValidationInput;
use crate::diagnostic::Finding;
use crate::diagnostic::catalog::manifest::{ACKNOWLEDGEMENT_ENDED, ACKNOWLEDGEMENT_ENDING};

/// How many days before its end an acknowledgement is reported.
const SOON_DAYS: i64 = 30;

pub(super) fn check(world: &ValidationInput<'_>, findings: &mut Vec<Finding>) {
    let today = world.now.day;
    let soon = today.saturating_add(SOON_DAYS.days());
    for acknowledgement in &world.desired.acknowledgements {
        let Some(until) = acknowledgement.until else { continue };
        let source = world.source(acknowledgement.source);
        if until < today {
            let message = format!("the acknowledgement for `{}` ended on {until}", acknowledgement.tenant);
            let help = "remove it, or review it and extend `until`";
            findings.push(Finding::warning(&ACKNOWLEDGEMENT_ENDED, message).help(help).at(source));
        } else if until <= soon {
            let message = format!("the acknowledgement for `{}` ends on {until}", acknowledgement.tenant);
            let help = "apply the removals that it allows, or extend `until`";
            findings.push(Finding::warning(&ACKNOWLEDGEMENT_ENDING, message).help(help).at(source));
        }
    }
}
