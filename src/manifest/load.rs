//! Loading: from a path to everything that the manifest says.
//!
//! Files are read in parallel and put together in the order of their names, so the result depends on nothing else.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::Loaded;
use super::files::{Folder, Found};
use super::kind::is_observation;
use super::resolve;
use super::schema::ManifestFile;
use super::sections::Sections;
use super::yaml;
use crate::diagnostic::catalog::manifest as codes;
use crate::diagnostic::{FileId, Files, Finding, Source, sort};
use crate::model::Digest;

/// The most bytes of all files together.
const TOTAL_MAX_BYTES: u64 = 1024 * 1024 * 1024;

/// Loads the manifest at that path: a file, or a folder.
///
/// What is wrong is in the findings, and left out of the rest; with an error among them the rest is good for
/// looking at and not for planning.
pub fn load(path: &Path) -> Loaded {
    let mut findings = Vec::new();
    let folder = match Folder::of(path) {
        Ok(folder) => folder,
        Err(error) => {
            let message = format!("`{}` cannot be read: {error}", path.display());
            let finding = Finding::error(&codes::UNREADABLE, message).help("name a manifest's file or folder");
            return Loaded { findings: vec![finding], ..Loaded::default() };
        }
    };
    let found = folder.files(path, &mut findings);
    let total: u64 = found.iter().filter_map(|file| fs::metadata(&file.path).ok()).map(|data| data.len()).sum();
    if total > TOTAL_MAX_BYTES {
        let message = format!("the manifest's files are larger than {} MiB together", TOTAL_MAX_BYTES >> 20);
        findings.push(Finding::error(&codes::LIMIT, message));
        return Loaded { findings, ..Loaded::default() };
    }
    let mut files = Files::default();
    let mut digests = Vec::new();
    let mut sections = Sections::default();
    let mut some = false;
    let read = read_all(&found);
    for (file, read) in found.into_iter().zip(read) {
        let id = files.add(Arc::clone(&file.name), file.path, read.text);
        findings.extend(read.findings);
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
    let mut loaded = resolve::resolve(sections, files, &folder, &mut digests, findings);
    digests.sort();
    // A list of texts has a JSON form.
    loaded.digest = Digest::of_json(&digests).unwrap_or_else(|_| Digest::of_bytes(b""));
    sort(&mut loaded.findings);
    loaded
}

/// One file after reading.
struct Read {
    text: Arc<str>,
    digest: Option<Digest>,
    manifest: Option<Box<ManifestFile>>,
    findings: Vec<Finding>,
}

/// Reads all files on as many threads as there are processors; the results are in the order of the files.
fn read_all(found: &[Found]) -> Vec<Read> {
    let next = AtomicUsize::new(0);
    let results: Vec<Mutex<Option<Read>>> = found.iter().map(|_| Mutex::new(None)).collect();
    let work = || {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(file) = found.get(index) else { break };
            let id = FileId(u32::try_from(index).unwrap_or(u32::MAX));
            let read = read(file, id);
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
    let nothing = || Read { text: Arc::from(""), digest: None, manifest: None, findings: Vec::new() };
    let taken = results.into_iter().map(|cell| cell.into_inner().unwrap_or_else(PoisonError::into_inner));
    taken.map(|read| read.unwrap_or_else(nothing)).collect()
}

fn read(file: &Found, id: FileId) -> Read {
    let mut read = Read { text: Arc::from(""), digest: None, manifest: None, findings: Vec::new() };
    let Some(bytes) = bytes(&file.path, &file.name, &mut read.findings) else { return read };
    let Some(text) = yaml::decode(&bytes, &file.name, &mut read.findings) else { return read };
    if is_observation(text) {
        read.findings.clear();
        return read;
    }
    let before = read.findings.len();
    let manifest: Option<ManifestFile> = yaml::read(text, id, &file.name, &mut read.findings);
    if manifest.is_none() && read.findings.len() == before {
        // Nothing is in it.
        return read;
    }
    read.digest = Some(Digest::of_bytes(&bytes));
    read.text = Arc::from(text);
    read.manifest = manifest.map(Box::new);
    read
}

/// The bytes of a file, up to the limit.
pub(super) fn bytes(path: &Path, name: &Arc<str>, findings: &mut Vec<Finding>) -> Option<Vec<u8>> {
    let read = || -> io::Result<Option<Vec<u8>>> {
        let file = File::open(path)?;
        let size = file.metadata()?.len();
        if size > yaml::FILE_MAX_BYTES {
            return Ok(None);
        }
        let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or_default() + 1);
        file.take(yaml::FILE_MAX_BYTES + 1).read_to_end(&mut bytes)?;
        Ok(Some(bytes))
    };
    match read() {
        Ok(Some(bytes)) => Some(bytes),
        Ok(None) => {
            findings.push(yaml::too_large(name));
            None
        }
        Err(error) => {
            let source = Source { file: Arc::clone(name), line: 1, column: 1 };
            findings.push(Finding::error(&codes::UNREADABLE, format!("the file cannot be read: {error}")).at(source));
            None
        }
    }
}
