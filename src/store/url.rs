//! The location of a store, as given in `--store`.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr as _;

use sqlx::postgres::PgConnectOptions;

use super::StoreError;

/// The folder of the default store, in the manifest's folder.
const FOLDER: &str = ".reseat";
/// The database in the default store's folder.
const DATABASE: &str = "store.db";
/// The lock in the default store's folder.
const LOCK: &str = "lock";

/// The location of a store. It is displayed without a password.
#[derive(Clone)]
pub struct StoreUrl(pub(super) StoreLocation);

#[derive(Clone)]
pub(super) enum StoreLocation {
    /// A SQLite database and the lock file beside it.
    File {
        database: PathBuf,
        lock: PathBuf,
        /// The default folder, which Git ignores.
        folder: Option<PathBuf>,
    },
    /// A PostgreSQL database on a server.
    Server(Box<PgConnectOptions>),
}

impl StoreUrl {
    /// Returns the default store of a manifest: `.reseat/` in its folder, or beside its file.
    pub fn default_for(manifest: &Path) -> Self {
        let parent = if manifest.is_dir() { Some(manifest) } else { manifest.parent() };
        let folder = parent.unwrap_or_else(|| Path::new("")).join(FOLDER);
        Self(StoreLocation::File { database: folder.join(DATABASE), lock: folder.join(LOCK), folder: Some(folder) })
    }

    /// Parses `--store`: `sqlite:PATH`, or `postgres://USER@HOST/DATABASE` with libpq parameters such as
    /// `?sslmode=verify-full`. Missing parts, such as the password, come from `PGPASSWORD`, `PGPASSFILE` and similar
    /// variables.
    ///
    /// # Errors
    /// When the text has neither form.
    pub fn parse(text: &str) -> Result<Self, StoreError> {
        let refused = || StoreError::InvalidUrl(redact(text));
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            let options = PgConnectOptions::from_str(text)
                .map_err(|error| StoreError::InvalidAddress(describe_address_error(text, &error)))?;
            let named = options.get_application_name().is_some();
            let options = if named { options } else { options.application_name("reseat") };
            return Ok(Self(StoreLocation::Server(Box::new(options))));
        }
        let path = text.strip_prefix("sqlite:").ok_or_else(refused)?;
        // `sqlite:///srv/store.db` and `sqlite://store.db` are common spellings.
        let path = path.strip_prefix("//").unwrap_or(path);
        let database = PathBuf::from(path);
        let Some(name) = database.file_name() else { return Err(refused()) };
        let mut lock = name.to_owned();
        lock.push(".lock");
        Ok(Self(StoreLocation::File { lock: database.with_file_name(lock), database, folder: None }))
    }
}

impl fmt::Display for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            StoreLocation::File { database, .. } => write!(f, "sqlite:{}", database.display()),
            StoreLocation::Server(options) => f.write_str(&server(options)),
        }
    }
}

impl fmt::Debug for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StoreUrl({self})")
    }
}

/// Formats a server and its database without a password.
pub(super) fn server(options: &PgConnectOptions) -> String {
    let (user, database) = (options.get_username(), options.get_database().unwrap_or(options.get_username()));
    match options.get_socket() {
        Some(socket) => format!("postgres://{user}@{}/{database}", socket.display()),
        None => format!("postgres://{user}@{}:{}/{database}", options.get_host(), options.get_port()),
    }
}

/// Names the invalid part of a server's address. Does not quote it: in a malformed URL, any part may contain the
/// password.
fn describe_address_error(text: &str, error: &sqlx::Error) -> String {
    let options = text.split_once('?').map_or("", |(_, options)| options);
    for option in options.split('&') {
        if PgConnectOptions::from_str(&format!("postgres://host/?{option}")).is_ok() {
            continue;
        }
        return match option.split_once('=').map_or(option, |(name, _)| name) {
            "sslmode" | "ssl-mode" => {
                "`sslmode` must be disable, allow, prefer, require, verify-ca or verify-full".to_owned()
            }
            "port" => "`port` must be a port number".to_owned(),
            "hostaddr" => "`hostaddr` must be an IP address".to_owned(),
            "statement-cache-capacity" => "`statement-cache-capacity` must be a number".to_owned(),
            _ => "invalid parameter after the `?`".to_owned(),
        };
    }
    match error {
        sqlx::Error::Configuration(source) if source.is::<std::str::Utf8Error>() => {
            "user, password, host or database is not percent-encoded UTF-8".to_owned()
        }
        // The URL parser names the part, for example `invalid port number`, and does not quote it.
        sqlx::Error::Configuration(source) => source.to_string(),
        _ => "invalid URL".to_owned(),
    }
}

/// Removes everything that may contain a password.
fn redact(text: &str) -> String {
    if !text.contains('@') && !text.contains('?') {
        return text.to_owned();
    }
    match text.split_once("://") {
        Some((scheme, _)) if scheme.chars().all(|c| c.is_ascii_alphanumeric()) => format!("{scheme}://..."),
        _ => "...".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn displayed(text: &str) -> String {
        StoreUrl::parse(text).unwrap().to_string()
    }

    #[test]
    fn sqlite_path_is_parsed_from_every_spelling() {
        for (text, path) in
            [("sqlite:a/b.db", "a/b.db"), ("sqlite:/a/b.db", "/a/b.db"), ("sqlite:///a/b.db", "/a/b.db")]
        {
            assert_eq!(displayed(text), format!("sqlite:{path}"), "{text}");
        }
    }

    #[test]
    fn unknown_kind_of_store_is_refused() {
        for text in ["mysql://host/reseat", "sqlite:", "sqlite:/", "store.db", ""] {
            assert!(matches!(StoreUrl::parse(text), Err(StoreError::InvalidUrl(_))), "{text}");
        }
    }

    #[test]
    fn invalid_part_of_an_address_is_named() {
        for (text, part) in [
            ("postgres://ana:s3cret@host:port/x", "invalid port number"),
            ("postgres://ana:s3cret@host:99999/x", "invalid port number"),
            ("postgres://ana:s3cret@/x", "empty host"),
            ("postgres://ana:s3/cret@host/x", "invalid port number"),
            ("postgres://ana@host/x?password=s3cret&sslmode=s3cret", "`sslmode`"),
            ("postgres://ana@host/x?port=s3cret", "`port`"),
            ("postgres://ana@host/x?hostaddr=s3cret", "`hostaddr`"),
            ("postgres://ana:s3cret%ff@host/x", "percent-encoded"),
        ] {
            let error = StoreUrl::parse(text).unwrap_err();
            assert!(matches!(&error, StoreError::InvalidAddress(wrong) if wrong.contains(part)), "{text}: {error:?}");
            let finding = format!("{:?}", error.finding());
            assert!(!finding.contains("s3c") && finding.contains("PGPASSWORD"), "{finding}");
        }
    }

    #[test]
    fn password_is_never_displayed() {
        let good = [
            "postgres://ana:s3cret@db.acme.example/reseat?sslmode=verify-full",
            "postgresql://ana@db.acme.example/reseat?password=s3cret&sslmode=require",
        ];
        for text in good {
            let url = StoreUrl::parse(text).unwrap();
            assert_eq!(url.to_string(), "postgres://ana@db.acme.example:5432/reseat");
            assert!(!format!("{url:?}").contains("s3cret"));
        }
        for text in [
            "postgres://ana:s3cret@host:port/x",
            "postgre://ana:s3cret@host/x",
            "ana:s3cret@host",
            "redis://host?password=s3cret",
        ] {
            let finding = StoreUrl::parse(text).unwrap_err().finding();
            assert!(!format!("{finding:?}").contains("s3cret"), "{text}");
        }
    }

    #[test]
    fn default_store_is_in_the_folder_of_the_manifest() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("seats.yaml");
        std::fs::write(&file, "").unwrap();
        let expected = format!("sqlite:{}", folder.path().join(".reseat/store.db").display());
        assert_eq!(StoreUrl::default_for(folder.path()).to_string(), expected);
        assert_eq!(StoreUrl::default_for(&file).to_string(), expected);
    }
}
