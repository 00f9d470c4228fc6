//! Seats that a pool lacks.
//!
//! Whoever waits is listed one by one; a reader wants to know how many seats to buy.

use crate::diagnostic::{Finding, catalog::policy as code};
use crate::model::PlanPool;

/// A warning where more people are to hold a license than there are seats.
pub fn check(pool: &PlanPool, waiting: u64) -> Option<Finding> {
    if pool.missing == 0 {
        return None;
    }
    let seats = if pool.missing == 1 { "1 seat is".to_owned() } else { format!("{} seats are", pool.missing) };
    let name = format!("{}/{}", pool.tenant, pool.license);
    let message = match waiting {
        0 => format!("{seats} missing in `{name}`, which is over its total less the reserve"),
        1 => format!("{seats} missing in `{name}`; 1 person waits"),
        _ => format!("{seats} missing in `{name}`; {waiting} people wait"),
    };
    Some(
        Finding::warning(&code::SEATS_MISSING, message)
            .help(format!("buy {} more, or name fewer people", pool.missing)),
    )
}
