//! From what is written to explicit facts: names are looked up, groups expanded, dates read, people made one.
//!
//! Each part goes as far as it can and reports what it leaves out, so that one run finds every fault.

mod acknowledgements;
mod adapter;
mod age;
mod assignments;
mod budget;
mod directory;
mod freeze;
mod groups;
mod money;
mod owners;
mod people;
mod policy;
mod rules;
mod tenants;
mod text_location;

pub(in crate::manifest) use owners::is_codeowners_literal;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use jiff::civil::Date;
use smol_str::SmolStr;

use super::LoadedManifest;
use super::declared::DeclaredPolicy;
use super::files::{ManifestFolder, PathError};
use super::schema::{DateText, LicenseText};
use super::sections::MergedSections;
use super::yaml::{Located, OptionalField, PeopleList, PeoplePart, excerpt, group_of};
use crate::diagnostic::catalog::{manifest as codes, reference};
use crate::diagnostic::{Code, FileId, Files, Finding, Location, Severity, did_you_mean, nearest};
use crate::model::{Desired, Digest, LicenseRef, People, PeopleSet, PersonId, PersonKey, TenantDesired, validate_name};

/// Most findings of a manifest; who has more, has one mistake in a program.
const FINDINGS_MAX: usize = 10_000;

/// Tenants by name, without any wish.
pub(super) type TenantsByName = BTreeMap<SmolStr, TenantDesired>;

/// Resolves the sections of all files; where `elsewhere` gives the tenants, those of the sections do not count.
pub(super) fn resolve(
    sections: MergedSections,
    elsewhere: Option<TenantsByName>,
    files: Files,
    folder: &ManifestFolder,
    digests: &mut Vec<(String, Digest)>,
    findings: Vec<Finding>,
) -> LoadedManifest {
    let tenant_names = match &elsewhere {
        Some(tenants) => tenants.keys().cloned().collect(),
        None => sections.tenants.keys().cloned().collect(),
    };
    let group_names = sections.groups.keys().cloned().collect();
    let mut scope = Resolver {
        files,
        folder,
        findings,
        people: People::default(),
        tenant_names,
        has_trusted_tenants: elsewhere.is_some(),
        group_names,
    };
    let mut tenants = match elsewhere {
        Some(tenants) => tenants::clear_assignments(tenants),
        None => tenants::resolve(&mut scope, sections.tenants),
    };
    people::resolve(&mut scope, sections.people, sections.directory, digests);
    let memberships = groups::resolve(&mut scope, sections.groups);
    let groups = &memberships.members;
    assignments::resolve(&mut scope, groups, sections.assignments, &mut tenants);
    let acknowledgements = acknowledgements::resolve(&mut scope, groups, sections.acknowledgements);
    let protect =
        sections.protect.map(|list| Located { value: scope.people_set(Some(&list.value), groups), at: list.at });
    let rules = rules::resolve(&mut scope, groups, sections.rules);
    let budget = budget::resolve(&mut scope, sections.budget.as_ref());
    let freeze = freeze::resolve(&mut scope, sections.freeze);
    let waivers = policy::waivers(&mut scope, groups, sections.waivers);
    let approvals = policy::approvals(&mut scope, sections.approvals);
    let owners = owners::resolve(&mut scope, sections.owners);
    let approvers = sections.approvers.map(|list| scope.people_set(Some(&list.value), groups));
    let exclude = policy::exclusions(&mut scope, sections.exclude);
    let need = policy::needs(&mut scope, sections.need);
    let licenses = policy::licenses_rules(&mut scope, sections.licenses);
    let teams = policy::teams(&mut scope, groups, sections.teams);
    let layers = sections.tenant_layers.into_iter().filter(|(name, (at, _))| scope.check_tenant(name, *at));
    let layers: BTreeMap<_, _> =
        layers.filter_map(|(name, (at, layer))| Some((name, Located { value: layer?, at }))).collect();
    let tenant_budgets = budget::of_tenants(&mut scope, &layers);
    let age = age::resolve(&mut scope, sections.age.as_ref());
    let tenant_ages = age::of_tenants(&mut scope, &layers);
    let Resolver { files, findings, people, .. } = scope;
    LoadedManifest {
        desired: Desired { people, tenants, acknowledgements, files: files.clone() },
        policy: DeclaredPolicy {
            limits: sections.limits,
            protect,
            data_loss: sections.data_loss,
            last_holder: sections.last_holder,
            seats: sections.seats,
            expiring: sections.expiring,
            age,
            rules,
            budget,
            freeze,
            require: sections.require,
            approvers,
            exclude,
            licenses,
            need,
            tenants: layers,
            tenant_budgets,
            tenant_ages,
            teams,
        },
        waivers,
        approvals,
        memberships,
        owners,
        files,
        findings,
        digest: Digest::of_bytes(b""),
        differences: Vec::new(),
    }
}

/// The members of each group, sorted and each once; a group that could not be resolved has those that are known.
type GroupMembers = BTreeMap<SmolStr, Vec<PersonId>>;

/// What all parts share.
struct Resolver<'a> {
    files: Files,
    folder: &'a ManifestFolder,
    findings: Vec<Finding>,
    people: People,
    tenant_names: BTreeSet<SmolStr>,
    /// Whether the tenants are those of a trusted manifest.
    has_trusted_tenants: bool,
    group_names: BTreeSet<SmolStr>,
}

impl Resolver<'_> {
    fn push(&mut self, finding: Finding) {
        if self.findings.len() < FINDINGS_MAX {
            self.findings.push(finding);
        }
    }

    fn report(
        &mut self,
        severity: Severity,
        code: &'static Code,
        message: impl Into<String>,
        help: Option<String>,
        at: Location,
    ) {
        let mut finding = Finding::new(code, severity, message).at(self.files.source(at));
        finding.help = help;
        self.push(finding);
    }

    fn error(&mut self, code: &'static Code, message: impl Into<String>, help: impl Into<String>, at: Location) {
        self.report(Severity::Error, code, message, Some(help.into()), at);
    }

    /// A day, if one is given and is in the calendar.
    fn optional_date(&mut self, given: &OptionalField<DateText>) -> Option<Date> {
        given.get().and_then(|day| self.date(day))
    }

    /// A day that is in the calendar.
    fn date(&mut self, day: &Located<DateText>) -> Option<Date> {
        let text = day.value.0.as_str();
        let plain = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
        match text.parse::<Date>() {
            Ok(date) if plain => Some(date),
            _ => {
                let message = format!("`{}` is not a day of the calendar", excerpt(text));
                self.error(&codes::BAD_DATE, message, "write it as in `2027-03-01`", day.at);
                None
            }
        }
    }

    /// Whether a name may be used; `what` is the word for it.
    fn check_name(&mut self, what: &str, name: &Located<SmolStr>) -> bool {
        match validate_name(&name.value) {
            Ok(()) => true,
            Err(error) => {
                let message = format!("the {what} `{}` {error}", excerpt(&name.value));
                self.error(&codes::BAD_NAME, message, "write a name without it", name.at);
                false
            }
        }
    }

    /// A license of a tenant that is there.
    fn license(&mut self, text: &Located<LicenseText>) -> Option<LicenseRef> {
        let license = match LicenseRef::parse(&text.value.0) {
            Ok(license) => license,
            Err(error) => {
                let message = format!("the license `{}` {error}", excerpt(&text.value.0));
                self.error(&codes::BAD_NAME, message, "write it as `tenant/license`", text.at);
                return None;
            }
        };
        self.check_tenant(&license.tenant, text.at).then_some(license)
    }

    /// Whether a tenant is there.
    fn check_tenant(&mut self, name: &str, at: Location) -> bool {
        if self.tenant_names.contains(name) {
            return true;
        }
        let names: Vec<_> = self.tenant_names.iter().collect();
        let help = match (did_you_mean(name, &names), self.has_trusted_tenants) {
            (Some(help), false) => help,
            (Some(help), true) => format!("{help}; tenants come from the trusted folder"),
            (None, false) => "describe the tenant below `tenants`".to_owned(),
            (None, true) => "tenants come from the trusted folder: describe it there first".to_owned(),
        };
        self.error(&reference::UNKNOWN_TENANT, format!("there is no tenant `{}`", excerpt(name)), help, at);
        false
    }

    /// The key of a person that somebody typed.
    fn person_key(&mut self, text: &str, at: Location) -> Option<SmolStr> {
        match PersonKey::parse(text) {
            Ok(key) => Some(key.into_inner()),
            Err(error) => {
                let message = format!("`{}` {error}", excerpt(text));
                let known = nearest(text, &self.group_names).map(|name| format!("did you mean `group:{name}`?"));
                let help = known.unwrap_or_else(|| "write an email address, or `group:NAME`".to_owned());
                self.error(&codes::BAD_PERSON, message, help, at);
                None
            }
        }
    }

    /// Somebody whom a list names.
    fn person(&mut self, text: &str, at: Location) -> Option<PersonId> {
        let key = self.person_key(text, at)?;
        Some(self.people.add(&key))
    }

    /// Whether a group is there.
    fn check_group(&mut self, name: &str, at: Location) -> bool {
        if self.group_names.contains(name) {
            return true;
        }
        let names: Vec<_> = self.group_names.iter().collect();
        let help = match nearest(name, &names) {
            Some(near) => format!("did you mean `group:{near}`?"),
            None => "describe the group below `groups`".to_owned(),
        };
        self.error(&reference::UNKNOWN_GROUP, format!("there is no group `{}`", excerpt(name)), help, at);
        false
    }

    /// Where a path of a manifest file leads.
    fn resolve_path(&mut self, text: &Located<SmolStr>) -> Option<PathBuf> {
        let holder = self.files.get(text.at.file)?.path.clone();
        match self.folder.resolve(&holder, &text.value) {
            Ok(path) => Some(path),
            Err(PathError::Outside) => {
                let message = format!("`{}` leads out of the manifest's folder", excerpt(&text.value));
                self.error(&codes::OUTSIDE, message, "write a path relative to this file", text.at);
                None
            }
            Err(PathError::NotAFile) => {
                let message = format!("`{}` does not lead to a regular file", excerpt(&text.value));
                self.error(&codes::NOT_A_FILE, message, "correct the path", text.at);
                None
            }
        }
    }

    /// Everybody whom the pieces of a list name, each with their place; groups are expanded.
    fn for_each_person(
        &mut self,
        pieces: &[PeoplePart],
        groups: &GroupMembers,
        mut each: impl FnMut(&mut Self, NamedPerson),
    ) {
        for piece in pieces {
            match piece {
                PeoplePart::Item(item) => match group_of(&item.value) {
                    Some(name) => {
                        if self.check_group(name, item.at) {
                            let members = groups.get(name).map(Vec::as_slice).unwrap_or_default();
                            for person in members {
                                each(self, NamedPerson { person: *person, location: item.at, via_group: true });
                            }
                        }
                    }
                    None => {
                        if let Some(person) = self.person(&item.value, item.at) {
                            each(self, NamedPerson { person, location: item.at, via_group: false });
                        }
                    }
                },
                PeoplePart::Run(run) => {
                    let text = self.text(run.at.file);
                    for (item, at) in run.items(&text) {
                        if let Some(person) = self.person(item, at) {
                            each(self, NamedPerson { person, location: at, via_group: false });
                        }
                    }
                }
            }
        }
    }

    /// The people of a list as a set that a policy can keep.
    fn people_set(&mut self, list: Option<&PeopleList>, groups: &GroupMembers) -> PeopleSet {
        let mut members = Vec::new();
        let pieces = list.map(|list| list.0.as_slice()).unwrap_or_default();
        self.for_each_person(pieces, groups, |_, named| members.push(named.person));
        PeopleSet::new(&self.people, members)
    }

    /// The members of a group as a set that a policy can keep.
    fn members_of(&self, group: &str, groups: &GroupMembers) -> PeopleSet {
        PeopleSet::new(&self.people, groups.get(group).into_iter().flatten().copied())
    }

    fn text(&self, file: FileId) -> std::sync::Arc<str> {
        self.files.get(file).map_or_else(|| std::sync::Arc::from(""), |file| file.text.clone())
    }
}

/// Somebody whom a list names.
struct NamedPerson {
    person: PersonId,
    location: Location,
    via_group: bool,
}

/// The value of something optional, or what holds without it.
fn value_or<T: Copy>(given: &OptionalField<T>, otherwise: T) -> T {
    given.value().copied().unwrap_or(otherwise)
}
