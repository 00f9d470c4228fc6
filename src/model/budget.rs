//! Monthly budgets.

use serde::Serialize;

use super::MonthlyAmount;
use crate::diagnostic::{Level, Source};

/// The monthly budget in one currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MonthlyBudget {
    /// The maximum cost of used seats after a plan.
    pub total: Option<MonthlyAmount>,
    /// The maximum increase by one plan.
    pub increase: Option<MonthlyAmount>,
    /// The severity level of a violation.
    pub level: Level,
    /// The location in the manifest.
    #[serde(skip)]
    pub source: Option<Source>,
}
