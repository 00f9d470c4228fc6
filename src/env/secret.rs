//! Secrets, read by reference when they are needed.
//!
//! A secret is kept in memory only and wiped when it is dropped. Messages name its source, never its value. Programs run only
//! with permission, and the size and time of reading are limited.

use std::fmt;
use std::io::Read as _;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use tokio::io::AsyncReadExt as _;
use tokio::process::Command;
use tokio::time::timeout;

use super::variable;
use crate::model::SecretRef;

/// The longest secret, in bytes; enough for a certificate with its key.
const SECRET_MAX_BYTES: u64 = 64 * 1024;

/// How long a program may take to print a secret; enough to touch a hardware token.
const COMMAND_LIMIT: Duration = Duration::from_secs(60);

/// A secret. `Debug` hides it.
#[derive(Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// Creates a secret.
    pub fn new(text: impl Into<String>) -> Self {
        Self(SecretString::from(text.into()))
    }

    /// Returns the value, for the request that needs it.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret([hidden])")
    }
}

/// A secret that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct SecretError {
    /// One sentence in lower case.
    pub message: String,
    /// How to fix it.
    pub help: String,
}

impl SecretError {
    fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { message: message.into(), help: help.into() }
    }
}

/// Reads a secret, without a line break at its end.
///
/// # Errors
/// Fails if the secret is missing, empty, too long or contains control characters, or if a program would run without
/// permission.
pub async fn resolve(reference: &SecretRef, allow_exec: bool) -> Result<Secret, SecretError> {
    let (text, place) = match reference {
        SecretRef::Env(name) => {
            let missing = || {
                let message = format!("the environment variable `{name}` is not set");
                SecretError::new(message, format!("set it for this command, as in `{name}=... reseat ...`"))
            };
            (variable::read(name).ok_or_else(missing)?, format!("the environment variable `{name}`"))
        }
        SecretRef::File(path) => (read_file(path)?, format!("the file `{}`", path.display())),
        SecretRef::Command(words) => {
            let program = words.first().map(String::as_str).unwrap_or_default();
            if !allow_exec {
                let message = format!("the program `{program}` would print a secret, but programs are not allowed");
                return Err(SecretError::new(message, "add `--allow-exec` if you trust this manifest"));
            }
            (run_command(program, words.get(1..).unwrap_or_default()).await?, format!("the output of `{program}`"))
        }
    };
    let secret = text.trim_end_matches(['\r', '\n']);
    if secret.is_empty() {
        return Err(SecretError::new(format!("{place} is empty"), "store the secret there"));
    }
    if secret.chars().any(char::is_control) {
        return Err(SecretError::new(
            format!("{place} contains a line break or a control character"),
            "store one secret there",
        ));
    }
    Ok(Secret::new(secret))
}

fn read_file(path: &Path) -> Result<String, SecretError> {
    let shown = path.display();
    let unreadable = |error: std::io::Error| {
        SecretError::new(
            format!("the secret file `{shown}` cannot be read: {error}"),
            "check the path and its permissions",
        )
    };
    let file = std::fs::File::open(path).map_err(unreadable)?;
    let mut text = String::new();
    file.take(SECRET_MAX_BYTES + 1).read_to_string(&mut text).map_err(unreadable)?;
    check_length(text.len(), &format!("the file `{shown}`"))?;
    Ok(text)
}

/// Returns the output of a program. Its stderr is inherited, because it may prompt for a password.
async fn run_command(program: &str, arguments: &[String]) -> Result<String, SecretError> {
    let failed = |why: String| {
        SecretError::new(format!("the secret program `{program}` {why}"), "run it manually to see its output")
    };
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| failed(format!("cannot run: {error}")))?;
    let Some(stdout) = child.stdout.take() else { return Err(failed("has no stdout".to_owned())) };
    let mut text = String::new();
    let run = async {
        let read = stdout.take(SECRET_MAX_BYTES + 1).read_to_string(&mut text).await;
        read.map_err(|error| failed(format!("cannot be read: {error}")))?;
        child.wait().await.map_err(|error| failed(format!("cannot be awaited: {error}")))
    };
    let status = timeout(COMMAND_LIMIT, run)
        .await
        .map_err(|_| failed(format!("did not end within {} seconds", COMMAND_LIMIT.as_secs())))??;
    check_length(text.len(), &format!("the output of `{program}`"))?;
    if status.success() { Ok(text) } else { Err(failed(format!("failed ({status})"))) }
}

fn check_length(length: usize, place: &str) -> Result<(), SecretError> {
    if length as u64 <= SECRET_MAX_BYTES {
        return Ok(());
    }
    Err(SecretError::new(format!("{place} is too long for a secret"), "store one secret there"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command_of(words: &[&str]) -> SecretRef {
        SecretRef::Command(words.iter().map(|word| (*word).to_owned()).collect())
    }

    #[tokio::test]
    async fn secret_comes_from_a_variable_file_or_program() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        std::fs::write(&path, "s3cret\r\n").unwrap();
        assert_eq!(resolve(&SecretRef::File(path), false).await.unwrap().expose(), "s3cret");
        let printed = resolve(&command_of(&["printf", "s3cret\n"]), true).await.unwrap();
        assert_eq!(printed.expose(), "s3cret");
        // Set on every machine.
        let variable = resolve(&SecretRef::Env("PATH".to_owned()), false).await.unwrap();
        assert!(!variable.expose().is_empty());
    }

    #[tokio::test]
    async fn program_does_not_run_without_permission() {
        let folder = tempfile::tempdir().unwrap();
        let trace = folder.path().join("trace");
        let words = command_of(&["touch", trace.to_str().unwrap()]);
        let error = resolve(&words, false).await.unwrap_err();
        assert!(error.help.contains("--allow-exec"), "{error:?}");
        assert!(!trace.exists());
    }

    #[tokio::test]
    async fn invalid_secret_is_refused_and_not_repeated() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        for (text, word) in
            [("", "empty"), ("\n", "empty"), ("hun\nter2", "line break"), (&"hunter2".repeat(20_000), "too long")]
        {
            std::fs::write(&path, text).unwrap();
            let error = resolve(&SecretRef::File(path.clone()), false).await.unwrap_err();
            assert!(error.message.contains(word) && !error.message.contains("hun"), "{error:?}");
        }
        for words in [&["false"][..], &["reseat-there-is-no-such-program"], &["yes"]] {
            assert!(resolve(&command_of(words), true).await.is_err(), "{words:?}");
        }
        assert!(resolve(&SecretRef::Env("RESEAT_NO_SUCH_VARIABLE".to_owned()), false).await.is_err());
    }

    #[test]
    fn debug_output_hides_the_secret() {
        assert_eq!(format!("{:?}", Secret::new("hunter2")), "Secret([hidden])");
    }
}
