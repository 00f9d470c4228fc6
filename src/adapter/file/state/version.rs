//! The version of a file, for detecting changes.

use std::fs;
use std::io;
use std::path::Path;
use std::time::SystemTime;

use jiff::Timestamp;

/// Differs between two versions of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::adapter) struct FileVersion {
    length: u64,
    modified: Option<SystemTime>,
    /// Detects a renamed file of the same length and time.
    inode: u64,
}

impl FileVersion {
    /// Reads the version of a file.
    pub(in crate::adapter) fn read(path: &Path) -> io::Result<Self> {
        let metadata = fs::metadata(path)?;
        #[cfg(unix)]
        let inode = std::os::unix::fs::MetadataExt::ino(&metadata);
        #[cfg(not(unix))]
        let inode = 0;
        Ok(Self { length: metadata.len(), modified: metadata.modified().ok(), inode })
    }

    /// Returns the modification time.
    pub(in crate::adapter) fn modified(&self) -> Option<Timestamp> {
        self.modified.and_then(|modified| Timestamp::try_from(modified).ok())
    }
}
