//! What seats may cost.

use serde::Serialize;

use super::MonthlyAmount;
use crate::diagnostic::{Level, Source};

/// The budget in one currency, a month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MonthlyBudget {
    /// The most that the seats in use may cost after a plan.
    pub total: Option<MonthlyAmount>,
    /// The most that one plan may add.
    pub increase: Option<MonthlyAmount>,
    /// How much weight it has.
    pub level: Level,
    /// Where it is written.
    #[serde(skip)]
    pub source: Option<Source>,
}
