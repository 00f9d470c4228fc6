//! The journal in a PostgreSQL database that several runners share. The lock is a lease by the server's clock.
//!
//! If a connection breaks during a write, reseat looks the records up before it writes them again, so that none is
//! written twice.

use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgRow};
use sqlx::{AssertSqlSafe, ConnectOptions as _, FromRow, PgConnection};
use tokio::time::{Instant, sleep, timeout};

use super::StoreError;
use super::lock_holder::LockHolder;
use super::record::{COLUMNS, Record, hex, to_json};
use super::sql::{self, SqlArg};
use super::url::server;

/// How long the lock is valid without a renewal.
pub(super) const LEASE: Duration = Duration::from_secs(30);
/// The timeout of a statement, and of a new connection.
const STATEMENT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long reseat waits for a server that went away. Shorter than the lease, which ends meanwhile for other runners.
const RECONNECT_TIMEOUT: Duration = Duration::from_secs(20);
/// The pause between two attempts to connect.
const RECONNECT_DELAY: Duration = Duration::from_millis(250);

/// The server's time in microseconds since 1970.
const NOW: &str = "(extract(epoch from clock_timestamp()) * 1000000)::bigint";

/// Keeps two runners from creating the tables at the same time; the number is the word `reseat`.
const MIGRATION_LOCK: &str = "select pg_advisory_xact_lock(125780072095092)";

/// Makes commits durable on a server whose default is not.
const DURABLE: &str = "select set_config('synchronous_commit', 'on', false) \
    where current_setting('synchronous_commit') = 'off'";

/// The error codes for what another runner, or an attempt without an answer, has already created.
const DUPLICATE_TABLE: &str = "42P07";
const DUPLICATE_KEY: &str = "23505";

/// An open database.
#[derive(Debug)]
pub(super) struct Postgres {
    options: RedactedOptions,
    /// `None` after it broke.
    connection: Option<PgConnection>,
}

/// Connection options that never show a password.
#[derive(Clone)]
struct RedactedOptions(PgConnectOptions);

impl std::fmt::Debug for RedactedOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&server(&self.0))
    }
}

impl Postgres {
    /// Opens the database for writing, and creates the tables if necessary.
    pub(super) async fn open(options: &PgConnectOptions) -> Result<Self, StoreError> {
        let mut postgres = Self::connect(options).await?;
        if !postgres.has_tables().await? {
            postgres.create_tables().await?;
        }
        postgres.check_version().await?;
        Ok(postgres)
    }

    /// Opens the database for reading; `None` if it has no store.
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
        // Tried once, so that a wrong address fails early.
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

    async fn create_tables(&mut self) -> Result<(), StoreError> {
        let all = format!("begin; {MIGRATION_LOCK}; {} commit;", sql::TABLES);
        let Some(mut connection) = self.connection.take() else {
            return Err(self.store_error(timeout_error()));
        };
        match sqlx::raw_sql(AssertSqlSafe(all)).execute(&mut connection).await {
            Ok(_) => self.connection = Some(connection),
            // Another runner was faster. The connection has a failed transaction and is not used again.
            Err(error) if code(&error) == DUPLICATE_TABLE => {}
            Err(error) => return Err(self.store_error(error)),
        }
        Ok(())
    }

    async fn check_version(&mut self) -> Result<(), StoreError> {
        let versions: Vec<(i64,)> = self.rows("select version from reseat_store", &[]).await?;
        let version = versions.first().map_or(0, |(version,)| *version);
        sql::check_version(version, || server(&self.options.0))
    }

    async fn holder(&mut self) -> Result<LockHolder, StoreError> {
        let row = self.rows(sql::STORE, &[]).await?.pop();
        row.ok_or_else(|| StoreError::Corrupted("the table `reseat_store` is empty".to_owned()))
    }

    /// Takes the lock and returns the previous holder, or fails with the current one.
    pub(super) async fn take(&mut self, owner: &str) -> Result<LockHolder, StoreError> {
        let take = format!(
            "update reseat_store set fence = fence + 1, owner = $1, since = {NOW}, until = {NOW} + $2, released = 0 \
             where fence = $3 and (released = 1 or until is null or until < {NOW}) returning fence"
        );
        let before = self.holder().await?;
        let args = [SqlArg::Text(owner), SqlArg::Int(micros(LEASE)), SqlArg::Int(before.fence)];
        // Not retried: a lock that was taken without an answer expires.
        let taken: Result<Vec<(i64,)>, sqlx::Error> = self.once(&take, &args, Instant::now()).await;
        match taken {
            Ok(taken) if !taken.is_empty() => Ok(before),
            Ok(_) => Err(self.holder().await?.locked_error()),
            Err(error) => Err(self.store_error(error)),
        }
    }

    /// Appends records and renews the lease, in one statement.
    pub(super) async fn append(&mut self, records: &[Record]) -> Result<(), StoreError> {
        let Some(first) = records.first() else { return Ok(()) };
        let statement = append_statement();
        let json = rows_json(records)?;
        let args = [SqlArg::Text(&json), SqlArg::Int(micros(LEASE)), SqlArg::Int(first.fence)];
        let deadline = Instant::now() + RECONNECT_TIMEOUT;
        loop {
            let added: Result<Vec<(i64,)>, sqlx::Error> = self.once(&statement, &args, deadline).await;
            match added {
                Ok(added) if added.is_empty() => return Err(StoreError::LockLost),
                Ok(_) => return Ok(()),
                // The records may be there: the answer was lost, or an earlier attempt succeeded after all.
                Err(error) if is_broken(&error) || code(&error) == DUPLICATE_KEY => {
                    if Instant::now() >= deadline {
                        return Err(self.store_error(error));
                    }
                    match self.hash_of(first.seq, deadline).await? {
                        Some(hash) if hash == first.hash => return Ok(()),
                        Some(_) => return Err(StoreError::LockLost),
                        None => {}
                    }
                }
                Err(error) => return Err(self.store_error(error)),
            }
        }
    }

    /// Returns the hash of a record.
    async fn hash_of(&mut self, seq: i64, deadline: Instant) -> Result<Option<Vec<u8>>, StoreError> {
        let select = "select hash from reseat_records where seq = $1";
        let rows: Vec<(Vec<u8>,)> = self.until(select, &[SqlArg::Int(seq)], deadline).await?;
        Ok(rows.into_iter().next().map(|(hash,)| hash))
    }

    /// Renews the lease, if the lock is still held.
    pub(super) async fn renew(&mut self, fence: i64) -> Result<(), StoreError> {
        let statement =
            format!("update reseat_store set until = {NOW} + $1 where fence = $2 and released = 0 returning fence");
        let renewed: Vec<(i64,)> = self.rows(&statement, &[SqlArg::Int(micros(LEASE)), SqlArg::Int(fence)]).await?;
        if renewed.is_empty() { Err(StoreError::LockLost) } else { Ok(()) }
    }

    /// Releases the lock. Does not wait for a server that went away, because the lease expires.
    pub(super) async fn release(&mut self, args: &[SqlArg<'_>]) -> Result<(), StoreError> {
        self.until::<(i64,)>(sql::RELEASE, args, Instant::now()).await.map(|_| ())
    }

    /// Runs a statement that may run twice, and returns its rows. A broken connection is replaced.
    pub(super) async fn rows<R>(&mut self, statement: &str, args: &[SqlArg<'_>]) -> Result<Vec<R>, StoreError>
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

    /// Runs a statement once, on a new connection if the last one broke.
    async fn once<R>(&mut self, statement: &str, args: &[SqlArg<'_>], deadline: Instant) -> Result<Vec<R>, sqlx::Error>
    where
        R: for<'r> FromRow<'r, PgRow> + Send + Unpin,
    {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.reconnect(deadline).await?,
        };
        let mut query = sqlx::query_as(AssertSqlSafe(statement));
        for arg in args {
            query = match *arg {
                SqlArg::Int(number) => query.bind(number),
                SqlArg::Text(text) => query.bind(text),
                SqlArg::Bytes(bytes) => query.bind(bytes),
            };
        }
        let result =
            timeout(STATEMENT_TIMEOUT, query.fetch_all(&mut connection)).await.unwrap_or_else(|_| Err(timeout_error()));
        // A connection that broke, or has half an answer, is not used again.
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

/// Returns the statement that renews the lease and inserts the records of a JSON array, if the lock is still held.
fn append_statement() -> String {
    format!(
        "with lease as (update reseat_store set until = {NOW} + $2 where fence = $3 and released = 0 returning fence), \
         added as (select r.* from lease, json_to_recordset($1::json) as r (seq bigint, run bigint, fence bigint, \
            at bigint, event text, name text, plan text, operation text, rollback boolean, result text, \
            status bigint, message text, body text, handle text, detail text, usage json, hash text)), \
         counted as (insert into reseat_usage (run, seq, day, tenant, license, losses, changes) \
            select added.run, added.seq, u.day, u.tenant, u.license, u.losses, u.changes from added, \
            json_to_recordset(added.usage) as u (day bigint, tenant text, license text, losses bigint, changes bigint)) \
         insert into reseat_records ({COLUMNS}) \
         select seq, run, fence, at, event, name, plan, operation, coalesce(rollback, false), result, status, message, \
            body, handle, detail, decode(hash, 'hex') from added returning seq"
    )
}

/// Returns the records as a JSON array: what their hashes cover, with the hashes.
fn rows_json(records: &[Record]) -> Result<String, StoreError> {
    let mut json = String::from("[");
    for record in records {
        let object = to_json(record)?;
        json.push_str(object.strip_suffix('}').unwrap_or(&object));
        json.push_str(&format!(",\"hash\":\"{}\"}},", hex(&record.hash)));
    }
    json.pop();
    json.push(']');
    Ok(json)
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

fn timeout_error() -> sqlx::Error {
    sqlx::Error::Io(std::io::Error::new(std::io::ErrorKind::TimedOut, "no answer in time"))
}

/// Whether the connection failed, and not the statement.
fn is_broken(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::Protocol(_) | sqlx::Error::Tls(_) => true,
        // 08: the connection; 57P01 to 57P05: the server stops, is stopped, or starts.
        _ => ["08", "57P"].iter().any(|class| code(error).starts_with(class)),
    }
}

/// Whether the server refuses the login or the database.
fn is_access_denied(code: &str) -> bool {
    // 28: the login; 3D: the name of the database; 53300: too many connections.
    code.starts_with("28") || code.starts_with("3D") || code == "53300"
}

/// Returns the error code of the server.
fn code(error: &sqlx::Error) -> String {
    error.as_database_error().and_then(|refused| refused.code()).unwrap_or_default().into_owned()
}

#[cfg(test)]
mod tests {
    use super::is_access_denied;

    #[test]
    fn refused_logins_are_distinguished_from_refused_statements() {
        // A wrong password, no entry in pg_hba.conf, no such database, too many connections.
        for code in ["28P01", "28000", "3D000", "53300"] {
            assert!(is_access_denied(code), "{code}");
        }
        // No privileges on a table, a full disk, no code.
        for code in ["42501", "53100", ""] {
            assert!(!is_access_denied(code), "{code}");
        }
    }
}
