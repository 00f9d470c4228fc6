//! What tells one version of a file from the next.

use std::fs;
use std::io;
use std::path::Path;
use std::time::SystemTime;

use jiff::Timestamp;

/// What tells one version of a file from the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::adapter) struct FileVersion {
    length: u64,
    modified: Option<SystemTime>,
    /// A renamed file is another one, however fast it came and however long it is.
    inode: u64,
}

impl FileVersion {
    /// The stamp of the file as it is now.
    pub(in crate::adapter) fn read(path: &Path) -> io::Result<Self> {
        let about = fs::metadata(path)?;
        #[cfg(unix)]
        let inode = std::os::unix::fs::MetadataExt::ino(&about);
        #[cfg(not(unix))]
        let inode = 0;
        Ok(Self { length: about.len(), modified: about.modified().ok(), inode })
    }

    /// When the file was written last, as the system says.
    pub(in crate::adapter) fn modified(&self) -> Option<Timestamp> {
        self.modified.and_then(|modified| Timestamp::try_from(modified).ok())
    }
}
