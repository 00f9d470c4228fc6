//! Runs the same tests on every kind of storage.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Once};

use sqlx::ConnectOptions as _;
use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;

use super::now;
use crate::env::variable;
use crate::store::{MemoryStorage, Store, StoreError, StoreUrl};

/// A storage for one test.
pub(super) enum TestStorage {
    File(tempfile::TempDir),
    Memory(MemoryStorage),
    /// A separate schema on the server of `RESEAT_TEST_POSTGRES`.
    Server {
        url: String,
        schema: String,
    },
}

/// The variable with the address of the test server.
pub(super) const SERVER: &str = "RESEAT_TEST_POSTGRES";

impl TestStorage {
    pub(super) fn file() -> Self {
        Self::File(tempfile::tempdir().unwrap())
    }

    pub(super) fn memory() -> Self {
        Self::Memory(MemoryStorage::new())
    }

    /// Creates a schema on the test server. Without a server, reports once that the tests are skipped, past the test harness.
    pub(super) async fn server() -> Option<Self> {
        static REPORTED: Once = Once::new();
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let Some(url) = variable::read(SERVER) else {
            REPORTED.call_once(|| {
                let message = format!("skipped: the tests of the store on PostgreSQL, because {SERVER} is not set\n");
                drop(std::io::Write::write_all(&mut std::io::stderr(), message.as_bytes()));
            });
            return None;
        };
        let schema = format!("t{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let storage = Self::Server { url, schema: schema.clone() };
        storage.alter_as(&format!("drop schema if exists {schema} cascade; create schema {schema}"), "public").await;
        Some(storage)
    }

    fn url(&self) -> StoreUrl {
        match self {
            Self::File(folder) => StoreUrl::default_for(folder.path()),
            Self::Server { .. } => StoreUrl::parse(&self.address()).unwrap(),
            Self::Memory(_) => panic!("memory has no address"),
        }
    }

    /// Returns the value for `--store`.
    pub(super) fn address(&self) -> String {
        let Self::Server { url, schema } = self else { panic!("no server") };
        let joint = if url.contains('?') { '&' } else { '?' };
        format!("{url}{joint}options[search_path]={schema}&application_name=reseat-{schema}")
    }

    pub(super) async fn try_open(&self) -> Result<Store, StoreError> {
        match self {
            Self::Memory(memory) => Store::open_in_memory(memory, "sim", now()).await,
            Self::File(_) | Self::Server { .. } => Store::open(&self.url(), now()).await,
        }
    }

    pub(super) async fn open(&self) -> Arc<Store> {
        Arc::new(self.try_open().await.unwrap())
    }

    pub(super) async fn reader(&self) -> Store {
        match self {
            Self::Memory(memory) => Store::read_in_memory(memory),
            Self::File(_) | Self::Server { .. } => Store::open_existing(&self.url()).await.unwrap().unwrap(),
        }
    }

    /// Changes the tables without the store.
    pub(super) async fn alter(&self, statement: &str) {
        match self {
            Self::Server { schema, .. } => self.alter_as(statement, schema).await,
            Self::File(folder) => {
                let path = folder.path().join(".reseat/store.db");
                let mut connection = SqliteConnectOptions::new().filename(path).connect().await.unwrap();
                sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(&mut connection).await.unwrap();
            }
            Self::Memory(_) => panic!("memory has no tables"),
        }
    }

    /// Terminates all connections of this storage, and returns their number.
    pub(super) async fn cut_connections(&self) -> i64 {
        let Self::Server { url, schema } = self else { panic!("no server") };
        let options: PgConnectOptions = url.parse().unwrap();
        let mut connection = options.connect().await.unwrap();
        let cut = "select count(pg_terminate_backend(pid, 5000)) from pg_stat_activity where application_name = $1";
        let name = format!("reseat-{schema}");
        sqlx::query_scalar(cut).bind(name).fetch_one(&mut connection).await.unwrap()
    }

    async fn alter_as(&self, statement: &str, schema: &str) {
        let Self::Server { url, .. } = self else { panic!("no server") };
        let options: PgConnectOptions = url.parse().unwrap();
        let mut connection = options.options([("search_path", schema)]).connect().await.unwrap();
        sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(&mut connection).await.unwrap();
    }
}

/// Creates a test per storage for each function, which takes the storage.
macro_rules! on_every_storage {
    ($($name:ident),* $(,)?) => {
        mod on_memory { $(#[tokio::test] async fn $name() { super::$name(super::TestStorage::memory()).await; })* }
        super::storage::on_every_database!($($name),*);
    };
}

/// Does the same without memory, which has no tables.
macro_rules! on_every_database {
    ($($name:ident),* $(,)?) => {
        mod on_sqlite { $(#[tokio::test] async fn $name() { super::$name(super::TestStorage::file()).await; })* }
        mod on_postgres {
            $(#[tokio::test]
            async fn $name() {
                if let Some(storage) = super::TestStorage::server().await {
                    super::$name(storage).await;
                }
            })*
        }
    };
}

pub(super) use {on_every_database, on_every_storage};
