//! What can happen at a tenant without anybody asking through its interface.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::model::{AccountOrigin, PoolStatus};

/// Something that the vendor, another administrator or time does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum TenantAction {
    /// Somebody who is not listed takes seats.
    Steal {
        /// The license.
        license: SmolStr,
        /// How many; below zero they are given back.
        #[serde(default = "one")]
        seats: i64,
    },
    /// Somebody new has an account.
    Add {
        /// The vendor's id.
        id: SmolStr,
        /// The address.
        email: SmolStr,
        /// What the account holds, whether there are seats or not.
        #[serde(default)]
        licenses: Vec<SmolStr>,
    },
    /// An account is gone, and its seats are free.
    Delete {
        /// The vendor's id.
        id: SmolStr,
    },
    /// An account has another address.
    Rename {
        /// The vendor's id.
        id: SmolStr,
        /// The address.
        email: SmolStr,
    },
    /// An account holds one more license.
    Give {
        /// The vendor's id.
        id: SmolStr,
        /// The license.
        license: SmolStr,
    },
    /// An account holds one license less.
    Take {
        /// The vendor's id.
        id: SmolStr,
        /// The license.
        license: SmolStr,
    },
    /// An account belongs to a group from now on, or to the vendor, or to us.
    Origin {
        /// The vendor's id.
        id: SmolStr,
        /// Whether it may be changed here.
        origin: AccountOrigin,
    },
    /// A pool is another one; what is not given stays.
    Pool {
        /// The license.
        license: SmolStr,
        /// Seats bought.
        #[serde(default)]
        total: Option<u64>,
        /// Whether its seats are handed out.
        #[serde(default)]
        status: Option<PoolStatus>,
        /// From that day on nobody can get a seat of it.
        #[serde(default)]
        expires: Option<Date>,
    },
    /// The vendor takes no changes.
    Busy {
        /// Why; null: it takes them again.
        #[serde(default)]
        reason: Option<String>,
        /// For how long; null: until it is said otherwise.
        #[serde(default)]
        seconds: Option<u32>,
    },
    /// Time passes at once.
    Advance {
        /// How many seconds.
        seconds: u32,
    },
}

fn one() -> i64 {
    1
}
