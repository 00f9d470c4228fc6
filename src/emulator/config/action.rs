//! Actions of the vendor, of another administrator, or of time.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::model::{AccountOrigin, PoolStatus};

/// An action that bypasses the API: of the vendor, of another administrator, or of time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum TenantAction {
    /// Uses seats by someone who is not listed.
    Steal {
        /// The license.
        license: SmolStr,
        /// The number of seats; negative to free seats.
        #[serde(default = "one")]
        seats: i64,
    },
    /// Adds an account.
    Add {
        /// The vendor's id.
        id: SmolStr,
        /// The address.
        email: SmolStr,
        /// The licenses of the account, even if no seat is free.
        #[serde(default)]
        licenses: Vec<SmolStr>,
    },
    /// Deletes an account and frees its seats.
    Delete {
        /// The vendor's id.
        id: SmolStr,
    },
    /// Changes the address of an account.
    Rename {
        /// The vendor's id.
        id: SmolStr,
        /// The address.
        email: SmolStr,
    },
    /// Adds a license to an account.
    Give {
        /// The vendor's id.
        id: SmolStr,
        /// The license.
        license: SmolStr,
    },
    /// Removes a license from an account.
    Take {
        /// The vendor's id.
        id: SmolStr,
        /// The license.
        license: SmolStr,
    },
    /// Changes the origin of an account.
    Origin {
        /// The vendor's id.
        id: SmolStr,
        /// The new origin.
        origin: AccountOrigin,
    },
    /// Changes a pool; omitted values stay.
    Pool {
        /// The license.
        license: SmolStr,
        /// The purchased quantity.
        #[serde(default)]
        total: Option<u64>,
        /// The status.
        #[serde(default)]
        status: Option<PoolStatus>,
        /// The day from which the pool is expired.
        #[serde(default)]
        expires: Option<Date>,
    },
    /// Starts or ends a period in which the vendor accepts no changes.
    Busy {
        /// The reason; null to end the period.
        #[serde(default)]
        reason: Option<String>,
        /// The duration; null for no end.
        #[serde(default)]
        seconds: Option<u32>,
    },
    /// Advances the clock.
    Advance {
        /// The number of seconds.
        seconds: u32,
    },
}

fn one() -> i64 {
    1
}
