//! Loading: from a path to everything that the manifest says.
//!
//! Files are read in parallel and put together in the order of their names, so the result depends on nothing else.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::document_kind::is_observation;
use super::files::{DiscoveredFile, ManifestFolder, read_bytes};
use super::loaded::LoadedManifest;
use super::raw::{InvalidLocations, RawSections, TRUSTED_SECTIONS};
use super::resolve::{self, TenantsByName};
use super::schema::ManifestFile;
use super::sections::MergedSections;
use super::yaml::{self, YamlNode};
use crate::diagnostic::catalog::manifest as codes;
use crate::diagnostic::{FileId, Files, Finding, Severity, sort};
use crate::model::Digest;

/// The most bytes of all files together.
const TOTAL_BYTES_MAX: u64 = 1024 * 1024 * 1024;

/// Loads the manifest at that path: a file, or a folder.
///
/// What is wrong is in the findings, and left out of the rest; with an error among them the rest is good for
/// looking at and not for planning.
pub fn load(path: &Path) -> LoadedManifest {
    match ParsedManifest::read(path, LoadMode::Standalone, Files::default()) {
        Ok(gathered) => gathered.resolve(None).0,
        Err(loaded) => *loaded,
    }
}

/// What a manifest is read for.
#[derive(Clone, Copy)]
pub(super) enum LoadMode<'a> {
    /// It says everything.
    Standalone,
    /// Its tenants and its policy are to hold for the manifest at that path.
    Trusted(&'a Path),
    /// Tenants and policy are those of the manifest at that path.
    Reviewed(&'a Path),
}

/// All files of a manifest, read and put together.
pub(super) struct ParsedManifest {
    folder: ManifestFolder,
    sections: MergedSections,
    files: Files,
    digests: Vec<(String, Digest)>,
    findings: Vec<Finding>,
    /// What is written in the sections that a trusted manifest gives; nothing where it stands alone.
    pub(super) raw: RawSections,
}

impl ParsedManifest {
    /// Reads the files; they are added to `files`.
    ///
    /// # Errors
    /// Where nothing can be read, everything that is known of it.
    pub(super) fn read(path: &Path, role: LoadMode<'_>, mut files: Files) -> Result<Self, Box<LoadedManifest>> {
        let nothing = |findings, files| Box::new(LoadedManifest { findings, files, ..LoadedManifest::default() });
        let folder = match (ManifestFolder::open(path), role) {
            (Ok(folder), LoadMode::Standalone) => folder,
            (Ok(folder), LoadMode::Trusted(reviewed)) => folder.trusted().without(reviewed),
            (Ok(folder), LoadMode::Reviewed(trusted)) => folder.without(trusted),
            (Err(error), role) => {
                let message = format!("`{}` cannot be read: {error}", path.display());
                let help = match role {
                    LoadMode::Trusted(_) => "let `--trusted` name the manifest whose tenants and policy are to hold",
                    LoadMode::Standalone | LoadMode::Reviewed(_) => "name a manifest's file or folder",
                };
                return Err(nothing(vec![Finding::error(&codes::UNREADABLE, message).help(help)], files));
            }
        };
        let mut findings = Vec::new();
        let found = folder.files(path, &mut findings);
        let total: u64 = found.iter().filter_map(|file| fs::metadata(&file.path).ok()).map(|data| data.len()).sum();
        if total > TOTAL_BYTES_MAX {
            let message = format!("the manifest's files are larger than {} MiB together", TOTAL_BYTES_MAX >> 20);
            findings.push(Finding::error(&codes::LIMIT_EXCEEDED, message));
            return Err(nothing(findings, files));
        }
        let mut digests = Vec::new();
        let mut sections = MergedSections::default();
        let mut written = RawSections::default();
        let mut some = false;
        let read = read_files(&found, files.next_id(), role);
        for (file, read) in found.into_iter().zip(read) {
            let id = files.add(Arc::clone(&file.name), file.path, Arc::clone(&read.text));
            written.add(&read.trusted_sections, &read.text, &InvalidLocations::from_findings(&read.ignored_faults));
            findings.extend(read.findings);
            findings.extend(read.ignored_faults.into_iter().map(downgrade));
            if let Some(digest) = read.digest {
                digests.push((file.name.to_string(), digest));
            }
            if let Some(manifest) = read.manifest {
                some = true;
                sections.add(*manifest, id, &files, &mut findings);
            }
        }
        if !some && findings.is_empty() {
            let message = format!("`{}` holds no manifest", path.display());
            let help = "write one, or let `reseat init` write one";
            findings.push(Finding::error(&codes::UNREADABLE, message).help(help));
        }
        Ok(Self { folder, sections, files, digests, findings, raw: written })
    }

    /// Looks all names up; `tenants` are those of a trusted manifest. The digests are those of the files, not sorted.
    pub(super) fn resolve(self, tenants: Option<TenantsByName>) -> (LoadedManifest, Vec<(String, Digest)>) {
        let Self { folder, sections, files, mut digests, findings, raw: _ } = self;
        let mut loaded = resolve::resolve(sections, tenants, files, &folder, &mut digests, findings);
        loaded.digest = digest(&mut digests);
        sort(&mut loaded.findings);
        (loaded, digests)
    }
}

/// The digest over names and contents of files.
pub(super) fn digest(digests: &mut [(String, Digest)]) -> Digest {
    digests.sort();
    // A list of texts has a JSON form.
    Digest::of_json(&digests).unwrap_or_else(|_| Digest::of_bytes(b""))
}

/// A fault in a section that is not in force: told, and nothing follows from it.
fn downgrade(mut fault: Finding) -> Finding {
    fault.severity = Severity::Warning;
    fault.related("tenants and policy are those of the trusted folder, so this stops nothing", None)
}

/// One file after reading.
struct ParsedFile {
    text: Arc<str>,
    digest: Option<Digest>,
    manifest: Option<Box<ManifestFile>>,
    findings: Vec<Finding>,
    /// Where a trusted manifest has a part in it: the sections that it gives, and what is wrong with those that are not
    /// in force.
    trusted_sections: Vec<(YamlNode, YamlNode)>,
    ignored_faults: Vec<Finding>,
}

impl ParsedFile {
    fn empty() -> Self {
        Self {
            text: Arc::from(""),
            digest: None,
            manifest: None,
            findings: Vec::new(),
            trusted_sections: Vec::new(),
            ignored_faults: Vec::new(),
        }
    }
}

/// Reads all files on as many threads as there are processors; the results are in the order of the files.
fn read_files(found: &[DiscoveredFile], first: FileId, role: LoadMode<'_>) -> Vec<ParsedFile> {
    let next = AtomicUsize::new(0);
    let results: Vec<Mutex<Option<ParsedFile>>> = found.iter().map(|_| Mutex::new(None)).collect();
    let work = || {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(file) = found.get(index) else { break };
            let id = FileId(u32::try_from(index).unwrap_or(u32::MAX).saturating_add(first.0));
            let read = read_file(file, id, role);
            *results[index].lock().unwrap_or_else(PoisonError::into_inner) = Some(read);
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(found.len());
    if threads < 2 {
        work();
    } else {
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(work);
            }
        });
    }
    let taken = results.into_iter().map(|cell| cell.into_inner().unwrap_or_else(PoisonError::into_inner));
    taken.map(|read| read.unwrap_or_else(ParsedFile::empty)).collect()
}

fn read_file(file: &DiscoveredFile, id: FileId, role: LoadMode<'_>) -> ParsedFile {
    let mut read = ParsedFile::empty();
    let Some(bytes) = read_bytes(&file.path, &file.name, &mut read.findings) else { return read };
    let Some(text) = yaml::decode_text(&bytes, &file.name, &mut read.findings) else { return read };
    if is_observation(text) {
        read.findings.clear();
        return read;
    }
    let before = read.findings.len();
    let manifest: Option<ManifestFile> = match role {
        LoadMode::Standalone => yaml::read(text, id, &file.name, &mut read.findings),
        LoadMode::Trusted(_) | LoadMode::Reviewed(_) => {
            let sections = (&TRUSTED_SECTIONS[..], matches!(role, LoadMode::Trusted(_)));
            let parted = yaml::read_split(text, (id, &file.name), sections, &mut read.findings);
            (read.trusted_sections, read.ignored_faults) = (parted.sections, parted.faults);
            parted.value
        }
    };
    if manifest.is_none() && read.findings.len() == before {
        // Nothing is in it.
        return read;
    }
    read.digest = Some(Digest::of_bytes(&bytes));
    read.text = Arc::from(text);
    read.manifest = manifest.map(Box::new);
    read
}
