//! Licenses that expire soon, or are expired, and that somebody holds or would get.
//!
//! An expired pool does not take seats away at once everywhere, so nobody notices until the vendor refuses or hands
//! out something else.

use jiff::civil::Date;
use smol_str::SmolStr;

use super::settings::Policy;
use crate::diagnostic::{Finding, catalog::policy as code};

/// A finding for a license that ends within the warning time; `used` is how many seats are taken after the plan.
pub fn check(
    policy: &Policy,
    tenant: &SmolStr,
    license: &SmolStr,
    expires: Option<Date>,
    used: u64,
    day: Date,
) -> Option<Finding> {
    let expires = expires.filter(|_| used > 0)?;
    let severity = policy.expiring.severity();
    let people = if used == 1 { "1 seat of it is".to_owned() } else { format!("{used} seats of it are") };
    let message = if expires <= day {
        format!("`{tenant}/{license}` expired on {expires}, and {people} taken")
    } else {
        let days = expires.since(day).ok()?.get_days();
        if i64::from(days) > i64::from(policy.expiring_days) {
            return None;
        }
        format!("`{tenant}/{license}` expires on {expires}, and {people} taken")
    };
    Some(
        Finding::new(&code::LICENSE_EXPIRING, severity, message)
            .help("renew it, or move its people to another license in time"),
    )
}
