//! Files that are written completely or not at all.

use std::fs::Permissions;
use std::io::{self, Write as _};
use std::path::Path;

/// Writes a file and renames it over `path`, which is never followed if it is a link. Without `permissions` the file is
/// private.
pub(super) fn replace(path: &Path, bytes: &[u8], permissions: Option<Permissions>) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new().prefix(".reseat-").tempfile_in(folder)?;
    file.write_all(bytes)?;
    if let Some(permissions) = permissions {
        file.as_file().set_permissions(permissions)?;
    }
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}
