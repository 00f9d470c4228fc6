//! The sections of all files, merged; a duplicate key is an error.

use std::collections::BTreeMap;

use smol_str::SmolStr;

use super::schema::{
    AcknowledgementEntry, ApprovalEntry, AssignmentEntry, DirectoryEntry, GroupEntry, LayerEntry, ManifestFile,
    OwnerEntry, PersonEntry, PolicyEntry, TeamEntry, TenantEntry, WaiverEntry,
};
use super::yaml::{LenientList, Located, NamedEntries, OptionalField};
use crate::diagnostic::catalog::manifest as codes;
use crate::diagnostic::{FileId, Files, Finding, Location};
use crate::model::API_VERSION;

/// A section with named entries; an invalid entry has been reported and is `None`.
pub(super) type NamedSection<T> = BTreeMap<SmolStr, (Location, Option<T>)>;

/// The sections of all files.
#[derive(Default)]
pub(super) struct MergedSections {
    pub(super) tenants: NamedSection<TenantEntry>,
    pub(super) people: NamedSection<PersonEntry>,
    pub(super) directory: Vec<DirectoryEntry>,
    pub(super) groups: NamedSection<GroupEntry>,
    pub(super) assignments: Vec<Located<AssignmentEntry>>,
    pub(super) acknowledgements: Vec<Located<AcknowledgementEntry>>,
    /// The policy without its layers.
    pub(super) policy: PolicyEntry,
    pub(super) tenant_layers: NamedSection<LayerEntry>,
    pub(super) teams: NamedSection<TeamEntry>,
    pub(super) waivers: Vec<Located<WaiverEntry>>,
    pub(super) approvals: Vec<Located<ApprovalEntry>>,
    pub(super) owners: Vec<Located<OwnerEntry>>,
}

impl MergedSections {
    /// Adds the sections of a file; reports duplicate keys.
    pub(super) fn add(&mut self, file: ManifestFile, id: FileId, files: &Files, findings: &mut Vec<Finding>) {
        check_version(&file.api_version, id, files, findings);
        let mut merge = Merge { files, findings };
        merge.entries(&mut self.tenants, file.tenants.into_inner());
        merge.entries(&mut self.people, file.people.into_inner());
        merge.entries(&mut self.groups, file.groups.into_inner());
        self.directory.extend(file.directory.into_items());
        self.assignments.extend(file.assignments.into_items());
        self.acknowledgements.extend(file.acknowledgements.into_items());
        self.waivers.extend(file.waivers.into_items());
        self.approvals.extend(file.approvals.into_items());
        self.owners.extend(file.owners.into_items());
        if let Some(policy) = file.policy.into_inner() {
            let PolicyEntry { tenants, teams, .. } = merge.policy(&mut self.policy, policy.value);
            merge.entries(&mut self.tenant_layers, tenants.into_inner());
            merge.entries(&mut self.teams, teams.into_inner());
        }
    }
}

/// Merges sections and reports duplicate keys.
struct Merge<'a> {
    files: &'a Files,
    findings: &'a mut Vec<Finding>,
}

impl Merge<'_> {
    /// Merges the policy of another file; returns what is left of it: its layers.
    fn policy(&mut self, all: &mut PolicyEntry, mut more: PolicyEntry) -> PolicyEntry {
        self.once(all.limits.slot(), more.limits.slot(), "limits");
        self.once(all.protect.slot(), more.protect.slot(), "protect");
        self.once(all.data_loss.slot(), more.data_loss.slot(), "data_loss");
        self.once(all.last_holder.slot(), more.last_holder.slot(), "last_holder");
        self.once(all.seats.slot(), more.seats.slot(), "seats");
        self.once(all.expiring.slot(), more.expiring.slot(), "expiring");
        self.once(all.age.slot(), more.age.slot(), "age");
        self.once(all.budget.slot(), more.budget.slot(), "budget");
        self.once(all.freeze.slot(), more.freeze.slot(), "freeze");
        self.once(all.require.slot(), more.require.slot(), "require");
        self.once(all.approvers.slot(), more.approvers.slot(), "approvers");
        append(all.rules.slot(), more.rules.slot());
        append(all.exclude.slot(), more.exclude.slot());
        append(all.licenses.slot(), more.licenses.slot());
        append(all.need.slot(), more.need.slot());
        more
    }

    fn entries<T>(&mut self, all: &mut NamedSection<T>, more: Option<Located<NamedEntries<T>>>) {
        for (key, value) in more.into_iter().flat_map(|entries| entries.value.0) {
            match all.get(&key.value) {
                Some((first, _)) => self.findings.push(duplicate_key(&key.value, key.at, *first, self.files)),
                None => drop(all.insert(key.value, (key.at, value))),
            }
        }
    }

    fn once<T>(&mut self, all: &mut Option<Located<T>>, more: &mut Option<Located<T>>, key: &str) {
        match (all.as_ref(), more.take()) {
            (_, None) => {}
            (None, more) => *all = more,
            (Some(first), Some(more)) => self.findings.push(duplicate_key(key, more.at, first.at, self.files)),
        }
    }
}

fn append<T>(all: &mut Option<Located<LenientList<T>>>, more: &mut Option<Located<LenientList<T>>>) {
    match (all.as_mut(), more.take()) {
        (_, None) => {}
        (None, more) => *all = more,
        (Some(all), Some(more)) => all.value.0.extend(more.value.0),
    }
}

fn check_version(version: &OptionalField<SmolStr>, id: FileId, files: &Files, findings: &mut Vec<Finding>) {
    let start = Location { file: id, line: 1, column: 1, length: 0 };
    let (at, message) = match version.get() {
        Some(version) if version.value == API_VERSION => return,
        Some(version) => (version.at, "unsupported `apiVersion`".to_owned()),
        None => (start, "missing key `apiVersion`".to_owned()),
    };
    // A value of the wrong type has been reported.
    let source = files.source(at);
    let is_reported = findings.iter().any(|finding| {
        finding.code == codes::WRONG_TYPE.id
            && finding.source.as_ref().is_some_and(|at| at.file == source.file && at.line == 1)
    });
    if version.get().is_none() && is_reported {
        return;
    }
    let help = format!("write `apiVersion: {API_VERSION}`");
    findings.push(Finding::error(&codes::INVALID_API_VERSION, message).help(help).at(source));
}

/// Returns the finding for a key that occurs twice.
pub(super) fn duplicate_key(key: &str, at: Location, first: Location, files: &Files) -> Finding {
    Finding::error(&codes::DUPLICATE_KEY, format!("duplicate key `{key}`"))
        .help("remove one of the two")
        .at(files.source(at))
        .related("first defined here", files.source(first))
}
