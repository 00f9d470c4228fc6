//! `filter` and `sort` of the list: the documented part of RSQL.

use smol_str::SmolStr;

use crate::model::Account;

/// The longest filter, in characters.
const FILTER_MAX: usize = 2000;

/// The invalid parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum InvalidParameter {
    Filter,
    Sort,
}

/// Returns the ids of the matching accounts in the requested order.
///
/// # Errors
/// The invalid parameter.
pub(super) fn select_accounts<'a>(
    accounts: impl Iterator<Item = &'a Account>,
    filter: Option<&str>,
    sort: Option<&str>,
) -> Result<Vec<SmolStr>, InvalidParameter> {
    let wanted = filter.map(parse).transpose()?;
    let through =
        |account: &&Account| wanted.as_ref().is_none_or(|any| any.iter().any(|all| terms_match(all, account)));
    let mut found: Vec<&Account> = accounts.filter(through).collect();
    if let Some(sort) = sort {
        let (field, down) = match sort.strip_prefix('-') {
            Some(field) => (field, true),
            // An unencoded plus sign decodes to a blank.
            None => (sort.trim_start_matches(['+', ' ']), false),
        };
        if !FIELDS.contains(&field) {
            return Err(InvalidParameter::Sort);
        }
        found.sort_by(|one, other| value(one, field).cmp(value(other, field)));
        if down {
            found.reverse();
        }
    }
    Ok(found.into_iter().map(|account| account.id.clone()).collect())
}

/// The supported fields.
const FIELDS: [&str; 4] = ["basicInfo.userId", "basicInfo.userName", "basicInfo.primaryEmail", "basicInfo.status"];

/// `field==value` or `field!=value`.
struct FilterTerm {
    field: String,
    value: String,
    equal: bool,
}

/// Returns a disjunction of conjunctions of terms.
fn parse(filter: &str) -> Result<Vec<Vec<FilterTerm>>, InvalidParameter> {
    if filter.chars().count() > FILTER_MAX {
        return Err(InvalidParameter::Filter);
    }
    let term = |text: &str| {
        let (field, value, equal) = match text.split_once("==") {
            Some((field, value)) => (field, value, true),
            None => {
                text.split_once("!=").map(|(field, value)| (field, value, false)).ok_or(InvalidParameter::Filter)?
            }
        };
        let value = value.trim().trim_matches(['"', '\'']);
        if !FIELDS.contains(&field.trim()) || value.is_empty() {
            return Err(InvalidParameter::Filter);
        }
        Ok(FilterTerm { field: field.trim().to_owned(), value: value.to_owned(), equal })
    };
    filter.split(',').map(|all| all.split(';').map(term).collect()).collect()
}

fn terms_match(terms: &[FilterTerm], account: &Account) -> bool {
    terms.iter().all(|term| pattern_matches(&term.value, value(account, &term.field)) == term.equal)
}

fn value<'a>(account: &'a Account, field: &str) -> &'a str {
    match field {
        "basicInfo.userId" => &account.id,
        "basicInfo.userName" => account.login.as_deref().unwrap_or(&account.email),
        "basicInfo.primaryEmail" => &account.email,
        _ => "ACTIVE",
    }
}

/// Returns whether the text matches the pattern, which may start or end with `*`.
fn pattern_matches(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.to_lowercase(), text.to_lowercase());
    match (pattern.strip_prefix('*'), pattern.strip_suffix('*')) {
        (Some(tail), None) => text.ends_with(tail),
        (None, Some(head)) => text.starts_with(head),
        (Some(_), Some(_)) => text.contains(pattern.trim_matches('*')),
        (None, None) => text == pattern,
    }
}
