//! What was allowed for a run although a rule says no, written down with it.

use jiff::Timestamp;
use smol_str::SmolStr;
use sqlx::SqliteConnection;

use super::history::malformed;
use super::{Store, StoreError};
use crate::model::{ConsentKind, ConsentOrigin, Consented};

/// The first version of the tables that knows of them.
const CONSENTS_VERSION: i64 = 2;

type Row = (String, String, Option<String>, String, Option<String>, Option<String>, Option<String>, String);

impl Store {
    /// What was allowed for a run.
    pub(super) async fn consents(&self, run: i64) -> Result<Vec<Consented>, StoreError> {
        if self.version < CONSENTS_VERSION {
            return Ok(Vec::new());
        }
        let rows: Vec<Row> = sqlx::query_as(
            "select kind, rule, scope, owner, reason, digest, until, origin from consents where run = ? order by seq",
        )
        .bind(run)
        .fetch_all(&mut *self.connection.lock().await)
        .await?;
        rows.into_iter()
            .map(|(kind, rule, scope, owner, reason, digest, until, origin)| {
                Ok(Consented {
                    kind: ConsentKind::parse(&kind).ok_or_else(|| malformed("kind of consent", &kind))?,
                    rule: rule.into(),
                    scope,
                    owner: owner.into(),
                    reason,
                    digest: digest.map(SmolStr::from),
                    until: until.map(SmolStr::from),
                    origin: ConsentOrigin::parse(&origin).ok_or_else(|| malformed("origin", &origin))?,
                })
            })
            .collect()
    }
}

/// Writes down what was allowed for a run.
pub(super) async fn write(
    connection: &mut SqliteConnection,
    run: i64,
    consents: &[Consented],
    at: Timestamp,
) -> Result<(), StoreError> {
    for (seq, consented) in (1_i64..).zip(consents) {
        let Consented { kind, rule, scope, owner, reason, digest, until, origin } = consented;
        sqlx::query(
            "insert into consents (run, seq, kind, rule, scope, owner, reason, digest, until, origin, at) \
             values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(run)
        .bind(seq)
        .bind(kind.as_str())
        .bind(rule.as_str())
        .bind(scope)
        .bind(owner.as_str())
        .bind(reason)
        .bind(digest.as_deref())
        .bind(until.as_deref())
        .bind(origin.as_str())
        .bind(at.to_string())
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}
