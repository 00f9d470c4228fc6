//! A new file in the place of the old one.
//!
//! The new one is written beside the old one under one fixed name, so that however often a writer is killed at most
//! one file is left over. What must hold: nothing is written into a file that this writer did not make, for somebody
//! could have put a link there; two writers never write the same file; whoever reads, and whenever the machine stops,
//! there is a whole file.

use std::ffi::OsString;
use std::fmt;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

/// How often somebody else's hold on the name is looked at again.
const ATTEMPTS: u32 = 50;
/// The pause between two looks: a write takes milliseconds.
const ATTEMPT_PAUSE: Duration = Duration::from_millis(20);

/// Why a file was not written.
#[derive(Debug)]
pub struct FileWriteError {
    /// What the system said.
    pub error: io::Error,
    /// Whether the new file may be there all the same.
    pub maybe_written: bool,
}

impl fmt::Display for FileWriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the state file cannot be written: {}", self.error)
    }
}

impl std::error::Error for FileWriteError {}

/// Puts a new file in the place of the old one, if `still` says that the old one is still as it should be; nobody
/// else who writes this way does so in between.
///
/// # Errors
/// When the system or `still` refuses; the old file is still there then, or the new one as a whole.
pub fn replace_file<E: From<FileWriteError>>(
    path: &Path,
    text: &[u8],
    still: impl FnOnce() -> Result<(), E>,
) -> Result<(), E> {
    // A symlink stays one; what it leads to is replaced.
    let target = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let before = |error| E::from(FileWriteError { error, maybe_written: false });
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    let mut name = OsString::from(".");
    name.push(target.file_name().unwrap_or_default());
    name.push(".reseat-new");
    let mut draft = LockedDraft::create(folder.join(name)).map_err(before)?;
    still()?;
    draft.file.write_all(text).map_err(before)?;
    if let Ok(about) = fs::metadata(&target) {
        draft.file.set_permissions(about.permissions()).map_err(before)?;
    }
    draft.file.sync_all().map_err(before)?;
    fs::rename(&draft.path, &target).map_err(before)?;
    draft.is_renamed = true;
    sync_folder(folder).map_err(|error| E::from(FileWriteError { error, maybe_written: true }))
}

/// A new file that only this writer writes; the lock on it says so, and ends with the process.
struct LockedDraft {
    file: File,
    path: PathBuf,
    is_renamed: bool,
}

impl LockedDraft {
    fn create(path: PathBuf) -> io::Result<Self> {
        for attempt in 0..ATTEMPTS {
            match OpenOptions::new().write(true).create_new(true).open(&path) {
                // Somebody may have taken it for a leftover in the moment before it was locked.
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
        let message = format!("somebody else is writing `{}`", path.display());
        Err(io::Error::new(io::ErrorKind::WouldBlock, message))
    }
}

impl Drop for LockedDraft {
    fn drop(&mut self) {
        if !self.is_renamed {
            // What is left over is taken away by the next writer.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Takes away what a killed writer left; false where a living one is at it.
fn remove_leftover(path: &Path) -> io::Result<bool> {
    let gone = |error: io::Error| if error.kind() == io::ErrorKind::NotFound { Ok(true) } else { Err(error) };
    let about = match fs::symlink_metadata(path) {
        Ok(about) => about,
        Err(error) => return gone(error),
    };
    if !about.is_file() {
        // A link is taken away, and what it leads to is left alone.
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

/// Whether the open file is the one of that name.
#[cfg(unix)]
fn is_same_file(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    match (file.metadata(), fs::symlink_metadata(path)) {
        (Ok(open), Ok(there)) => (open.dev(), open.ino()) == (there.dev(), there.ino()),
        _ => false,
    }
}

#[cfg(not(unix))]
fn is_at(_: &File, path: &Path) -> bool {
    // Other systems do not let an open file be taken away.
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
    fn what_a_killed_writer_left_is_taken_away_and_not_written_into() {
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
    fn a_link_in_its_place_leads_nowhere() {
        let folder = tempfile::tempdir().unwrap();
        let (path, victim) = (folder.path().join("a.yaml"), folder.path().join("victim"));
        fs::write(&victim, b"precious").unwrap();
        std::os::unix::fs::symlink(&victim, folder.path().join(".a.yaml.reseat-new")).unwrap();
        put(&path, b"new").unwrap();
        assert_eq!((fs::read(&victim).unwrap(), fs::read(&path).unwrap()), (b"precious".to_vec(), b"new".to_vec()));
        assert_eq!(names(folder.path()).len(), 2);
    }

    #[test]
    fn writers_at_the_same_time_each_write_a_whole_file_and_leave_none() {
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
    fn whoever_says_no_leaves_the_old_file_and_nothing_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.yaml");
        fs::write(&path, b"old").unwrap();
        let no = || Err(FileWriteError { error: io::Error::other("no"), maybe_written: false });
        assert!(replace_file(&path, b"new", no).is_err());
        assert_eq!((fs::read(&path).unwrap(), names(folder.path()).len()), (b"old".to_vec(), 1));
    }
}
