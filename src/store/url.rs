//! Where the store is.

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

/// Where the store is. It shows itself without a password.
#[derive(Clone)]
pub struct StoreUrl(pub(super) StoreLocation);

/// One kind of place each.
#[derive(Clone)]
pub(super) enum StoreLocation {
    /// A SQLite database, and the lock beside it.
    File {
        database: PathBuf,
        lock: PathBuf,
        /// The folder that is ours alone, and that Git is told to pass over.
        folder: Option<PathBuf>,
    },
    /// A PostgreSQL database on a server.
    Server(Box<PgConnectOptions>),
}

impl StoreUrl {
    /// The default store of a manifest: `.reseat/` in its folder, or beside it where it is a file.
    pub fn default_for(manifest: &Path) -> Self {
        let parent = if manifest.is_dir() { Some(manifest) } else { manifest.parent() };
        let folder = parent.unwrap_or_else(|| Path::new("")).join(FOLDER);
        Self(StoreLocation::File { database: folder.join(DATABASE), lock: folder.join(LOCK), folder: Some(folder) })
    }

    /// Reads what `--store` says: `sqlite:PATH`, or `postgres://USER@HOST/DATABASE` with what libpq understands after it,
    /// such as `?sslmode=verify-full`. What the URL leaves out, the password before all, comes from `PGPASSWORD`,
    /// `PGPASSFILE` and their like.
    ///
    /// # Errors
    /// When it is anything else, or an address of which a part cannot be read.
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
        // `sqlite:///srv/store.db` and `sqlite://store.db` are common spellings of the same.
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

/// A server and its database, without a password.
pub(super) fn server(options: &PgConnectOptions) -> String {
    let (user, database) = (options.get_username(), options.get_database().unwrap_or(options.get_username()));
    match options.get_socket() {
        Some(socket) => format!("postgres://{user}@{}/{database}", socket.display()),
        None => format!("postgres://{user}@{}:{}/{database}", options.get_host(), options.get_port()),
    }
}

/// Which part of the address of a server is wrong. What stands there is not repeated: where a URL is cut wrongly, a part of
/// the password may stand anywhere.
fn describe_address_error(text: &str, error: &sqlx::Error) -> String {
    let options = text.split_once('?').map_or("", |(_, options)| options);
    for option in options.split('&') {
        if PgConnectOptions::from_str(&format!("postgres://host/?{option}")).is_ok() {
            continue;
        }
        return match option.split_once('=').map_or(option, |(name, _)| name) {
            "sslmode" | "ssl-mode" => {
                "`sslmode` is none of disable, allow, prefer, require, verify-ca and verify-full".to_owned()
            }
            "port" => "`port` is no port number".to_owned(),
            "hostaddr" => "`hostaddr` is no IP address".to_owned(),
            "statement-cache-capacity" => "`statement-cache-capacity` is no number".to_owned(),
            _ => "what follows the `?`".to_owned(),
        };
    }
    match error {
        sqlx::Error::Configuration(told) if told.is::<std::str::Utf8Error>() => {
            "user, password, host or database is not percent-encoded UTF-8".to_owned()
        }
        // The reader of URLs names the part in words of its own, such as `invalid port number`, and never what stands there.
        sqlx::Error::Configuration(told) => told.to_string(),
        _ => "it is no URL".to_owned(),
    }
}

/// The text as far as it surely holds no password.
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

    fn told(text: &str) -> String {
        StoreUrl::parse(text).unwrap().to_string()
    }

    #[test]
    fn a_path_is_read_from_every_spelling_of_sqlite() {
        for (text, path) in
            [("sqlite:a/b.db", "a/b.db"), ("sqlite:/a/b.db", "/a/b.db"), ("sqlite:///a/b.db", "/a/b.db")]
        {
            assert_eq!(told(text), format!("sqlite:{path}"), "{text}");
        }
    }

    #[test]
    fn another_kind_of_store_is_refused() {
        for text in ["mysql://host/reseat", "sqlite:", "sqlite:/", "store.db", ""] {
            assert!(matches!(StoreUrl::parse(text), Err(StoreError::InvalidUrl(_))), "{text}");
        }
    }

    #[test]
    fn wrong_part_of_an_address_is_named() {
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
    fn password_is_never_shown() {
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
    fn default_store_lies_in_the_folder_of_the_manifest() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("seats.yaml");
        std::fs::write(&file, "").unwrap();
        let expected = format!("sqlite:{}", folder.path().join(".reseat/store.db").display());
        assert_eq!(StoreUrl::default_for(folder.path()).to_string(), expected);
        assert_eq!(StoreUrl::default_for(&file).to_string(), expected);
    }
}
