//! What a profile says of the vendor's console: the steps that people click, and the list that it exports.
//!
//! Apart from the rest of the profile, for nothing here bears on a plan. Steps are sentences without a full stop.
//! `**...**` marks what stands on the screen, and `{...}` what a visit fills in: [`FIELDS`] are those there are.

/// What a step may have filled in.
pub const PLACEHOLDERS: [&str; 8] =
    ["person", "people", "license", "old", "subscription", "product", "memberships", "licenses"];

/// The console's steps.
#[derive(Debug)]
pub struct ConsoleProcedure {
    /// What must be so before somebody starts.
    pub before: &'static [&'static str],
    /// What one visit serves.
    pub visit: VisitBy,
    /// What the console calls licenses, where that is not their name in a manifest: ours, theirs.
    pub names: &'static [(&'static str, &'static str)],
    /// How to come to where the licenses are changed.
    pub open: &'static [&'static str],
    /// To give a license.
    pub assign: ConsoleAction,
    /// To go from one license to another, where that is one step.
    pub change: ConsoleAction,
    /// To take a license away.
    pub remove: ConsoleAction,
    /// To take back a request.
    pub cancel: ConsoleAction,
    /// To give memberships back.
    pub restore: ConsoleAction,
    /// To stop paying for freed seats.
    pub release: ConsoleAction,
    /// How a visit ends, where its steps do not save by themselves.
    pub save: &'static [&'static str],
    /// How to see that it is done.
    pub verify: &'static [&'static str],
    /// The list of people and their licenses.
    pub export: ConsoleExport,
}

/// The steps of one kind of operation.
#[derive(Debug)]
pub struct ConsoleAction {
    /// For one person.
    pub one: &'static [&'static str],
    /// For several people at once; empty where the console serves one after the other.
    pub many: &'static [&'static str],
}

impl ConsoleAction {
    /// Nobody can do it there.
    pub const NONE: Self = Self { one: &[], many: &[] };

    /// For one person after the other.
    pub const fn each(one: &'static [&'static str]) -> Self {
        Self { one, many: &[] }
    }
}

/// What one visit to the console serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VisitBy {
    /// One person: whatever they get and give up.
    Person,
    /// One person, in one subscription: the part of a license's name before the `/`.
    PersonInSubscription,
    /// Everybody who goes to one license, at once.
    License,
}

/// The list of people and their licenses.
#[derive(Debug)]
pub struct ConsoleExport {
    /// How to get it.
    pub how: &'static [&'static str],
    /// The headers that are looked for; letter case, blanks, `-` and `_` do not matter. Of each column the first that is
    /// there is taken.
    pub columns: &'static [(ExportColumn, &'static [&'static str])],
    /// What the list says of an account's origin; letter case does not matter.
    pub origins: &'static [(&'static str, ExportOrigin)],
}

impl ConsoleExport {
    /// How to get it, as the middle of a sentence.
    pub fn instructions(&self) -> String {
        let lower = |step: &&str| {
            let mut letters = step.chars();
            letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
        };
        let steps: Vec<String> = self.how.iter().map(lower).collect();
        steps.join("; ").replace("**", "")
    }
}

/// A column of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ExportColumn {
    /// The vendor's stable id of the account; without it the email is taken for one.
    Id,
    /// The email; required.
    Email,
    /// The name the account signs in with.
    Login,
    /// The license, or several of them; required.
    License,
    /// The subscription that the licenses of the row belong to.
    Subscription,
    /// How far the holding is.
    State,
    /// Whether it is a trial.
    Trial,
    /// Where the account comes from.
    Origin,
    /// The group that the account is managed through.
    Group,
    /// The day on which the holding ends.
    Expires,
    /// What a removal takes along, such as ring groups.
    Memberships,
}

impl ExportColumn {
    /// Every column with its name in a manifest's `columns`.
    pub const NAMED: [(Self, &'static str); 11] = [
        (Self::Id, "id"),
        (Self::Email, "email"),
        (Self::Login, "login"),
        (Self::License, "license"),
        (Self::Subscription, "subscription"),
        (Self::State, "state"),
        (Self::Trial, "trial"),
        (Self::Origin, "origin"),
        (Self::Group, "group"),
        (Self::Expires, "expires"),
        (Self::Memberships, "memberships"),
    ];

    /// The column of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::NAMED.iter().find(|(_, known)| *known == name).map(|(column, _)| *column)
    }

    /// Its name in a manifest's `columns`.
    pub fn as_str(self) -> &'static str {
        Self::NAMED.iter().find(|(column, _)| *column == self).map_or("", |(_, name)| name)
    }

    /// Whether there is nothing to read without it.
    pub fn is_required(self) -> bool {
        matches!(self, Self::Email | Self::License)
    }
}

/// Where a list says that an account comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportOrigin {
    /// It may be changed here.
    Managed,
    /// It was made at the vendor.
    VendorLocal,
    /// It is managed through the group that the list names.
    Group,
}

/// Headers that any list may have; letter case, blanks, `-` and `_` do not matter.
pub const COMMON_HEADERS: &[(ExportColumn, &[&str])] = &[
    (ExportColumn::Id, &["id", "user id", "account id"]),
    (ExportColumn::Email, &["email", "e-mail", "email address", "e-mail address", "user email", "mail"]),
    (ExportColumn::Login, &["login", "login name", "user name", "username"]),
    (
        ExportColumn::License,
        &["license", "licenses", "license type", "license name", "assigned license", "assigned licenses"],
    ),
    (ExportColumn::Subscription, &["subscription", "subscription name"]),
    (ExportColumn::State, &["status", "state", "license status"]),
    (ExportColumn::Trial, &["trial", "is trial"]),
    (ExportColumn::Origin, &["origin", "source", "created by"]),
    (ExportColumn::Group, &["group", "ldap group", "registration group"]),
    (ExportColumn::Expires, &["expires", "expiry", "expiration", "expiry date", "expiration date"]),
    (ExportColumn::Memberships, &["memberships", "ring groups", "call queues"]),
];
