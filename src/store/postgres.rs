//! The journal in a PostgreSQL database, which several runners share. The lock is a lease by the clock of the server.
//!
//! What must hold: a connection that breaks while a batch is written leaves it open whether the batch is there, so that
//! it is looked up before it is written again; no batch is ever there twice.

use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgRow};
use sqlx::{ConnectOptions as _, FromRow, PgConnection};
use tokio::time::{Instant, sleep, timeout};

use super::StoreError;
use super::batch::RecordBatch;
use super::database_row::{BatchRow, StoreRow, batch_of, signed};
use super::lock_holder::LockHolder;
use super::select::{QueryArg, RecordQuery};
use super::sql;
use super::url::server;

/// How long a lock lives without a sign of life.
pub(super) const LEASE: Duration = Duration::from_secs(30);
/// How long a statement, or a new connection, may take.
const STATEMENT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a server that went away is waited for. Shorter than the lease: whoever comes later finds it ended.
const RECONNECT_TIMEOUT: Duration = Duration::from_secs(20);
/// The pause between two tries to connect.
const RECONNECT_DELAY: Duration = Duration::from_millis(250);

/// The time of the server in microseconds since 1970.
const NOW: &str = "(extract(epoch from clock_timestamp()) * 1000000)::bigint";

/// Makes sure that two runners do not make the tables at the same time; the number is the word `reseat`.
const MIGRATION_LOCK: &str = "select pg_advisory_xact_lock(125780072095092)";

/// A server that writes before the disk has it would forget records that we rely on.
const DURABLE: &str = "select set_config('synchronous_commit', 'on', false) \
    where current_setting('synchronous_commit') = 'off'";

/// The codes of what another runner, or a try of our own that we did not hear of, has made already.
const DUPLICATE_TABLE: &str = "42P07";
const DUPLICATE_KEY: &str = "23505";

/// An open database.
#[derive(Debug)]
pub(super) struct Postgres {
    options: RedactedOptions,
    /// Nothing, where it broke.
    connection: Option<PgConnection>,
}

/// How to connect; it shows no password.
#[derive(Clone)]
struct RedactedOptions(PgConnectOptions);

impl std::fmt::Debug for RedactedOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&server(&self.0))
    }
}

/// What a statement binds.
#[derive(Clone, Copy)]
enum SqlArg<'a> {
    Number(i64),
    MaybeNumber(Option<i64>),
    Text(&'a str),
    MaybeText(Option<&'a str>),
    Bytes(&'a [u8]),
}

impl Postgres {
    /// Opens the database to write to it, with our tables made where there are none.
    pub(super) async fn open(options: &PgConnectOptions) -> Result<Self, StoreError> {
        let mut postgres = Self::connect(options).await?;
        if !postgres.has_tables().await? {
            postgres.make_tables().await?;
        }
        postgres.check_version().await?;
        Ok(postgres)
    }

    /// Opens the database to read it as it is; `None` where it holds no store.
    pub(super) async fn open_existing(options: &PgConnectOptions) -> Result<Option<Self>, StoreError> {
        let mut postgres = Self::connect(options).await?;
        if !postgres.has_tables().await? {
            return Ok(None);
        }
        postgres.check_version().await?;
        Ok(Some(postgres))
    }

    async fn connect(options: &PgConnectOptions) -> Result<Self, StoreError> {
        let options = RedactedOptions(options.clone().disable_statement_logging());
        let mut postgres = Self { options, connection: None };
        // A wrong address should not be tried for long.
        match postgres.try_connect().await {
            Ok(connection) => postgres.connection = Some(connection),
            Err(error) => return Err(postgres.store_error(error)),
        }
        Ok(postgres)
    }

    async fn try_connect(&self) -> Result<PgConnection, sqlx::Error> {
        let connect = async {
            let mut connection = self.options.0.connect().await?;
            sqlx::query(DURABLE).execute(&mut connection).await?;
            Ok(connection)
        };
        timeout(STATEMENT_TIMEOUT, connect).await.unwrap_or_else(|_| Err(timeout_error()))
    }

    async fn has_tables(&mut self) -> Result<bool, StoreError> {
        let found: Vec<(bool,)> = self.rows("select to_regclass('reseat_store') is not null", &[]).await?;
        Ok(found.first().is_some_and(|(found,)| *found))
    }

    async fn make_tables(&mut self) -> Result<(), StoreError> {
        let all = format!("begin; {MIGRATION_LOCK}; {} commit;", sql::TABLES);
        let Some(mut connection) = self.connection.take() else {
            return Err(self.store_error(timeout_error()));
        };
        let made = sqlx::raw_sql(sqlx::AssertSqlSafe(all)).execute(&mut connection).await;
        match made {
            Ok(_) => self.connection = Some(connection),
            // Another runner was faster; the connection stands in a transaction that failed, and is made anew.
            Err(error) if code(&error) == DUPLICATE_TABLE => {}
            Err(error) => return Err(self.store_error(error)),
        }
        Ok(())
    }

    async fn check_version(&mut self) -> Result<(), StoreError> {
        let versions: Vec<(i64,)> = self.rows("select version from reseat_store", &[]).await?;
        let is_ours = versions.first().is_some_and(|(version,)| *version == sql::VERSION);
        if is_ours { Ok(()) } else { Err(StoreError::UnsupportedVersion(server(&self.options.0))) }
    }

    /// Takes the lock, or says who has it.
    pub(super) async fn take(&mut self, owner: &str) -> Result<LockHolder, StoreError> {
        let take = format!(
            "update reseat_store set fence = fence + 1, owner = $1, since = {NOW}, until = {NOW} + $2, released = 0 \
             where fence = $3 and (released = 1 or until is null or until < {NOW}) returning fence"
        );
        let before = self.holder().await?;
        let args = [SqlArg::Text(owner), SqlArg::Number(micros(LEASE)), SqlArg::Number(signed(before.fence))];
        // Not to be run twice: a lock that we took without hearing of it ends by itself.
        let taken: Result<Vec<(i64,)>, sqlx::Error> = self.once(&take, &args, Instant::now()).await;
        match taken {
            Ok(taken) if !taken.is_empty() => Ok(before),
            Ok(_) => Err(self.holder().await?.locked()),
            Err(error) => Err(self.store_error(error)),
        }
    }

    /// Adds the batch and renews the lease, in one statement.
    pub(super) async fn append(&mut self, batch: &RecordBatch) -> Result<(), StoreError> {
        let statement = append_statement();
        let args = [
            SqlArg::Number(signed(batch.first)),
            SqlArg::Number(signed(batch.last)),
            SqlArg::Number(signed(batch.run)),
            SqlArg::Number(signed(batch.fence)),
            SqlArg::Number(batch.mark.number()),
            SqlArg::MaybeNumber(batch.day),
            SqlArg::MaybeText(batch.name.as_deref()),
            SqlArg::MaybeText(batch.plan.as_deref()),
            SqlArg::Text(&batch.records),
            SqlArg::Bytes(&batch.hash),
            SqlArg::Number(micros(LEASE)),
        ];
        let deadline = Instant::now() + RECONNECT_TIMEOUT;
        loop {
            let added: Result<Vec<(i64,)>, sqlx::Error> = self.once(&statement, &args, deadline).await;
            match added {
                Ok(added) if added.is_empty() => return Err(StoreError::LockLost),
                Ok(_) => return Ok(()),
                // Nobody knows whether it is there: the answer was lost, or an earlier try got through after all.
                Err(error) if is_broken(&error) || code(&error) == DUPLICATE_KEY => {
                    if Instant::now() >= deadline {
                        return Err(self.store_error(error));
                    }
                    match self.hash_at(batch.first, deadline).await? {
                        Some(hash) if hash == batch.hash => return Ok(()),
                        Some(_) => return Err(StoreError::LockLost),
                        None => {}
                    }
                }
                Err(error) => return Err(self.store_error(error)),
            }
        }
    }

    /// The hash of the batch that begins there.
    async fn hash_at(&mut self, first: u64, deadline: Instant) -> Result<Option<Vec<u8>>, StoreError> {
        let select = "select hash from reseat_journal where first = $1";
        let rows: Vec<(Vec<u8>,)> = self.until(select, &[SqlArg::Number(signed(first))], deadline).await?;
        Ok(rows.into_iter().next().map(|(hash,)| hash))
    }

    pub(super) async fn put_plan(&mut self, digest: &str, packed: &[u8], fence: u64) -> Result<(), StoreError> {
        let args = [SqlArg::Text(digest), SqlArg::Bytes(packed), SqlArg::Number(signed(fence))];
        let _: Vec<(i64,)> = self.rows(sql::PUT_PLAN, &args).await?;
        Ok(())
    }

    pub(super) async fn plan(&mut self, digest: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let rows: Vec<(Vec<u8>,)> = self.rows(sql::PLAN, &[SqlArg::Text(digest)]).await?;
        Ok(rows.into_iter().next().map(|(packed,)| packed))
    }

    pub(super) async fn batches(
        &mut self,
        select: RecordQuery<'_>,
        limit: u32,
    ) -> Result<Vec<RecordBatch>, StoreError> {
        let (statement, bound) = select.sql(limit);
        let args: Vec<SqlArg<'_>> = bound
            .iter()
            .map(|bound| match bound {
                QueryArg::Number(number) => SqlArg::Number(*number),
                QueryArg::Text(text) => SqlArg::Text(text),
            })
            .collect();
        let rows: Vec<BatchRow> = self.rows(&statement, &args).await?;
        rows.into_iter().map(batch_of).collect()
    }

    pub(super) async fn holder(&mut self) -> Result<LockHolder, StoreError> {
        let rows: Vec<StoreRow> = self.rows(sql::STORE, &[]).await?;
        let row = rows.into_iter().next();
        row.map(LockHolder::of).ok_or_else(|| StoreError::Corrupted("its first table is empty".to_owned()))
    }

    /// Renews the lease, if the lock is still ours.
    pub(super) async fn renew(&mut self, fence: u64) -> Result<(), StoreError> {
        let statement =
            format!("update reseat_store set until = {NOW} + $1 where fence = $2 and released = 0 returning fence");
        let renewed: Vec<(i64,)> =
            self.rows(&statement, &[SqlArg::Number(micros(LEASE)), SqlArg::Number(signed(fence))]).await?;
        if renewed.is_empty() { Err(StoreError::LockLost) } else { Ok(()) }
    }

    pub(super) async fn release(&mut self, head: u64, fence: u64) -> Result<(), StoreError> {
        let args = [SqlArg::Number(signed(head)), SqlArg::Number(signed(fence))];
        // The lease ends by itself, so that a server which went away is not waited for.
        let _: Vec<(i64,)> = self.until(sql::RELEASE, &args, Instant::now()).await?;
        Ok(())
    }

    /// Runs a statement that may be run twice; a connection that breaks is made anew for a while.
    async fn rows<R>(&mut self, statement: &str, args: &[SqlArg<'_>]) -> Result<Vec<R>, StoreError>
    where
        R: for<'r> FromRow<'r, PgRow> + Send + Unpin,
    {
        self.until(statement, args, Instant::now() + RECONNECT_TIMEOUT).await
    }

    async fn until<R>(&mut self, statement: &str, args: &[SqlArg<'_>], deadline: Instant) -> Result<Vec<R>, StoreError>
    where
        R: for<'r> FromRow<'r, PgRow> + Send + Unpin,
    {
        loop {
            match self.once(statement, args, deadline).await {
                Ok(rows) => return Ok(rows),
                Err(error) if is_broken(&error) && Instant::now() < deadline => {}
                Err(error) => return Err(self.store_error(error)),
            }
        }
    }

    /// Runs a statement once, on a connection that is made first where the last one broke.
    async fn once<R>(&mut self, statement: &str, args: &[SqlArg<'_>], deadline: Instant) -> Result<Vec<R>, sqlx::Error>
    where
        R: for<'r> FromRow<'r, PgRow> + Send + Unpin,
    {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.reconnect(deadline).await?,
        };
        let mut query = sqlx::query_as(sqlx::AssertSqlSafe(statement));
        for arg in args {
            query = match *arg {
                SqlArg::Number(number) => query.bind(number),
                SqlArg::MaybeNumber(number) => query.bind(number),
                SqlArg::Text(text) => query.bind(text),
                SqlArg::MaybeText(text) => query.bind(text),
                SqlArg::Bytes(bytes) => query.bind(bytes),
            };
        }
        let result =
            timeout(STATEMENT_TIMEOUT, query.fetch_all(&mut connection)).await.unwrap_or_else(|_| Err(timeout_error()));
        // One that broke, or was left in the middle of an answer, is not used again.
        if !result.as_ref().is_err_and(is_broken) {
            self.connection = Some(connection);
        }
        result
    }

    async fn reconnect(&self, deadline: Instant) -> Result<PgConnection, sqlx::Error> {
        loop {
            match self.try_connect().await {
                Err(error) if is_broken(&error) && Instant::now() < deadline => sleep(RECONNECT_DELAY).await,
                result => return result,
            }
        }
    }

    fn store_error(&self, error: sqlx::Error) -> StoreError {
        if is_broken(&error) {
            return StoreError::Unreachable(server(&self.options.0), error.to_string());
        }
        match &error {
            sqlx::Error::Database(refused) if is_access_denied(&code(&error)) => {
                StoreError::AccessDenied(server(&self.options.0), refused.message().to_owned())
            }
            _ => error.into(),
        }
    }
}

/// Adds a batch and renews the lease, if the lock is still ours.
fn append_statement() -> String {
    format!(
        "with lease as (update reseat_store set until = {NOW} + $11 where fence = $4 and released = 0 returning fence) \
         insert into reseat_journal (first, last, run, fence, mark, day, name, plan, records, hash) \
         select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10 from lease returning first"
    )
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

fn timeout_error() -> sqlx::Error {
    sqlx::Error::Io(std::io::Error::new(std::io::ErrorKind::TimedOut, "no answer in time"))
}

/// Whether the connection, and not the statement, is what failed.
fn is_broken(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::Protocol(_) | sqlx::Error::Tls(_) => true,
        // 08: the connection; 57P01 to 57P05: the server goes down, is down, or comes up.
        _ => ["08", "57P"].iter().any(|class| code(error).starts_with(class)),
    }
}

/// Whether the server's answer means that it knows neither us nor our database.
fn is_access_denied(code: &str) -> bool {
    // 28: who we are; 3D: the name of the database; 53300: too many others.
    code.starts_with("28") || code.starts_with("3D") || code == "53300"
}

/// The code of the server's answer.
fn code(error: &sqlx::Error) -> String {
    error.as_database_error().and_then(|refused| refused.code()).unwrap_or_default().into_owned()
}

#[cfg(test)]
mod tests {
    use super::is_access_denied;

    #[test]
    fn answers_that_refuse_us_are_told_from_answers_that_refuse_a_statement() {
        // A wrong password, no line for us in its files, no such database, too many connections.
        for code in ["28P01", "28000", "3D000", "53300"] {
            assert!(is_access_denied(code), "{code}");
        }
        // No rights on a table, a full disk, no code at all.
        for code in ["42501", "53100", ""] {
            assert!(!is_access_denied(code), "{code}");
        }
    }
}
