//! The last holder of a license.
//!
//! With the last seat some vendors end the subscription, and with it what others still rely on.

use smol_str::SmolStr;

use crate::diagnostic::{Finding, catalog::policy as code};

/// A warning where a license had holders and has none after the plan.
pub fn check(tenant: &SmolStr, license: &SmolStr, before: u64, after: u64) -> Option<Finding> {
    (before > 0 && after == 0).then(|| {
        Finding::warning(&code::LAST_HOLDER, format!("nobody holds `{tenant}/{license}` after this plan"))
            .help("check that nobody needs it any more")
    })
}
