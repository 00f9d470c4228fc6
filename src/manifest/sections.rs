//! The sections of all files, put together; the same key twice is an error.

use std::collections::BTreeMap;

use smol_str::SmolStr;

use super::schema::{
    AcknowledgementEntry, AgeEntry, ApprovalEntry, AssignmentEntry, BudgetEntry, DirectoryEntry, ExclusionEntry,
    ExpiringEntry, FreezeEntry, GroupEntry, LayerEntry, LevelEntry, LicensesEntry, LimitsEntry, ManifestFile,
    NeedEntry, OwnerEntry, PersonEntry, RequireEntry, RuleEntry, TeamEntry, TenantEntry, WaiverEntry,
};
use super::yaml::{LenientList, Located, NamedEntries, OptionalField, PeopleList};
use crate::diagnostic::catalog::manifest as codes;
use crate::diagnostic::{FileId, Files, Finding, Location};
use crate::model::API_VERSION;

/// A named part of a section; the value is missing where it did not fit and was reported.
pub(super) type NamedSection<T> = BTreeMap<SmolStr, (Location, Option<T>)>;

/// Everything that the files say.
#[derive(Default)]
pub(super) struct MergedSections {
    pub(super) tenants: NamedSection<TenantEntry>,
    pub(super) people: NamedSection<PersonEntry>,
    pub(super) directory: Vec<DirectoryEntry>,
    pub(super) groups: NamedSection<GroupEntry>,
    pub(super) assignments: Vec<Located<AssignmentEntry>>,
    pub(super) acknowledgements: Vec<Located<AcknowledgementEntry>>,
    pub(super) limits: Option<Located<LimitsEntry>>,
    pub(super) protect: Option<Located<PeopleList>>,
    pub(super) data_loss: Option<Located<LevelEntry>>,
    pub(super) last_holder: Option<Located<LevelEntry>>,
    pub(super) seats: Option<Located<LevelEntry>>,
    pub(super) expiring: Option<Located<ExpiringEntry>>,
    pub(super) age: Option<Located<AgeEntry>>,
    pub(super) rules: Vec<Located<RuleEntry>>,
    pub(super) budget: Option<Located<NamedEntries<BudgetEntry>>>,
    pub(super) freeze: Option<Located<LenientList<Located<FreezeEntry>>>>,
    pub(super) require: Option<Located<RequireEntry>>,
    pub(super) approvers: Option<Located<PeopleList>>,
    pub(super) exclude: Vec<Located<ExclusionEntry>>,
    pub(super) licenses: Vec<Located<LicensesEntry>>,
    pub(super) need: Vec<Located<NeedEntry>>,
    pub(super) tenant_layers: NamedSection<LayerEntry>,
    pub(super) teams: NamedSection<TeamEntry>,
    pub(super) waivers: Vec<Located<WaiverEntry>>,
    pub(super) approvals: Vec<Located<ApprovalEntry>>,
    pub(super) owners: Vec<Located<OwnerEntry>>,
}

impl MergedSections {
    /// Adds what one file says.
    pub(super) fn add(&mut self, file: ManifestFile, id: FileId, files: &Files, findings: &mut Vec<Finding>) {
        let ManifestFile {
            api_version,
            tenants,
            people,
            directory,
            groups,
            assignments,
            acknowledgements,
            policy,
            waivers,
            approvals,
            owners,
        } = file;
        check_version(&api_version, id, files, findings);
        merge(&mut self.tenants, tenants, files, findings);
        merge(&mut self.people, people, files, findings);
        merge(&mut self.groups, groups, files, findings);
        append(&mut self.directory, directory);
        append(&mut self.assignments, assignments);
        append(&mut self.acknowledgements, acknowledgements);
        append(&mut self.waivers, waivers);
        append(&mut self.approvals, approvals);
        append(&mut self.owners, owners);
        if let Some(policy) = policy.into_inner() {
            let policy = policy.value;
            set_once(&mut self.limits, policy.limits, "limits", files, findings);
            set_once(&mut self.protect, policy.protect.into(), "protect", files, findings);
            set_once(&mut self.data_loss, policy.data_loss, "data_loss", files, findings);
            set_once(&mut self.last_holder, policy.last_holder, "last_holder", files, findings);
            set_once(&mut self.seats, policy.seats, "seats", files, findings);
            set_once(&mut self.expiring, policy.expiring, "expiring", files, findings);
            set_once(&mut self.age, policy.age.into(), "age", files, findings);
            append(&mut self.rules, policy.rules.into());
            set_once(&mut self.budget, policy.budget.into(), "budget", files, findings);
            set_once(&mut self.freeze, policy.freeze.into(), "freeze", files, findings);
            set_once(&mut self.require, policy.require.into(), "require", files, findings);
            set_once(&mut self.approvers, policy.approvers.into(), "approvers", files, findings);
            append(&mut self.exclude, policy.exclude.into());
            append(&mut self.licenses, policy.licenses.into());
            append(&mut self.need, policy.need.into());
            merge(&mut self.tenant_layers, policy.tenants.into(), files, findings);
            merge(&mut self.teams, policy.teams.into(), files, findings);
        }
    }
}

fn check_version(version: &OptionalField<SmolStr>, id: FileId, files: &Files, findings: &mut Vec<Finding>) {
    let start = Location { file: id, line: 1, column: 1, length: 0 };
    let (at, message) = match version.get() {
        Some(version) if version.value == API_VERSION => return,
        Some(version) => (version.at, "this version of the format is not known".to_owned()),
        None => (start, "the key `apiVersion` is missing".to_owned()),
    };
    // A version of the wrong kind was reported.
    let source = files.source(at);
    let reported = findings.iter().any(|finding| {
        finding.code == codes::WRONG_TYPE.id
            && finding.source.as_ref().is_some_and(|at| at.file == source.file && at.line == 1)
    });
    if version.get().is_none() && reported {
        return;
    }
    let help = format!("write `apiVersion: {API_VERSION}`");
    findings.push(Finding::error(&codes::INVALID_API_VERSION, message).help(help).at(source));
}

fn append<T>(all: &mut Vec<T>, more: OptionalField<LenientList<T>>) {
    if let Some(more) = more.into_inner() {
        all.extend(more.value.0);
    }
}

fn merge<T>(
    all: &mut NamedSection<T>,
    more: OptionalField<NamedEntries<T>>,
    files: &Files,
    findings: &mut Vec<Finding>,
) {
    let Some(more) = more.into_inner() else { return };
    for (key, value) in more.value.0 {
        match all.get(&key.value) {
            Some((first, _)) => findings.push(duplicate_key(&key.value, key.at, *first, files)),
            None => {
                all.insert(key.value, (key.at, value));
            }
        }
    }
}

fn set_once<T>(
    all: &mut Option<Located<T>>,
    more: OptionalField<T>,
    key: &str,
    files: &Files,
    findings: &mut Vec<Finding>,
) {
    match (all.as_ref(), more.into_inner()) {
        (_, None) => {}
        (None, more) => *all = more,
        (Some(first), Some(more)) => findings.push(duplicate_key(key, more.at, first.at, files)),
    }
}

/// The finding for a key that another file has as well.
pub(super) fn duplicate_key(key: &str, at: Location, first: Location, files: &Files) -> Finding {
    Finding::error(&codes::DUPLICATE_KEY, format!("the key `{key}` stands twice"))
        .help("remove one of the two")
        .at(files.source(at))
        .related("it stands here first", files.source(first))
}
