//! Atomic replacement of a file.
//!
//! The new file is written next to the old one under a fixed name, so that killed writers leave at most one file behind.
//! A writer only writes to a file that it created, because the name could be a link, and locks it against other writers.
//! Readers see a complete file at any time, also after a power failure.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

/// How often the writer tries to create the draft.
const ATTEMPTS: u32 = 50;
/// The pause between two attempts; a write takes milliseconds.
const ATTEMPT_PAUSE: Duration = Duration::from_millis(20);

/// A failed replacement.
#[derive(Debug, thiserror::Error)]
#[error("the state file cannot be written: {error}")]
pub(crate) struct FileWriteError {
    pub(crate) error: io::Error,
    /// Whether the new file may be in place nevertheless.
    pub(crate) maybe_written: bool,
}

/// Replaces a file if `check` accepts the old one. No other call replaces the file in between.
///
/// # Errors
/// Fails if the system or `check` refuses. Either the complete old file or the complete new one is in place then.
pub(crate) fn replace_file<E: From<FileWriteError>>(
    path: &Path,
    text: &[u8],
    check: impl FnOnce() -> Result<(), E>,
) -> Result<(), E> {
    // Replace the target of a symlink, not the link.
    let target = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let before = |error| E::from(FileWriteError { error, maybe_written: false });
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    let mut name = OsString::from(".");
    name.push(target.file_name().unwrap_or_default());
    name.push(".reseat-new");
    let mut draft = LockedDraft::create(folder.join(name)).map_err(before)?;
    check()?;
    draft.file.write_all(text).map_err(before)?;
    if let Ok(metadata) = fs::metadata(&target) {
        draft.file.set_permissions(metadata.permissions()).map_err(before)?;
    }
    draft.file.sync_all().map_err(before)?;
    fs::rename(&draft.path, &target).map_err(before)?;
    draft.is_renamed = true;
    sync_folder(folder).map_err(|error| E::from(FileWriteError { error, maybe_written: true }))
}

/// A new file, locked until it is dropped or the process ends.
struct LockedDraft {
    file: File,
    path: PathBuf,
    is_renamed: bool,
}

impl LockedDraft {
    fn create(path: PathBuf) -> io::Result<Self> {
        for attempt in 0..ATTEMPTS {
            match OpenOptions::new().write(true).create_new(true).open(&path) {
                // Another writer may have removed it as a leftover before it was locked.
                Ok(file) if try_lock(&file)? && is_same_file(&file, &path) => {
                    return Ok(Self { file, path, is_renamed: false });
                }
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                    if !remove_leftover(&path)? && attempt + 1 < ATTEMPTS {
                        thread::sleep(ATTEMPT_PAUSE);
                    }
                }
                Err(error) => return Err(error),
            }
        }
        let message = format!("another process is writing `{}`", path.display());
        Err(io::Error::new(io::ErrorKind::WouldBlock, message))
    }
}

impl Drop for LockedDraft {
    fn drop(&mut self) {
        if !self.is_renamed {
            // The next writer removes a leftover.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Removes the draft of a killed writer; returns false if its writer is still running.
fn remove_leftover(path: &Path) -> io::Result<bool> {
    let gone = |error: io::Error| if error.kind() == io::ErrorKind::NotFound { Ok(true) } else { Err(error) };
    let metadata = match fs::symlink_metadata(path) {
        Ok(metadata) => metadata,
        Err(error) => return gone(error),
    };
    if !metadata.is_file() {
        // Remove a link, not its target.
        return fs::remove_file(path).map(|()| true).or_else(gone);
    }
    let file = match OpenOptions::new().write(true).open(path) {
        Ok(file) => file,
        Err(error) => return gone(error),
    };
    if !try_lock(&file)? {
        return Ok(false);
    }
    if is_same_file(&file, path) { fs::remove_file(path).map(|()| true).or_else(gone) } else { Ok(true) }
}

fn try_lock(file: &File) -> io::Result<bool> {
    match file.try_lock() {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// Whether the path leads to the open file.
#[cfg(unix)]
fn is_same_file(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    match (file.metadata(), fs::symlink_metadata(path)) {
        (Ok(open), Ok(there)) => (open.dev(), open.ino()) == (there.dev(), there.ino()),
        _ => false,
    }
}

#[cfg(not(unix))]
fn is_same_file(_: &File, path: &Path) -> bool {
    // Other systems do not remove an open file.
    path.exists()
}

#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    // Other systems sync the rename with the file.
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(path: &Path, text: &[u8]) -> Result<(), FileWriteError> {
        replace_file(path, text, || Ok(()))
    }

    fn names(folder: &Path) -> Vec<String> {
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[test]
    fn leftover_of_a_killed_writer_is_removed_not_reused() {
        let folder = tempfile::tempdir().unwrap();
        let (path, left) = (folder.path().join("a.yaml"), folder.path().join(".a.yaml.reseat-new"));
        fs::write(&path, b"old").unwrap();
        fs::write(&left, b"half").unwrap();
        fs::hard_link(&left, folder.path().join("kept")).unwrap();
        put(&path, b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(fs::read(folder.path().join("kept")).unwrap(), b"half");
        assert!(!left.exists());
    }

    #[cfg(unix)]
    #[test]
    fn link_in_place_of_the_draft_is_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let (path, victim) = (folder.path().join("a.yaml"), folder.path().join("victim"));
        fs::write(&victim, b"precious").unwrap();
        std::os::unix::fs::symlink(&victim, folder.path().join(".a.yaml.reseat-new")).unwrap();
        put(&path, b"new").unwrap();
        assert_eq!((fs::read(&victim).unwrap(), fs::read(&path).unwrap()), (b"precious".to_vec(), b"new".to_vec()));
        assert_eq!(names(folder.path()).len(), 2);
    }

    #[test]
    fn concurrent_writers_write_complete_files_and_leave_no_draft() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.yaml");
        thread::scope(|scope| {
            for writer in 0..4_u8 {
                let path = &path;
                scope.spawn(move || {
                    for _ in 0..20 {
                        put(path, &vec![writer; 20_000]).unwrap();
                        let text = fs::read(path).unwrap();
                        assert!(text.len() == 20_000 && text.iter().all(|byte| *byte == text[0]));
                    }
                });
            }
        });
        assert_eq!(names(folder.path()), ["a.yaml"]);
    }

    #[test]
    fn refused_replacement_keeps_the_old_file_and_leaves_no_draft() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.yaml");
        fs::write(&path, b"old").unwrap();
        let no = || Err(FileWriteError { error: io::Error::other("no"), maybe_written: false });
        assert!(replace_file(&path, b"new", no).is_err());
        assert_eq!((fs::read(&path).unwrap(), names(folder.path()).len()), (b"old".to_vec(), 1));
    }
}
