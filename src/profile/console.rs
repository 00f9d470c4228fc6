//! The vendor's console: its steps and its export.
//!
//! Steps are sentences without a period. `**...**` marks text on the screen, and `{...}` is one of [`PLACEHOLDERS`].

/// The placeholders of a step.
pub const PLACEHOLDERS: [&str; 8] =
    ["person", "people", "license", "old", "subscription", "product", "memberships", "licenses"];

/// The steps in the console.
#[derive(Debug)]
pub struct ConsoleProcedure {
    /// The preconditions.
    pub before: &'static [&'static str],
    /// What one visit covers.
    pub visit: VisitBy,
    /// Pairs of license names: in manifests and in the console, if different.
    pub names: &'static [(&'static str, &'static str)],
    /// How to open the page on which licenses are changed.
    pub open: &'static [&'static str],
    /// How to assign a license.
    pub assign: ConsoleAction,
    /// How to change a license in one step.
    pub change: ConsoleAction,
    /// How to remove a license.
    pub remove: ConsoleAction,
    /// How to cancel a request.
    pub cancel: ConsoleAction,
    /// How to restore memberships.
    pub restore: ConsoleAction,
    /// How to stop the billing of freed seats.
    pub release: ConsoleAction,
    /// How to save, if the steps do not.
    pub save: &'static [&'static str],
    /// How to verify the result.
    pub verify: &'static [&'static str],
    /// The export of people and their licenses.
    pub export: ConsoleExport,
}

/// The steps of one kind of operation.
#[derive(Debug)]
pub struct ConsoleAction {
    /// For one person.
    pub one: &'static [&'static str],
    /// For several people at once; empty if the console does not support it.
    pub many: &'static [&'static str],
}

impl ConsoleAction {
    /// An action that the console does not support.
    pub const NONE: Self = Self { one: &[], many: &[] };

    /// Returns an action for one person at a time.
    pub const fn each(one: &'static [&'static str]) -> Self {
        Self { one, many: &[] }
    }
}

/// What one visit to the console covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VisitBy {
    /// All changes of one person.
    Person,
    /// All changes of one person in one subscription, the part of a license's name before the `/`.
    PersonInSubscription,
    /// Everyone who gets the same license.
    License,
}

/// The export of people and their licenses.
#[derive(Debug)]
pub struct ConsoleExport {
    /// How to create it.
    pub how: &'static [&'static str],
    /// The headers of each column, the preferred one first. Letter case, blanks, `-` and `_` do not matter.
    pub columns: &'static [(ExportColumn, &'static [&'static str])],
    /// The words for an account's origin. Letter case does not matter.
    pub origins: &'static [(&'static str, ExportOrigin)],
}

impl ConsoleExport {
    /// Returns how to create it, as part of a sentence.
    pub fn instructions(&self) -> String {
        let lower = |step: &&str| {
            let mut letters = step.chars();
            letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
        };
        let steps: Vec<String> = self.how.iter().map(lower).collect();
        steps.join("; ").replace("**", "")
    }
}

/// A column of the export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ExportColumn {
    /// The vendor's id of the account; by default the email.
    Id,
    /// The email; required.
    Email,
    /// The sign-in name of the account.
    Login,
    /// One or several licenses; required.
    License,
    /// The subscription of the licenses.
    Subscription,
    /// The state of the holding.
    State,
    /// Whether it is a trial.
    Trial,
    /// The origin of the account.
    Origin,
    /// The group of the account.
    Group,
    /// The day on which the holding ends.
    Expires,
    /// Memberships that a removal deletes, such as ring groups.
    Memberships,
}

impl ExportColumn {
    /// All columns with their names in a manifest's `columns`.
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

    /// Returns the column of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::NAMED.iter().find(|(_, known)| *known == name).map(|(column, _)| *column)
    }

    /// Returns its name in a manifest's `columns`.
    pub fn as_str(self) -> &'static str {
        Self::NAMED.iter().find(|(column, _)| *column == self).map_or("", |(_, name)| name)
    }

    /// Returns whether an export needs it.
    pub fn is_required(self) -> bool {
        matches!(self, Self::Email | Self::License)
    }
}

/// The origin of an account in an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportOrigin {
    /// It may be changed.
    Managed,
    /// It was created at the vendor.
    VendorLocal,
    /// It is managed through a group.
    Group,
}

/// Common headers of any export. Letter case, blanks, `-` and `_` do not matter.
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
