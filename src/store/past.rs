//! The rolling windows: what operations did to the holders of licenses.

use jiff::Timestamp;
use jiff::civil::Date;
use smol_str::SmolStr;
use sqlx::SqliteConnection;

use super::history::parse;
use super::{Store, StoreError};
use crate::env::clock::day_of;
use crate::model::{Digest, OperationId, Past, Touched};

/// The first version of the tables that knows which operation did what.
const TOUCHED_VERSION: i64 = 2;

/// What an operation did to the holders of one license.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Touch {
    /// The tenant.
    pub tenant: SmolStr,
    /// The license as the vendor calls it: what we call it can be changed between two plans.
    pub license: SmolStr,
    /// How much it counts.
    pub touched: Touched,
}

impl Store {
    /// What operations did from that day on, save those of one plan.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn past(&self, first: Date, without: Option<&Digest>) -> Result<Past, StoreError> {
        let query = if self.version < TOUCHED_VERSION {
            // Nobody wrote down of which plan a loss was.
            "select tenant, license, day, count, count from losses where day >= ?1 and ?2 = ?2"
        } else {
            "select tenant, license, day, sum(losses), sum(changes) from touched \
             where day >= ?1 and plan <> ?2 group by tenant, license, day"
        };
        let rows: Vec<(String, String, String, i64, i64)> = sqlx::query_as(query)
            .bind(first.to_string())
            // Rows from before that version have an empty plan, and are of all plans.
            .bind(without.map_or("none", Digest::as_str))
            .fetch_all(&mut *self.connection.lock().await)
            .await?;
        let mut past = Past::default();
        for (tenant, license, day, losses, changes) in rows {
            let number = |count: i64| u64::try_from(count).unwrap_or_default();
            let touched = Touched { losses: number(losses), changes: number(changes) };
            past.add(tenant.into(), license.into(), parse("day", &day)?, touched);
        }
        Ok(past)
    }
}

/// Writes down what an operation did; the same once more changes nothing.
///
/// The day is never before the last one that is written down: a clock that was set back would else hide the operation
/// from the windows of the days to come.
pub(super) async fn count(
    connection: &mut SqliteConnection,
    plan: &str,
    operation: &OperationId,
    touch: &Touch,
    at: Timestamp,
) -> Result<(), StoreError> {
    let Touch { tenant, license, touched } = touch;
    let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    sqlx::query(
        "insert into touched (plan, operation, tenant, license, day, losses, changes) \
         values (?, ?, ?, ?, max(?, coalesce((select max(day) from touched), '')), ?, ?) \
         on conflict (plan, operation, tenant, license) \
         do update set losses = max(losses, excluded.losses), changes = max(changes, excluded.changes)",
    )
    .bind(plan)
    .bind(operation.0.as_str())
    .bind(tenant.as_str())
    .bind(license.as_str())
    .bind(day_of(at).to_string())
    .bind(number(touched.losses))
    .bind(number(touched.changes))
    .execute(connection)
    .await?;
    Ok(())
}
