//! `owners`: checked so that CODEOWNERS gives every path and owner the same meaning.

use smol_str::SmolStr;

use super::resolver::Resolver;
use crate::diagnostic::catalog::manifest as codes;
use crate::manifest::ownership::OwnershipRule;
use crate::manifest::schema::OwnerEntry;
use crate::manifest::yaml::{Located, excerpt};

/// The maximum number of owners, and of owned names, of one entry.
const LIST_MAX: usize = 1_000;

pub(super) fn resolve(resolver: &mut Resolver, entries: Vec<Located<OwnerEntry>>) -> Vec<OwnershipRule> {
    let mut resolved = Vec::new();
    for Located { value: entry, at: source } in entries {
        let owners = entry.owners.into_items();
        let (paths, tenants) = (entry.paths.into_items(), entry.tenants.into_items());
        let licenses = entry.licenses.into_items();
        let about = paths.len() + tenants.len() + licenses.len();
        if owners.is_empty() || about == 0 || owners.len() > LIST_MAX || about > LIST_MAX {
            let message = "the entry needs owners and what they own";
            let help = format!(
                "list at least one owner, and at least one of `paths`, `tenants` and `licenses`; at most {LIST_MAX} each"
            );
            resolver.error(&codes::VALUE_OUT_OF_RANGE, message, help, source);
            continue;
        }
        let owners: Vec<_> = owners.into_iter().filter(|owner| check_owner(resolver, owner)).collect();
        let paths = paths.into_iter().filter(|path| check_path(resolver, path)).collect();
        let tenants = tenants.into_iter().filter(|tenant| resolver.check_tenant(&tenant.value, tenant.at));
        let tenants = tenants.map(|tenant| tenant.value).collect();
        let licenses = licenses.iter().filter_map(|text| resolver.license(text)).collect();
        let owners = owners.into_iter().map(|owner| owner.value).collect();
        resolved.push(OwnershipRule { paths, tenants, licenses, owners, source });
    }
    resolved
}

fn check_owner(resolver: &mut Resolver, owner: &Located<SmolStr>) -> bool {
    if is_owner(&owner.value) {
        return true;
    }
    let message = format!("invalid owner `{}`", excerpt(&owner.value));
    resolver.error(&codes::INVALID_OWNER, message, "write `@USER`, `@ORGANIZATION/TEAM` or an address", owner.at);
    false
}

fn check_path(resolver: &mut Resolver, path: &Located<SmolStr>) -> bool {
    let is_climbing = path.value.split('/').any(|part| part == "..");
    if !path.value.is_empty()
        && !is_climbing
        && path.value.chars().all(|letter| is_codeowners_literal(letter) || "*?".contains(letter))
    {
        return true;
    }
    let message = format!("CODEOWNERS cannot express the path `{}`", excerpt(&path.value));
    let help =
        "use a path without blanks, `..`, `#`, `!`, `[`, `]` and `\\`; the wildcards `*`, `**` and `?` are allowed";
    resolver.error(&codes::INVALID_OWNER, message, help, path.at);
    false
}

/// Returns whether a character is a literal in a path of a CODEOWNERS file.
pub fn is_codeowners_literal(letter: char) -> bool {
    !letter.is_whitespace() && !letter.is_control() && !"#!*?[]\\\"".contains(letter)
}

/// Returns whether a text is `@user`, `@group/team`, `@@role` or an email address.
fn is_owner(text: &str) -> bool {
    let is_name = |text: &str| {
        let is_part = |letter: char| letter.is_ascii_alphanumeric() || "-_./".contains(letter);
        !text.is_empty() && text.chars().all(is_part) && !text.starts_with('/') && !text.ends_with('/')
    };
    match text.strip_prefix('@') {
        Some(rest) => is_name(rest.strip_prefix('@').unwrap_or(rest)),
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
