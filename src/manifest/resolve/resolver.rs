//! The state that all parts of name resolution share: files, known names, people and findings.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use jiff::civil::Date;
use smol_str::SmolStr;

use super::text_location::locate;
use crate::diagnostic::catalog::{manifest as codes, reference};
use crate::diagnostic::{Code, FileId, Files, Finding, Location, Severity, did_you_mean, nearest};
use crate::expression::scope::VariableScope;
use crate::expression::{Compiler, Expression, ResultType};
use crate::manifest::files::{ManifestFolder, PathError};
use crate::manifest::schema::{DateText, LicenseText};
use crate::manifest::yaml::{Located, OptionalField, PeopleList, PeoplePart, excerpt, group_of};
use crate::model::{LicenseRef, People, PeopleSet, PersonId, PersonKey, validate_name};

/// The maximum number of findings; more of them have one cause, such as a generated file.
const FINDINGS_MAX: usize = 10_000;

/// The members of each group, sorted, without duplicates.
pub(super) type GroupMembers = BTreeMap<SmolStr, Vec<PersonId>>;

/// The shared state of name resolution.
pub(super) struct Resolver<'a> {
    pub(super) files: Files,
    pub(super) folder: &'a ManifestFolder,
    pub(super) findings: Vec<Finding>,
    pub(super) people: People,
    tenant_names: BTreeSet<SmolStr>,
    /// Whether the tenants come from a trusted manifest.
    has_trusted_tenants: bool,
    group_names: BTreeSet<SmolStr>,
    compiler: Compiler,
}

impl<'a> Resolver<'a> {
    pub(super) fn new(
        files: Files,
        folder: &'a ManifestFolder,
        findings: Vec<Finding>,
        tenant_names: BTreeSet<SmolStr>,
        has_trusted_tenants: bool,
        group_names: BTreeSet<SmolStr>,
    ) -> Self {
        let (people, compiler) = (People::default(), Compiler::default());
        Self { files, folder, findings, people, tenant_names, has_trusted_tenants, group_names, compiler }
    }

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

    /// Returns the date of an optional field; reports an invalid one.
    pub(super) fn optional_date(&mut self, given: &OptionalField<DateText>) -> Option<Date> {
        given.get().and_then(|day| self.date(day))
    }

    /// Parses a date; reports an invalid one.
    pub(super) fn date(&mut self, day: &Located<DateText>) -> Option<Date> {
        let text = day.value.0.as_str();
        let plain = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
        match text.parse::<Date>() {
            Ok(date) if plain => Some(date),
            _ => {
                let message = format!("invalid date `{}`", excerpt(text));
                self.error(&codes::INVALID_DATE, message, "write it as in `2027-03-01`", day.at);
                None
            }
        }
    }

    /// Returns whether a name is valid, and reports an invalid one; `what` says what it names.
    pub(super) fn check_name(&mut self, what: &str, name: &Located<SmolStr>) -> bool {
        match validate_name(&name.value) {
            Ok(()) => true,
            Err(error) => {
                let message = format!("the {what} `{}` {error}", excerpt(&name.value));
                self.error(&codes::INVALID_NAME, message, "choose another name", name.at);
                false
            }
        }
    }

    /// Parses a license; reports an invalid one, and an unknown tenant.
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

    /// Returns whether a tenant exists, and reports an unknown one.
    pub(super) fn check_tenant(&mut self, name: &str, at: Location) -> bool {
        if self.tenant_names.contains(name) {
            return true;
        }
        let names: Vec<_> = self.tenant_names.iter().collect();
        let help = match (did_you_mean(name, &names), self.has_trusted_tenants) {
            (Some(help), false) => help,
            (Some(help), true) => format!("{help}; tenants come from the trusted folder"),
            (None, false) => "define the tenant in `tenants`".to_owned(),
            (None, true) => "tenants come from the trusted folder: define it there first".to_owned(),
        };
        self.error(&reference::UNKNOWN_TENANT, format!("unknown tenant `{}`", excerpt(name)), help, at);
        false
    }

    /// Parses a person's address into a key; reports an invalid one.
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

    /// Returns the person with that address; adds a new one.
    pub(super) fn person(&mut self, text: &str, at: Location) -> Option<PersonId> {
        let key = self.person_key(text, at)?;
        Some(self.people.add(&key))
    }

    /// Returns whether a group exists, and reports an unknown one.
    pub(super) fn check_group(&mut self, name: &str, at: Location) -> bool {
        if self.group_names.contains(name) {
            return true;
        }
        let names: Vec<_> = self.group_names.iter().collect();
        let help = match nearest(name, &names) {
            Some(near) => format!("did you mean `group:{near}`?"),
            None => "define the group in `groups`".to_owned(),
        };
        self.error(&reference::UNKNOWN_GROUP, format!("unknown group `{}`", excerpt(name)), help, at);
        false
    }

    /// Resolves a path relative to the file that contains it; reports one that is not allowed.
    pub(super) fn resolve_path(&mut self, text: &Located<SmolStr>) -> Option<PathBuf> {
        let holder = self.files.get(text.at.file)?.path.clone();
        match self.folder.resolve(&holder, &text.value) {
            Ok(path) => Some(path),
            Err(PathError::Outside) => {
                let message = format!("`{}` is outside the manifest's folder", excerpt(&text.value));
                self.error(
                    &codes::PATH_OUTSIDE_MANIFEST,
                    message,
                    "use a path inside the folder, relative to this file",
                    text.at,
                );
                None
            }
            Err(PathError::NotAFile) => {
                let message = format!("`{}` is not a regular file", excerpt(&text.value));
                self.error(&codes::NOT_A_FILE, message, "correct the path", text.at);
                None
            }
        }
    }

    /// Calls `each` for every person that a list names, with groups expanded; reports invalid addresses and unknown groups.
    pub(super) fn for_each_person(
        &mut self,
        list: Option<&PeopleList>,
        groups: &GroupMembers,
        mut each: impl FnMut(&mut Self, NamedPerson),
    ) {
        for part in list.map(|list| list.0.as_slice()).unwrap_or_default() {
            match part {
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

    /// Returns the people of a list, with all their names.
    pub(super) fn people_set(&mut self, list: Option<&PeopleList>, groups: &GroupMembers) -> PeopleSet {
        let mut members = Vec::new();
        self.for_each_person(list, groups, |_, named| members.push(named.person));
        PeopleSet::new(&self.people, members)
    }

    /// Returns the members of a group, with all their names.
    pub(super) fn members_of(&self, group: &str, groups: &GroupMembers) -> PeopleSet {
        PeopleSet::new(&self.people, groups.get(group).into_iter().flatten().copied())
    }

    /// Compiles an expression; reports an invalid one.
    pub(super) fn compile(
        &mut self,
        text: &Located<SmolStr>,
        scope: VariableScope,
        result: ResultType,
    ) -> Option<Expression> {
        match self.compiler.compile(&text.value, scope, result) {
            Ok(expression) => Some(expression),
            Err(error) => {
                let at = locate(&self.files, text, error.offset);
                self.report(Severity::Error, &codes::INVALID_EXPRESSION, error.message, error.help, at);
                None
            }
        }
    }

    fn text(&self, file: FileId) -> Arc<str> {
        self.files.get(file).map_or_else(|| Arc::from(""), |file| file.text.clone())
    }
}

/// A person whom a list names, directly or via a group.
pub(super) struct NamedPerson {
    pub(super) person: PersonId,
    pub(super) location: Location,
    pub(super) via_group: bool,
}

/// Returns the value of an optional field, or the default.
pub(super) fn value_or<T: Copy>(field: &OptionalField<T>, default: T) -> T {
    field.value().copied().unwrap_or(default)
}
