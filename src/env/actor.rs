//! Who runs the program: the name that the lock, the history and the audit trail show.

use super::variable;

/// Most bytes of a name.
const MAX_BYTES: usize = 200;

/// Who runs the program: what `RESEAT_ACTOR` says; else the CI system's or the system's user, and the machine, as
/// `ana@runner-7`; a user whom no variable names is a number, as `uid-1000@runner-7`.
///
/// # Errors
/// When `RESEAT_ACTOR` is no name: empty, too long, or with control characters.
pub fn actor() -> Result<String, String> {
    resolve(&variable::read, user_number(), whoami::hostname().ok())
}

/// The number of the user whose process this is, where the system tells.
#[cfg(unix)]
fn user_number() -> Option<u32> {
    use std::os::unix::fs::MetadataExt as _;

    std::fs::metadata("/proc/self").ok().map(|process| process.uid())
}

#[cfg(not(unix))]
fn user_number() -> Option<u32> {
    None
}

/// The same from given variables, a given user and a given machine.
fn resolve(
    read: &dyn Fn(&str) -> Option<String>,
    number: Option<u32>,
    machine: Option<String>,
) -> Result<String, String> {
    if let Some(given) = read(variable::RESEAT_ACTOR) {
        return match parse_name(&given) {
            Some(name) => Ok(name),
            None => Err(format!("{} is no name: one line of at most {MAX_BYTES} bytes", variable::RESEAT_ACTOR)),
        };
    }
    let known = variable::ACTORS.iter().find_map(|name| parse_name(&read(name)?));
    // Containers and services often have no variable that names the user.
    let name = known.or_else(|| Some(format!("uid-{}", number?))).unwrap_or_else(|| "unknown".to_owned());
    Ok(match machine.and_then(|machine| parse_name(&machine)) {
        Some(machine) => format!("{name}@{machine}"),
        None => name,
    })
}

/// The text, if it is one that can be shown as a name.
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
    fn name_that_was_given_stands_as_it_is() {
        assert_eq!(named(&[("RESEAT_ACTOR", " ana@acme.example "), ("USER", "bo")]).unwrap(), "ana@acme.example");
    }

    #[test]
    fn user_of_the_ci_system_comes_before_the_one_of_the_system() {
        assert_eq!(named(&[("USER", "runner"), ("GITHUB_ACTOR", "ana")]).unwrap(), "ana@runner-7");
        assert_eq!(named(&[("LOGNAME", "bo")]).unwrap(), "bo@runner-7");
    }

    #[test]
    fn user_whom_no_variable_names_is_a_number() {
        assert_eq!(named(&[]).unwrap(), "uid-1000@runner-7");
        assert_eq!(resolve(&|_| None, None, Some("runner-7".to_owned())).unwrap(), "unknown@runner-7");
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn number_of_the_user_is_the_one_whose_files_this_process_makes() {
        use std::os::unix::fs::MetadataExt as _;

        let file = tempfile::NamedTempFile::new().unwrap();
        assert_eq!(user_number(), Some(file.as_file().metadata().unwrap().uid()));
    }

    #[test]
    fn name_with_control_characters_is_refused_and_one_that_nobody_gave_is_passed_over() {
        assert!(named(&[("RESEAT_ACTOR", "ana\u{1b}[2J")]).is_err());
        assert!(named(&[("RESEAT_ACTOR", "")]).is_err());
        assert!(named(&[("RESEAT_ACTOR", &"a".repeat(201))]).is_err());
        assert_eq!(named(&[("GITHUB_ACTOR", "a\nb"), ("USER", "bo")]).unwrap(), "bo@runner-7");
    }
}
