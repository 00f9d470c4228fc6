//! The state that all parts of name resolution share: files, known names, people and findings.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use jiff::civil::Date;
use smol_str::SmolStr;

use crate::diagnostic::catalog::{manifest as codes, reference};
use crate::diagnostic::{Code, FileId, Files, Finding, Location, Severity, did_you_mean, nearest};
use crate::manifest::files::{ManifestFolder, PathError};
use crate::manifest::schema::{DateText, LicenseText};
use crate::manifest::yaml::{Located, OptionalField, PeopleList, PeoplePart, excerpt, group_of};
use crate::model::{LicenseRef, People, PeopleSet, PersonId, PersonKey, validate_name};

/// Most findings of a manifest; who has more, has one mistake in a program.
const FINDINGS_MAX: usize = 10_000;

/// The members of each group, sorted and each once; a group that could not be resolved has those that are known.
pub(super) type GroupMembers = BTreeMap<SmolStr, Vec<PersonId>>;

/// What all parts share.
pub(super) struct Resolver<'a> {
    pub(super) files: Files,
    pub(super) folder: &'a ManifestFolder,
    pub(super) findings: Vec<Finding>,
    pub(super) people: People,
    pub(super) tenant_names: BTreeSet<SmolStr>,
    /// Whether the tenants are those of a trusted manifest.
    pub(super) has_trusted_tenants: bool,
    pub(super) group_names: BTreeSet<SmolStr>,
}

impl Resolver<'_> {
    pub(super) fn push(&mut self, finding: Finding) {
        if self.findings.len() < FINDINGS_MAX {
            self.findings.push(finding);
        }
    }

    pub(super) fn report(
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

    pub(super) fn error(
        &mut self,
        code: &'static Code,
        message: impl Into<String>,
        help: impl Into<String>,
        at: Location,
    ) {
        self.report(Severity::Error, code, message, Some(help.into()), at);
    }

    /// A day, if one is given and is in the calendar.
    pub(super) fn optional_date(&mut self, given: &OptionalField<DateText>) -> Option<Date> {
        given.get().and_then(|day| self.date(day))
    }

    /// A day that is in the calendar.
    pub(super) fn date(&mut self, day: &Located<DateText>) -> Option<Date> {
        let text = day.value.0.as_str();
        let plain = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
        match text.parse::<Date>() {
            Ok(date) if plain => Some(date),
            _ => {
                let message = format!("`{}` is not a day of the calendar", excerpt(text));
                self.error(&codes::INVALID_DATE, message, "write it as in `2027-03-01`", day.at);
                None
            }
        }
    }

    /// Whether a name may be used; `what` is the word for it.
    pub(super) fn check_name(&mut self, what: &str, name: &Located<SmolStr>) -> bool {
        match validate_name(&name.value) {
            Ok(()) => true,
            Err(error) => {
                let message = format!("the {what} `{}` {error}", excerpt(&name.value));
                self.error(&codes::INVALID_NAME, message, "write a name without it", name.at);
                false
            }
        }
    }

    /// A license of a tenant that is there.
    pub(super) fn license(&mut self, text: &Located<LicenseText>) -> Option<LicenseRef> {
        let license = match LicenseRef::parse(&text.value.0) {
            Ok(license) => license,
            Err(error) => {
                let message = format!("the license `{}` {error}", excerpt(&text.value.0));
                self.error(&codes::INVALID_NAME, message, "write it as `tenant/license`", text.at);
                return None;
            }
        };
        self.check_tenant(&license.tenant, text.at).then_some(license)
    }

    /// Whether a tenant is there.
    pub(super) fn check_tenant(&mut self, name: &str, at: Location) -> bool {
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
    pub(super) fn person_key(&mut self, text: &str, at: Location) -> Option<SmolStr> {
        match PersonKey::parse(text) {
            Ok(key) => Some(key.into_inner()),
            Err(error) => {
                let message = format!("`{}` {error}", excerpt(text));
                let known = nearest(text, &self.group_names).map(|name| format!("did you mean `group:{name}`?"));
                let help = known.unwrap_or_else(|| "write an email address, or `group:NAME`".to_owned());
                self.error(&codes::INVALID_PERSON, message, help, at);
                None
            }
        }
    }

    /// Somebody whom a list names.
    pub(super) fn person(&mut self, text: &str, at: Location) -> Option<PersonId> {
        let key = self.person_key(text, at)?;
        Some(self.people.add(&key))
    }

    /// Whether a group is there.
    pub(super) fn check_group(&mut self, name: &str, at: Location) -> bool {
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
    pub(super) fn resolve_path(&mut self, text: &Located<SmolStr>) -> Option<PathBuf> {
        let holder = self.files.get(text.at.file)?.path.clone();
        match self.folder.resolve(&holder, &text.value) {
            Ok(path) => Some(path),
            Err(PathError::Outside) => {
                let message = format!("`{}` leads out of the manifest's folder", excerpt(&text.value));
                self.error(&codes::PATH_OUTSIDE_MANIFEST, message, "write a path relative to this file", text.at);
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
    pub(super) fn for_each_person(
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
    pub(super) fn people_set(&mut self, list: Option<&PeopleList>, groups: &GroupMembers) -> PeopleSet {
        let mut members = Vec::new();
        let pieces = list.map(|list| list.0.as_slice()).unwrap_or_default();
        self.for_each_person(pieces, groups, |_, named| members.push(named.person));
        PeopleSet::new(&self.people, members)
    }

    /// The members of a group as a set that a policy can keep.
    pub(super) fn members_of(&self, group: &str, groups: &GroupMembers) -> PeopleSet {
        PeopleSet::new(&self.people, groups.get(group).into_iter().flatten().copied())
    }

    pub(super) fn text(&self, file: FileId) -> std::sync::Arc<str> {
        self.files.get(file).map_or_else(|| std::sync::Arc::from(""), |file| file.text.clone())
    }
}

/// Somebody whom a list names.
pub(super) struct NamedPerson {
    pub(super) person: PersonId,
    pub(super) location: Location,
    pub(super) via_group: bool,
}

/// The value of something optional, or what holds without it.
pub(super) fn value_or<T: Copy>(given: &OptionalField<T>, otherwise: T) -> T {
    given.value().copied().unwrap_or(otherwise)
}
