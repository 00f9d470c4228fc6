//! `reseat import`: adds the current state of a tenant to the manifest, so that no seat changes.
//!
//! Planning after an import yields no new operations. Existing text stays byte for byte, a second import writes nothing, and
//! either all files are written or none.

mod additions;
mod files;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fs;
use std::path::{Path, PathBuf};

use similar::TextDiff;
use smol_str::SmolStr;

use self::additions::{ImportAdditions, ImportState};
use self::files::FileDraft;
use super::error::WorkflowError;
use super::exit::Exit;
use super::manifest::{self, Manifest};
use super::observe;
use super::schema;
use super::session::Session;
use crate::diagnostic::catalog::manifest as codes;
use crate::diagnostic::{FileId, Finding, Location};
use crate::env::Now;
use crate::manifest::edit::{ManifestEditor, NewEntry, new_file};
use crate::model::{Ensure, Observation};
use crate::report::escape::escape;
use crate::report::import::{self as import_report, ImportReport, ImportedFile};
use crate::report::json;

/// The schema file in the manifest's folder, for editors.
const SCHEMA_FILE: &str = "manifest.schema.json";

/// Adds the current state of a tenant to the manifest, or shows what would be added.
///
/// # Errors
/// If an input cannot be read or a file cannot be extended.
pub async fn import(
    tenant: &str,
    state: Option<&PathBuf>,
    out: Option<&Path>,
    dry_run: bool,
    now: Now,
    session: &mut Session<'_>,
) -> Result<Exit, WorkflowError> {
    let path = session.manifest_path(None)?;
    let (manifest, files) =
        observe::read_state_files_during(state.map(std::slice::from_ref).unwrap_or_default(), || {
            manifest::load(&path, None, now)
        });
    let manifest = manifest?;
    let tenant = &manifest.tenant(tenant)?.0.name;
    let mut observations = match state {
        Some(_) => observe::validate_state_files(&manifest, files)?,
        None => observe::observe_tenants(&manifest, std::slice::from_ref(tenant), session.read_access()).await?,
    };
    let Some(observation) = observations.remove(tenant) else {
        let message = format!("the state file belongs to another tenant than `{tenant}`");
        return Err(WorkflowError::message(Exit::Input, message));
    };
    let Imported { report, drafts } = prepare(&manifest, &observation, out, now)?;
    if !dry_run {
        files::write(&drafts)?;
    }
    if session.json {
        session.ui.print(&json::pretty(&report)?)?;
    } else if dry_run {
        for file in &report.files {
            let draft = drafts.iter().find(|draft| draft.path.to_string_lossy() == file.path);
            let before = draft.map_or(Cow::Borrowed(""), FileDraft::before);
            let name = escape(&file.path);
            let diff = TextDiff::from_lines(&*before, &file.text);
            session.ui.print(&diff.unified_diff().header(&name, &name).to_string())?;
        }
    }
    session.ui.print_stderr(&import_report::text(&report, dry_run));
    Ok(Exit::Done)
}

/// The result of an import before it is written.
struct Imported {
    report: ImportReport,
    drafts: Vec<FileDraft>,
}

/// Finds what the manifest does not contain of the state, and where to write it.
fn prepare(
    manifest: &Manifest,
    observation: &Observation,
    out: Option<&Path>,
    now: Now,
) -> Result<Imported, WorkflowError> {
    let tenant = &observation.tenant;
    let (_, rules) = manifest.tenant(tenant)?;
    let Some(desired) = manifest.desired.tenants.get(tenant) else { return Err(incomplete(tenant)) };
    if !observation.complete {
        return Err(incomplete(tenant));
    }
    let found =
        additions::find_additions(&ImportState { people: &manifest.desired.people, desired, rules, observation, now });
    let own = files::target_file(&manifest.path, tenant, out)?;
    let is_new = |license: &&SmolStr| !desired.entries.iter().any(|entry| entry.license == **license);
    let licenses = found.assignments.keys().filter(is_new).count() as u64;
    let people = found.assignments.values().map(|keys| keys.len() as u64).sum();
    let drafts = ManifestWriter::new(manifest, own).drafts(tenant, &found)?;
    let is_schema = |draft: &&FileDraft| draft.path.file_name().is_some_and(|name| name == SCHEMA_FILE);
    let schema = drafts.iter().find(is_schema).map(|draft| draft.path.to_string_lossy().into_owned());
    let files = drafts
        .iter()
        .filter(|draft| !is_schema(draft))
        .map(|draft| ImportedFile {
            path: draft.path.to_string_lossy().into_owned(),
            created: draft.old.is_none(),
            text: String::from_utf8_lossy(&draft.new).into_owned(),
        })
        .collect();
    let report = ImportReport { tenant: tenant.clone(), files, schema, licenses, people, left_out: found.left_out };
    Ok(Imported { report, drafts })
}

fn incomplete(tenant: &str) -> WorkflowError {
    let message = format!("the state of `{tenant}` is incomplete: people who are missing would lose their licenses");
    let finding = Finding::error(&codes::IMPORT_INCOMPLETE, message);
    WorkflowError::from_finding(Exit::Input, finding.help("import again when the state is complete"))
}

/// Writes additions into manifest files.
struct ManifestWriter<'a> {
    manifest: &'a Manifest,
    target: PathBuf,
    /// The id of the target file, if the manifest already has it.
    target_id: Option<FileId>,
}

impl<'a> ManifestWriter<'a> {
    fn new(manifest: &'a Manifest, own: PathBuf) -> Self {
        let real = own.canonicalize().ok();
        let is_own = |path: &Path| real.is_some() && path.canonicalize().ok() == real;
        let index = manifest.files.iter().position(|file| is_own(&file.path));
        let own_id = index.and_then(|index| u32::try_from(index).ok()).map(FileId);
        Self { manifest, target: own, target_id: own_id }
    }

    fn drafts(self, tenant: &SmolStr, found: &ImportAdditions) -> Result<Vec<FileDraft>, WorkflowError> {
        if found.assignments.is_empty() && found.people.is_empty() {
            return Ok(Vec::new());
        }
        let mut editors: BTreeMap<FileId, ManifestEditor<'a>> = BTreeMap::new();
        let mut entries = Vec::new();
        for (license, keys) in &found.assignments {
            let keys: Vec<SmolStr> = keys.iter().cloned().collect();
            if !self.add_to_entry(&mut editors, tenant, license, &keys) {
                let about = found.left_out.iter().filter(|left_out| left_out.license.as_ref() == Some(license));
                let comments = about.map(|left_out| {
                    let (count, message) = (left_out.people.len(), escape(&left_out.message));
                    format!("not included: {count} {message}")
                });
                let comments = comments.collect();
                entries.push(NewEntry { license: format!("{tenant}/{license}"), to: keys, comments });
            }
        }
        let fresh = new_file(&self.schema_path()?);
        let mut drafts = Vec::new();
        if !entries.is_empty() || !found.people.is_empty() {
            match self.target_id {
                Some(id) => {
                    let editor = match editors.remove(&id) {
                        Some(editor) => editor,
                        None => self.editor(id).ok_or_else(|| self.unsupported_layout(&self.target, &entries))?,
                    };
                    editors.insert(id, self.add(editor, &entries, found)?);
                }
                None => {
                    if self.target.symlink_metadata().is_ok() {
                        return Err(self.unsupported_layout(&self.target, &entries));
                    }
                    let editor =
                        ManifestEditor::new(&fresh).ok_or_else(|| self.unsupported_layout(&self.target, &entries))?;
                    let text = self.add(editor, &entries, found)?.finish();
                    let new = text.ok_or_else(|| self.unsupported_layout(&self.target, &entries))?.into_bytes();
                    drafts.push(FileDraft { path: self.target.clone(), old: None, new });
                    drafts.extend(self.schema_file()?);
                }
            }
        }
        for (id, editor) in editors {
            let Some(file) = self.manifest.files.get(id) else { continue };
            let text = editor.finish().ok_or_else(|| self.unsupported_layout(&file.path, &entries))?;
            if *text == *file.text {
                continue;
            }
            let old = fs::read(&file.path).map_err(|_| self.unsupported_layout(&file.path, &entries))?;
            let mark: &[u8] = if old.starts_with(b"\xef\xbb\xbf") { b"\xef\xbb\xbf" } else { b"" };
            // The file has another encoding, or was changed.
            if old[mark.len()..] != *file.text.as_bytes() {
                return Err(self.unsupported_layout(&file.path, &entries));
            }
            let new = [mark, text.as_bytes()].concat();
            drafts.push(FileDraft { path: file.path.clone(), old: Some(old), new });
        }
        drafts.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(drafts)
    }

    fn editor(&self, id: FileId) -> Option<ManifestEditor<'a>> {
        let file = self.manifest.files.get(id)?;
        if file.text.is_empty() { None } else { ManifestEditor::new(&file.text) }
    }

    /// Adds people to an existing entry that only has `license` and `to`. Returns false if there is none.
    fn add_to_entry(
        &self,
        editors: &mut BTreeMap<FileId, ManifestEditor<'a>>,
        tenant: &SmolStr,
        license: &SmolStr,
        keys: &[SmolStr],
    ) -> bool {
        let entries = self.manifest.desired.tenants.get(tenant).map(|tenant| tenant.entries.as_slice());
        let mut places: Vec<Location> = entries
            .unwrap_or_default()
            .iter()
            .filter(|entry| entry.license == *license && entry.ensure == Ensure::Present)
            .map(|entry| entry.source)
            .collect();
        places.sort();
        for place in places {
            let editor = match editors.entry(place.file) {
                Entry::Occupied(editor) => editor.into_mut(),
                Entry::Vacant(free) => match self.editor(place.file) {
                    Some(editor) => free.insert(editor),
                    None => continue,
                },
            };
            if editor.add_people(place, keys) {
                return true;
            }
        }
        false
    }

    fn add(
        &self,
        mut editor: ManifestEditor<'a>,
        entries: &[NewEntry],
        found: &ImportAdditions,
    ) -> Result<ManifestEditor<'a>, WorkflowError>
    where
        Self: Sized,
    {
        let is_open = editor.accepts_entries();
        let added = is_open
            && entries.iter().all(|entry| editor.add_entry(entry.clone()))
            && found.people.iter().all(|person| editor.add_person(person.clone()));
        if added { Ok(editor) } else { Err(self.unsupported_layout(&self.target, entries)) }
    }

    /// Returns the path of the schema relative to a new file.
    fn schema_path(&self) -> Result<String, WorkflowError> {
        let depth = match self.manifest.path.is_dir() {
            true => {
                files::relative_to_manifest(&self.manifest.path, &self.target)?.components().count().saturating_sub(1)
            }
            false => 0,
        };
        Ok(format!("{}{SCHEMA_FILE}", "../".repeat(depth)))
    }

    /// Returns the schema file, unless the manifest's folder has one.
    fn schema_file(&self) -> Result<Option<FileDraft>, WorkflowError> {
        let folder = files::manifest_folder(&self.manifest.path);
        let path = if folder == Path::new(".") { PathBuf::from(SCHEMA_FILE) } else { folder.join(SCHEMA_FILE) };
        if path.symlink_metadata().is_ok() {
            return Ok(None);
        }
        let text = schema::manifest_schema().map_err(|error| {
            let finding = Finding::error(&codes::FILE_UNWRITABLE, format!("serializing the schema failed: {error}"));
            WorkflowError::from_finding(Exit::Internal, finding)
        })?;
        Ok(Some(FileDraft { path, old: None, new: text.into_bytes() }))
    }

    /// Returns the error for a file that cannot be extended safely.
    fn unsupported_layout(&self, path: &Path, entries: &[NewEntry]) -> WorkflowError {
        let message = format!("cannot extend `{}` safely: unsupported layout", path.display());
        let licenses: Vec<&str> = entries.iter().map(|entry| entry.license.as_str()).collect();
        let help = if licenses.is_empty() {
            "write `assignments` as a block list with one entry per item".to_owned()
        } else {
            let licenses = licenses.join("`, `");
            format!("name another file with `--out FILE`, or add entries for `{licenses}` manually")
        };
        WorkflowError::from_finding(Exit::Input, Finding::error(&codes::IMPORT_UNSUPPORTED_FILE, message).help(help))
    }
}

#[cfg(test)]
mod tests;
