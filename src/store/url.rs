//! Where the store is.

use std::path::{Path, PathBuf};

use super::StoreError;

/// The folder of the default store, in the manifest's folder.
const FOLDER: &str = ".reseat";
/// The database in the default store's folder.
const DATABASE: &str = "store.db";
/// The lock in the default store's folder.
const LOCK: &str = "lock";

/// Where the store is: a SQLite database, and the lock beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreUrl {
    database: PathBuf,
    lock: PathBuf,
    /// The folder that is ours alone, and that Git is told to pass over.
    folder: Option<PathBuf>,
}

impl StoreUrl {
    /// The default store of a manifest: `.reseat/` in its folder, or beside it where it is a file.
    pub fn beside(manifest: &Path) -> Self {
        let parent = if manifest.is_dir() { Some(manifest) } else { manifest.parent() };
        let folder = parent.unwrap_or_else(|| Path::new("")).join(FOLDER);
        Self { database: folder.join(DATABASE), lock: folder.join(LOCK), folder: Some(folder) }
    }

    /// Reads what `--store` says: `sqlite:PATH`.
    ///
    /// # Errors
    /// When it is anything else.
    pub fn parse(text: &str) -> Result<Self, StoreError> {
        let path = text.strip_prefix("sqlite:").ok_or_else(|| StoreError::Url(text.to_owned()))?;
        // `sqlite:///srv/store.db` and `sqlite://store.db` are common spellings of the same.
        let path = path.strip_prefix("//").unwrap_or(path);
        let database = PathBuf::from(path);
        let Some(name) = database.file_name() else { return Err(StoreError::Url(text.to_owned())) };
        let mut lock = name.to_owned();
        lock.push(".lock");
        Ok(Self { lock: database.with_file_name(lock), database, folder: None })
    }

    /// The file of the database.
    pub fn database(&self) -> &Path {
        &self.database
    }

    /// The file that a run locks.
    pub(super) fn lock(&self) -> &Path {
        &self.lock
    }

    /// The folder that is ours alone, where there is one.
    pub(super) fn folder(&self) -> Option<&Path> {
        self.folder.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_read_from_every_spelling_of_sqlite() {
        for (text, path) in
            [("sqlite:a/b.db", "a/b.db"), ("sqlite:/a/b.db", "/a/b.db"), ("sqlite:///a/b.db", "/a/b.db")]
        {
            assert_eq!(StoreUrl::parse(text).unwrap().database(), Path::new(path), "{text}");
        }
    }

    #[test]
    fn another_kind_of_store_is_refused() {
        for text in ["postgres://host/reseat", "sqlite:", "sqlite:/", "store.db", ""] {
            assert!(matches!(StoreUrl::parse(text), Err(StoreError::Url(_))), "{text}");
        }
    }

    #[test]
    fn default_store_lies_in_the_folder_of_the_manifest() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("seats.yaml");
        std::fs::write(&file, "").unwrap();
        let expected = folder.path().join(".reseat/store.db");
        assert_eq!(StoreUrl::beside(folder.path()).database(), expected);
        assert_eq!(StoreUrl::beside(&file).database(), expected);
    }
}
