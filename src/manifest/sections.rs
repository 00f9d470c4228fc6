//! The sections of all files, put together; the same key twice is an error.

use std::collections::BTreeMap;

use smol_str::SmolStr;

use super::schema::{
    AcknowledgementEntry, AgeEntry, ApprovalEntry, Assignment, BudgetEntry, DirectorySource, ExclusionEntry, Expiring,
    FreezeEntry, Group, LayerEntry, LevelWord, LicensesEntry, LimitsEntry, ManifestFile, NeedEntry, OwnerEntry,
    PersonEntry, RequireEntry, RuleEntry, TeamEntry, Tenant, WaiverEntry,
};
use super::yaml::{At, Given, List, Named, PeopleList};
use crate::diagnostic::catalog::manifest as codes;
use crate::diagnostic::{FileId, Files, Finding, Location};
use crate::model::API_VERSION;

/// A named part of a section; the value is missing where it did not fit and was reported.
pub(super) type Table<T> = BTreeMap<SmolStr, (Location, Option<T>)>;

/// Everything that the files say.
#[derive(Default)]
pub(super) struct Sections {
    pub(super) tenants: Table<Tenant>,
    pub(super) people: Table<PersonEntry>,
    pub(super) directory: Vec<DirectorySource>,
    pub(super) groups: Table<Group>,
    pub(super) assignments: Vec<At<Assignment>>,
    pub(super) acknowledgements: Vec<At<AcknowledgementEntry>>,
    pub(super) limits: Option<At<LimitsEntry>>,
    pub(super) protect: Option<At<PeopleList>>,
    pub(super) data_loss: Option<At<LevelWord>>,
    pub(super) last_holder: Option<At<LevelWord>>,
    pub(super) seats: Option<At<LevelWord>>,
    pub(super) expiring: Option<At<Expiring>>,
    pub(super) age: Option<At<AgeEntry>>,
    pub(super) rules: Vec<At<RuleEntry>>,
    pub(super) budget: Option<At<Named<BudgetEntry>>>,
    pub(super) freeze: Option<At<List<At<FreezeEntry>>>>,
    pub(super) require: Option<At<RequireEntry>>,
    pub(super) approvers: Option<At<PeopleList>>,
    pub(super) exclude: Vec<At<ExclusionEntry>>,
    pub(super) licenses: Vec<At<LicensesEntry>>,
    pub(super) need: Vec<At<NeedEntry>>,
    pub(super) layers: Table<LayerEntry>,
    pub(super) teams: Table<TeamEntry>,
    pub(super) waivers: Vec<At<WaiverEntry>>,
    pub(super) approvals: Vec<At<ApprovalEntry>>,
    pub(super) owners: Vec<At<OwnerEntry>>,
}

impl Sections {
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
            once(&mut self.limits, policy.limits, "limits", files, findings);
            once(&mut self.protect, policy.protect.into(), "protect", files, findings);
            once(&mut self.data_loss, policy.data_loss, "data_loss", files, findings);
            once(&mut self.last_holder, policy.last_holder, "last_holder", files, findings);
            once(&mut self.seats, policy.seats, "seats", files, findings);
            once(&mut self.expiring, policy.expiring, "expiring", files, findings);
            once(&mut self.age, policy.age.into(), "age", files, findings);
            append(&mut self.rules, policy.rules.into());
            once(&mut self.budget, policy.budget.into(), "budget", files, findings);
            once(&mut self.freeze, policy.freeze.into(), "freeze", files, findings);
            once(&mut self.require, policy.require.into(), "require", files, findings);
            once(&mut self.approvers, policy.approvers.into(), "approvers", files, findings);
            append(&mut self.exclude, policy.exclude.into());
            append(&mut self.licenses, policy.licenses.into());
            append(&mut self.need, policy.need.into());
            merge(&mut self.layers, policy.tenants.into(), files, findings);
            merge(&mut self.teams, policy.teams.into(), files, findings);
        }
    }
}

fn check_version(version: &Given<SmolStr>, id: FileId, files: &Files, findings: &mut Vec<Finding>) {
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
    findings.push(Finding::error(&codes::API_VERSION, message).help(help).at(source));
}

fn append<T>(all: &mut Vec<T>, more: Given<List<T>>) {
    if let Some(more) = more.into_inner() {
        all.extend(more.value.0);
    }
}

fn merge<T>(all: &mut Table<T>, more: Given<Named<T>>, files: &Files, findings: &mut Vec<Finding>) {
    let Some(more) = more.into_inner() else { return };
    for (key, value) in more.value.0 {
        match all.get(&key.value) {
            Some((first, _)) => findings.push(twice(&key.value, key.at, *first, files)),
            None => {
                all.insert(key.value, (key.at, value));
            }
        }
    }
}

fn once<T>(all: &mut Option<At<T>>, more: Given<T>, key: &str, files: &Files, findings: &mut Vec<Finding>) {
    match (all.as_ref(), more.into_inner()) {
        (_, None) => {}
        (None, more) => *all = more,
        (Some(first), Some(more)) => findings.push(twice(key, more.at, first.at, files)),
    }
}

/// The finding for a key that another file has as well.
pub(super) fn twice(key: &str, at: Location, first: Location, files: &Files) -> Finding {
    Finding::error(&codes::DUPLICATE_KEY, format!("the key `{key}` stands twice"))
        .help("remove one of the two")
        .at(files.source(at))
        .related("it stands here first", files.source(first))
}
