//! `owners`: what can be written into a CODEOWNERS file, and means there what it means here.

use smol_str::SmolStr;

use super::resolver::Resolver;
use crate::diagnostic::catalog::manifest as codes;
use crate::manifest::declared::OwnershipRule;
use crate::manifest::schema::OwnerEntry;
use crate::manifest::yaml::{LenientList, Located, OptionalField, excerpt};

/// Most names or paths of one entry.
const LIST_MAX: usize = 1_000;

pub(super) fn resolve(scope: &mut Resolver, entries: Vec<Located<OwnerEntry>>) -> Vec<OwnershipRule> {
    let mut resolved = Vec::new();
    for Located { value: entry, at: source } in entries {
        let owners = entry.owners.into_inner().map(|list| list.value.0).unwrap_or_default();
        let (paths, tenants) = (listed(entry.paths), listed(entry.tenants));
        let licenses = entry.licenses.into_inner().map(|list| list.value.0).unwrap_or_default();
        let about = paths.len() + tenants.len() + licenses.len();
        if owners.is_empty() || about == 0 || owners.len() > LIST_MAX || about > LIST_MAX {
            let message = "the entry does not say who owns what";
            let help =
                format!("name at least one owner, and one of `paths`, `tenants` and `licenses`; {LIST_MAX} at most");
            scope.error(&codes::VALUE_OUT_OF_RANGE, message, help, source);
            continue;
        }
        let owners: Vec<_> = owners.into_iter().filter(|owner| check_owner(scope, owner)).collect();
        let paths = paths.into_iter().filter(|path| check_path(scope, path)).collect();
        let tenants = tenants.into_iter().filter(|tenant| scope.check_tenant(&tenant.value, tenant.at));
        let tenants = tenants.map(|tenant| tenant.value).collect();
        let licenses = licenses.iter().filter_map(|text| scope.license(text)).collect();
        let owners = owners.into_iter().map(|owner| owner.value).collect();
        resolved.push(OwnershipRule { paths, tenants, licenses, owners, source });
    }
    resolved
}

fn listed(given: OptionalField<LenientList<Located<SmolStr>>>) -> Vec<Located<SmolStr>> {
    given.into_inner().map(|list| list.value.0).unwrap_or_default()
}

fn check_owner(scope: &mut Resolver, owner: &Located<SmolStr>) -> bool {
    if is_owner(&owner.value) {
        return true;
    }
    let message = format!("`{}` is no owner", excerpt(&owner.value));
    scope.error(&codes::INVALID_OWNER, message, "write `@USER`, `@ORGANIZATION/TEAM` or an address", owner.at);
    false
}

fn check_path(scope: &mut Resolver, path: &Located<SmolStr>) -> bool {
    let is_climbing = path.value.split('/').any(|part| part == "..");
    if !path.value.is_empty()
        && !is_climbing
        && path.value.chars().all(|letter| is_codeowners_literal(letter) || "*?".contains(letter))
    {
        return true;
    }
    let message = format!("the path `{}` cannot be written into CODEOWNERS", excerpt(&path.value));
    let help = "write a path without blanks, `..`, `#`, `!`, `[`, `]` and `\\`; `*`, `**` and `?` stand for others";
    scope.error(&codes::INVALID_OWNER, message, help, path.at);
    false
}

/// Whether a character stands for itself in a path of a CODEOWNERS file.
pub fn is_codeowners_literal(letter: char) -> bool {
    !letter.is_whitespace() && !letter.is_control() && !"#!*?[]\\\"".contains(letter)
}

/// `@user`, `@group/team`, `@@role` or an address.
fn is_owner(text: &str) -> bool {
    let word = |text: &str| {
        let is_part = |letter: char| letter.is_ascii_alphanumeric() || "-_./".contains(letter);
        !text.is_empty() && text.chars().all(is_part) && !text.starts_with('/') && !text.ends_with('/')
    };
    match text.strip_prefix('@') {
        Some(rest) => word(rest.strip_prefix('@').unwrap_or(rest)),
        None => {
            let is_part = |letter: char| letter.is_ascii_alphanumeric() || "-_.+".contains(letter);
            text.split_once('@').is_some_and(|(name, host)| {
                !name.is_empty() && !host.is_empty() && name.chars().all(is_part) && host.chars().all(is_part)
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn owners_are_users_teams_roles_and_addresses() {
        for owner in ["@ana", "@acme/it", "@acme/it/phones", "@@maintainer", "ana.poe+x@acme.example"] {
            assert!(is_owner(owner), "{owner}");
        }
        for none in ["", "ana", "@", "@@", "@a b", "@a\n* @evil", "@/a", "a@b@c", "@a#b", "ana@", "@ana @bo"] {
            assert!(!is_owner(none), "{none}");
        }
    }
}
