//! The actor: the name of the user that the lock, the history and the audit trail show.

use super::variable;

/// The longest name, in bytes.
const MAX_BYTES: usize = 200;

/// Returns `RESEAT_ACTOR`, or the user of the CI system or the operating system with the machine's name, such as
/// `ana@runner-7`. Without a variable that names the user, it is the user's number, such as `uid-1000@runner-7`.
///
/// # Errors
/// Fails if `RESEAT_ACTOR` is empty, too long, or contains control characters.
pub fn actor() -> Result<String, String> {
    resolve(&variable::read, user_number(), whoami::hostname().ok())
}

/// Returns the number of the process's user.
#[cfg(unix)]
fn user_number() -> Option<u32> {
    use std::os::unix::fs::MetadataExt as _;

    std::fs::metadata("/proc/self").ok().map(|process| process.uid())
}

#[cfg(not(unix))]
fn user_number() -> Option<u32> {
    None
}

fn resolve(
    read: &dyn Fn(&str) -> Option<String>,
    number: Option<u32>,
    machine: Option<String>,
) -> Result<String, String> {
    if let Some(given) = read(variable::RESEAT_ACTOR) {
        return match parse_name(&given) {
            Some(name) => Ok(name),
            None => Err(format!("invalid {}: use one line of at most {MAX_BYTES} bytes", variable::RESEAT_ACTOR)),
        };
    }
    let known = variable::ACTORS.iter().find_map(|name| parse_name(&read(name)?));
    // In containers and services, often no variable names the user.
    let name = known.or_else(|| Some(format!("uid-{}", number?))).unwrap_or_else(|| "unknown".to_owned());
    Ok(match machine.and_then(|machine| parse_name(&machine)) {
        Some(machine) => format!("{name}@{machine}"),
        None => name,
    })
}

/// Returns the trimmed text if it is a valid name.
fn parse_name(text: &str) -> Option<String> {
    let text = text.trim();
    let is_plain = !text.is_empty() && text.len() <= MAX_BYTES && !text.chars().any(char::is_control);
    is_plain.then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(variables: &[(&str, &str)]) -> Result<String, String> {
        let read =
            |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        resolve(&read, Some(1000), Some("runner-7".to_owned()))
    }

    #[test]
    fn explicit_name_is_used_as_is() {
        assert_eq!(named(&[("RESEAT_ACTOR", " ana@acme.example "), ("USER", "bo")]).unwrap(), "ana@acme.example");
    }

    #[test]
    fn ci_user_takes_precedence_over_system_user() {
        assert_eq!(named(&[("USER", "runner"), ("GITHUB_ACTOR", "ana")]).unwrap(), "ana@runner-7");
        assert_eq!(named(&[("LOGNAME", "bo")]).unwrap(), "bo@runner-7");
    }

    #[test]
    fn user_without_a_variable_is_a_number() {
        assert_eq!(named(&[]).unwrap(), "uid-1000@runner-7");
        assert_eq!(resolve(&|_| None, None, Some("runner-7".to_owned())).unwrap(), "unknown@runner-7");
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn user_number_owns_new_files() {
        use std::os::unix::fs::MetadataExt as _;

        let file = tempfile::NamedTempFile::new().unwrap();
        assert_eq!(user_number(), Some(file.as_file().metadata().unwrap().uid()));
    }

    #[test]
    fn invalid_explicit_name_is_refused_and_invalid_detected_name_ignored() {
        assert!(named(&[("RESEAT_ACTOR", "ana\u{1b}[2J")]).is_err());
        assert!(named(&[("RESEAT_ACTOR", "")]).is_err());
        assert!(named(&[("RESEAT_ACTOR", &"a".repeat(201))]).is_err());
        assert_eq!(named(&[("GITHUB_ACTOR", "a\nb"), ("USER", "bo")]).unwrap(), "bo@runner-7");
    }
}
