//! `reseat codeowners`: generates the CODEOWNERS file from the manifest's `owners`, and checks that it is current.
//!
//! A manifest assigns owners to tenants and licenses, a forge to paths. reseat only changes the lines between its markers,
//! which must come last because the last matching line counts. Nothing outside the repository is read or written, even if
//! a pull request adds links.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use smol_str::SmolStr;

use super::atomic_file;
use super::error::WorkflowError;
use super::exit::Exit;
use super::manifest;
use super::session::Session;
use crate::diagnostic::catalog::manifest as codes;
use crate::diagnostic::{FileId, Finding, Source, has_error, portable_name};
use crate::manifest::{LoadedManifest, OwnershipRule, is_codeowners_literal};
use crate::report::escape::escape;
use crate::report::json;

/// Paths of the file that forges support.
const CODEOWNERS_PATHS: [&str; 4] = [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS"];
/// Prefixes of the first and last line of the generated section.
const BEGIN_MARKER: &str = "# reseat begin";
const END_MARKER: &str = "# reseat end";
/// The largest file that GitHub reads.
const FILE_MAX_BYTES: u64 = 3 << 20;
/// Most parent folders that are searched for the repository.
const ANCESTORS_MAX: usize = 64;

/// Prints the generated section, or writes it into the CODEOWNERS files of the repository.
///
/// # Errors
/// If the manifest is invalid or has no owners, or a file cannot be written.
pub fn codeowners(
    path: Option<&Path>,
    root: Option<&Path>,
    writes: bool,
    session: &mut Session<'_>,
) -> Result<Exit, WorkflowError> {
    let path = session.manifest_path(path)?;
    let loaded = manifest::check(&path, None, session.now());
    if has_error(&loaded.findings) {
        return Err(WorkflowError::new(Exit::Input, loaded.findings, loaded.files));
    }
    if loaded.owners.is_empty() && !writes {
        return Err(WorkflowError::message(Exit::Input, "the manifest has no `owners`")
            .with_help("write `owners: [{ tenants: [TENANT], owners: [\"@TEAM\"] }]`"));
    }
    let root = find_root(&path, root);
    if writes {
        for path in write(&loaded, &root)? {
            session.ui.print_stderr(&format!("wrote {}\n", escape(&path.to_string_lossy())));
        }
        return Ok(Exit::Done);
    }
    let (section, findings) = generate_section(&loaded, &root);
    if !findings.is_empty() {
        return Err(WorkflowError::new(Exit::Input, findings, loaded.files));
    }
    if session.json {
        session.ui.print(&json::pretty(&serde_json::json!({ "codeowners": section }))?)?;
    } else {
        session.ui.print(&section)?;
    }
    Ok(Exit::Done)
}

/// Returns the root of the repository: `root`, or the nearest parent folder with Git or CODEOWNERS files.
pub fn find_root(manifest: &Path, given: Option<&Path>) -> PathBuf {
    if let Some(given) = given {
        return given.to_owned();
    }
    let folder = if manifest.is_dir() { manifest } else { manifest.parent().unwrap_or(Path::new("")) };
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let Ok(real) = folder.canonicalize() else { return folder.to_owned() };
    let is_root = |folder: &&Path| {
        folder.join(".git").exists() || CODEOWNERS_PATHS.iter().any(|place| folder.join(place).exists())
    };
    real.ancestors().take(ANCESTORS_MAX).find(is_root).unwrap_or(&real).to_owned()
}

/// Generates the section with its markers, and findings for paths that cannot be written.
pub fn generate_section(loaded: &LoadedManifest, root: &Path) -> (String, Vec<Finding>) {
    let mut findings = Vec::new();
    let names = RepositoryPaths::new(loaded, root);
    // Merges the owners of duplicate paths, because the last line would override the others.
    let mut written: Vec<(String, BTreeSet<SmolStr>)> = Vec::new();
    for ownership in &loaded.owners {
        for path in &ownership.paths {
            let pattern = names.pattern(path.at.file, &path.value);
            match written.iter_mut().find(|(other, _)| *other == pattern) {
                Some((_, owners)) => owners.extend(ownership.owners.iter().cloned()),
                None => written.push((pattern, ownership.owners.iter().cloned().collect())),
            }
        }
    }
    let mut files: BTreeMap<String, BTreeSet<SmolStr>> = BTreeMap::new();
    for ownership in &loaded.owners {
        for file in owned_files(loaded, ownership) {
            let Some(name) = names.file(file) else { continue };
            if !name.chars().all(is_codeowners_literal) {
                let message = format!("CODEOWNERS cannot contain the file name `{name}`");
                let source = loaded.files.get(file).map(|file| Source { file: file.name.clone(), line: 1, column: 1 });
                let help = "rename the file without spaces, `#`, `!`, `*`, `?`, `[`, `]` and `\\`";
                findings.push(Finding::error(&codes::INVALID_OWNER, message).help(help).at(source));
                continue;
            }
            files.entry(format!("/{name}")).or_default().extend(ownership.owners.iter().cloned());
        }
    }
    let mut text = format!(
        "{BEGIN_MARKER}: written by `reseat codeowners --write` from `owners`; the last matching line counts\n"
    );
    for (pattern, owners) in written.into_iter().chain(files) {
        let owners: Vec<_> = owners.iter().map(SmolStr::as_str).collect();
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{pattern} {}", owners.join(" "));
    }
    text.push_str(END_MARKER);
    text.push('\n');
    (text, findings)
}

/// Returns the files that define or mention what is owned.
fn owned_files(loaded: &LoadedManifest, ownership: &OwnershipRule) -> BTreeSet<FileId> {
    let is_tenant = |name: &str| ownership.tenants.iter().any(|tenant| tenant == name);
    let mut files = BTreeSet::new();
    for (name, tenant) in &loaded.desired.tenants {
        if is_tenant(name) {
            files.insert(tenant.settings.source.file);
        }
        for entry in &tenant.entries {
            let names = |license: &SmolStr| {
                ownership.licenses.iter().any(|owned| owned.tenant == *name && owned.license == *license)
            };
            if is_tenant(name) || names(&entry.license) || entry.alternatives.iter().any(names) {
                files.insert(entry.source.file);
            }
        }
    }
    let acknowledged = loaded.desired.acknowledgements.iter().filter(|one| is_tenant(&one.tenant));
    files.extend(acknowledged.map(|one| one.source.file));
    let waived = loaded.policy.waivers.iter().filter(|waiver| {
        let license = waiver.scope.license.as_ref();
        waiver.scope.tenant.as_deref().is_some_and(is_tenant)
            || license.is_some_and(|license| is_tenant(&license.tenant) || ownership.licenses.contains(license))
    });
    let waiver_files: BTreeSet<&str> =
        waived.filter_map(|waiver| waiver.source.as_ref()).map(|source| &*source.file).collect();
    let named = (0..).zip(loaded.files.iter()).filter(|(_, file)| waiver_files.contains(&*file.name));
    files.extend(named.map(|(index, _)| FileId(index)));
    files
}

/// Paths relative to the root of the repository.
struct RepositoryPaths<'a> {
    loaded: &'a LoadedManifest,
    root: PathBuf,
}

impl<'a> RepositoryPaths<'a> {
    fn new(loaded: &'a LoadedManifest, root: &Path) -> Self {
        Self { loaded, root: root.canonicalize().unwrap_or_else(|_| root.to_owned()) }
    }

    /// Returns the folder of a file; `None` for a file outside, such as a trusted manifest.
    fn folder(&self, file: FileId) -> Option<String> {
        let path = &self.loaded.files.get(file)?.path;
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let real = parent.canonicalize().ok()?;
        real.starts_with(&self.root).then(|| portable_name(&self.root, &real))
    }

    fn file(&self, file: FileId) -> Option<String> {
        let name = self.loaded.files.get(file)?.path.file_name()?.to_string_lossy().into_owned();
        let folder = self.folder(file)?;
        Some(if folder.is_empty() { name } else { format!("{folder}/{name}") })
    }

    /// Returns a path of a manifest file relative to the root.
    fn pattern(&self, file: FileId, path: &str) -> String {
        if path.starts_with('/') {
            return path.to_owned();
        }
        let path = path.trim_start_matches("./");
        match self.folder(file).as_deref() {
            None | Some("") => format!("/{path}"),
            Some(folder) => format!("/{folder}/{path}"),
        }
    }
}

/// Checks that the CODEOWNERS files of the repository contain the current section.
pub fn check(loaded: &LoadedManifest, root: &Path) -> Vec<Finding> {
    let (part, mut findings) = generate_section(loaded, root);
    let has_owners = !loaded.owners.is_empty();
    let mut exists = false;
    let stale = |place: &str, message: String| {
        let source = Source { file: place.into(), line: 1, column: 1 };
        Finding::error(&codes::CODEOWNERS_OUTDATED, message).help("run `reseat codeowners --write`").at(source)
    };
    for place in CODEOWNERS_PATHS {
        match read_file(&root.join(place)) {
            Ok(None) => {}
            Ok(Some(text)) => {
                exists = true;
                let found = CodeownersFile::parse(&text);
                if found.section.is_none() && !has_owners {
                    continue;
                }
                let wanted = has_owners.then_some(part.as_str());
                if found.section.as_deref() != wanted {
                    findings.push(stale(place, format!("`{place}` does not match the manifest's `owners`")));
                }
                if found.is_overridden {
                    let message = format!("a line after the generated section of `{place}` overrides it");
                    let source = Source { file: place.into(), line: 1, column: 1 };
                    let help = "move the line above `# reseat begin`";
                    findings.push(Finding::error(&codes::CODEOWNERS_OUTDATED, message).help(help).at(source));
                }
            }
            Err(error) => {
                exists = true;
                findings.push(stale(place, format!("cannot read `{place}`: {error}")));
            }
        }
    }
    if has_owners && !exists {
        findings.push(stale(
            CODEOWNERS_PATHS[1],
            "the manifest has `owners`, but the repository has no CODEOWNERS file".to_owned(),
        ));
    }
    findings
}

/// A CODEOWNERS file, split at the markers.
struct CodeownersFile {
    prefix: String,
    section: Option<String>,
    suffix: String,
    /// Whether a line after the section overrides it.
    is_overridden: bool,
}

impl CodeownersFile {
    fn parse(text: &str) -> Self {
        let mut found = Self { prefix: String::new(), section: None, suffix: String::new(), is_overridden: false };
        let mut inside = false;
        for line in text.split_inclusive('\n') {
            if found.section.is_none() && line.starts_with(BEGIN_MARKER) {
                inside = true;
            }
            if inside {
                found.section.get_or_insert_default().push_str(line);
                inside = !line.starts_with(END_MARKER);
            } else if found.section.is_none() {
                found.prefix.push_str(line);
            } else {
                let word = line.trim();
                found.is_overridden |= !word.is_empty() && !word.starts_with('#');
                found.suffix.push_str(line);
            }
        }
        found
    }
}

/// Returns the text of a file, if it exists.
fn read_file(path: &Path) -> io::Result<Option<String>> {
    match fs::symlink_metadata(path) {
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(error) => return Err(error),
        Ok(about) if !about.is_file() => return Err(io::Error::other("not a regular file")),
        Ok(about) if about.len() > FILE_MAX_BYTES => return Err(io::Error::other("too large")),
        Ok(_) => {}
    }
    let mut text = String::new();
    fs::File::open(path)?.take(FILE_MAX_BYTES).read_to_string(&mut text)?;
    Ok(Some(text))
}

/// Writes the section into every existing CODEOWNERS file, and returns the changed files.
fn write(loaded: &LoadedManifest, root: &Path) -> Result<Vec<PathBuf>, WorkflowError> {
    let (part, findings) = generate_section(loaded, root);
    if !findings.is_empty() {
        return Err(WorkflowError::new(Exit::Input, findings, loaded.files.clone()));
    }
    let failed = |path: &Path, error: io::Error| {
        let message = format!("cannot update `{}`: {error}", path.display());
        let help = "check the file and its permissions";
        WorkflowError::from_finding(Exit::Internal, Finding::error(&codes::CODEOWNERS_OUTDATED, message).help(help))
    };
    let mut existing = Vec::new();
    for place in CODEOWNERS_PATHS {
        let path = root.join(place);
        if let Some(text) = read_file(&path).map_err(|error| failed(&path, error))? {
            existing.push((path, text));
        }
    }
    if existing.is_empty() {
        let place = if root.join(".github").is_dir() { CODEOWNERS_PATHS[0] } else { CODEOWNERS_PATHS[1] };
        existing.push((root.join(place), String::new()));
    }
    let mut written = Vec::new();
    for (path, text) in existing {
        let found = CodeownersFile::parse(&text);
        let gap = if found.prefix.is_empty() || found.prefix.ends_with('\n') { "" } else { "\n" };
        let new = format!("{}{gap}{part}{}", found.prefix, found.suffix);
        if new != text {
            replace_file(root, &path, &new).map_err(|error| failed(&path, error))?;
            written.push(path);
        }
    }
    Ok(written)
}

/// Writes a file of the repository, but not through a link that leads outside.
fn replace_file(root: &Path, path: &Path, text: &str) -> io::Result<()> {
    let folder = path.parent().unwrap_or(root);
    if !folder.canonicalize()?.starts_with(root.canonicalize()?) {
        return Err(io::Error::other("it is outside the repository"));
    }
    let permissions = fs::metadata(path).map(|metadata| metadata.permissions()).ok();
    atomic_file::replace(path, text.as_bytes(), permissions)
}
