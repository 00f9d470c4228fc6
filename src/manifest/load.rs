//! Loads a manifest from a path.
//!
//! Files are parsed in parallel and merged in the order of their names, so the result depends on nothing else.

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

/// The maximum size of all files in total.
const TOTAL_BYTES_MAX: u64 = 1024 * 1024 * 1024;

/// Loads the manifest at a path: a file or a folder.
///
/// Invalid parts are reported as findings and left out. With an error among them, the result is fit to inspect, not to plan.
pub fn load(path: &Path) -> LoadedManifest {
    match ParsedManifest::read(path, LoadMode::Standalone, Files::default()) {
        Ok(parsed) => parsed.resolve(None).0,
        Err(loaded) => *loaded,
    }
}

/// The role of a manifest.
#[derive(Clone, Copy)]
pub(super) enum LoadMode<'a> {
    /// It provides everything.
    Standalone,
    /// It provides tenants and policy for the manifest at that path.
    Trusted(&'a Path),
    /// The manifest at that path provides tenants and policy.
    Reviewed(&'a Path),
}

/// All files of a manifest, parsed and merged.
pub(super) struct ParsedManifest {
    folder: ManifestFolder,
    sections: MergedSections,
    files: Files,
    digests: Vec<(String, Digest)>,
    findings: Vec<Finding>,
    /// The raw sections that a trusted manifest provides; empty for a standalone manifest.
    pub(super) raw: RawSections,
}

impl ParsedManifest {
    /// Parses the files and adds them to `files`.
    ///
    /// # Errors
    /// If the path is unreadable or too large; the result contains only findings.
    pub(super) fn read(path: &Path, role: LoadMode<'_>, mut files: Files) -> Result<Self, Box<LoadedManifest>> {
        let failed = |findings, files| Box::new(LoadedManifest { findings, files, ..LoadedManifest::default() });
        let folder = match (ManifestFolder::open(path), role) {
            (Ok(folder), LoadMode::Standalone) => folder,
            (Ok(folder), LoadMode::Trusted(reviewed)) => folder.trusted().without(reviewed),
            (Ok(folder), LoadMode::Reviewed(trusted)) => folder.without(trusted),
            (Err(error), role) => {
                let message = format!("`{}` is unreadable: {error}", path.display());
                let help = match role {
                    LoadMode::Trusted(_) => "pass the manifest that provides tenants and policy to `--trusted`",
                    LoadMode::Standalone | LoadMode::Reviewed(_) => "pass a manifest file or folder",
                };
                return Err(failed(vec![Finding::error(&codes::UNREADABLE, message).help(help)], files));
            }
        };
        let mut findings = Vec::new();
        let found = folder.files(path, &mut findings);
        let total: u64 = found.iter().filter_map(|file| fs::metadata(&file.path).ok()).map(|data| data.len()).sum();
        if total > TOTAL_BYTES_MAX {
            let message = format!("the manifest's files exceed {} MiB in total", TOTAL_BYTES_MAX >> 20);
            findings.push(Finding::error(&codes::LIMIT_EXCEEDED, message));
            return Err(failed(findings, files));
        }
        let mut digests = Vec::new();
        let mut sections = MergedSections::default();
        let mut raw = RawSections::default();
        let mut is_manifest = false;
        let read = read_files(&found, files.next_id(), role);
        for (file, read) in found.into_iter().zip(read) {
            let id = files.add(Arc::clone(&file.name), file.path, Arc::clone(&read.text));
            raw.add(&read.trusted_sections, &read.text, &InvalidLocations::from_findings(&read.ignored_faults));
            findings.extend(read.findings);
            findings.extend(read.ignored_faults.into_iter().map(downgrade));
            if let Some(digest) = read.digest {
                digests.push((file.name.to_string(), digest));
            }
            if let Some(manifest) = read.manifest {
                is_manifest = true;
                sections.add(*manifest, id, &files, &mut findings);
            }
        }
        if !is_manifest && findings.is_empty() {
            let message = format!("`{}` contains no manifest", path.display());
            let help = "run `reseat init` to create one";
            findings.push(Finding::error(&codes::UNREADABLE, message).help(help));
        }
        Ok(Self { folder, sections, files, digests, findings, raw })
    }

    /// Resolves names, with the tenants of a trusted manifest if given. Returns the digests of the files, unsorted.
    pub(super) fn resolve(self, tenants: Option<TenantsByName>) -> (LoadedManifest, Vec<(String, Digest)>) {
        let Self { folder, sections, files, mut digests, findings, raw: _ } = self;
        let mut loaded = resolve::resolve(sections, tenants, files, &folder, &mut digests, findings);
        loaded.digest = digest(&mut digests);
        sort(&mut loaded.findings);
        (loaded, digests)
    }
}

/// Returns the digest of the names and contents of files.
pub(super) fn digest(digests: &mut [(String, Digest)]) -> Digest {
    digests.sort();
    Digest::of_json(&digests).unwrap_or_else(|_| Digest::of_bytes(b""))
}

/// Makes a fault in an ignored section a warning.
fn downgrade(mut fault: Finding) -> Finding {
    fault.severity = Severity::Warning;
    fault.related("ignored: tenants and policy come from the trusted folder", None)
}

/// One parsed file.
struct ParsedFile {
    text: Arc<str>,
    digest: Option<Digest>,
    manifest: Option<Box<ManifestFile>>,
    findings: Vec<Finding>,
    /// The raw sections that a trusted manifest provides.
    trusted_sections: Vec<(YamlNode, YamlNode)>,
    /// The faults in ignored sections.
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

/// Parses all files in parallel; returns the results in the order of the files.
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
        // The file is empty.
        return read;
    }
    read.digest = Some(Digest::of_bytes(&bytes));
    read.text = Arc::from(text);
    read.manifest = manifest.map(Box::new);
    read
}
