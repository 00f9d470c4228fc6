//! Secrets: read where the manifest says that they are found, at the moment they are needed.
//!
//! It stands beside the variables because both come from the environment. What must hold: a secret is in memory only,
//! has no `Debug` and no `Display`, and is wiped when it goes; a message names the place and never what was found there;
//! no program runs without leave; a file or a program cannot exhaust memory or time.

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

/// The longest secret, in bytes: a certificate with its key fits.
const SECRET_MAX_BYTES: u64 = 64 * 1024;

/// How long a program may take to print one: time enough to touch a token.
const COMMAND_LIMIT: Duration = Duration::from_secs(60);

/// A secret.
#[derive(Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// Keeps a secret.
    pub fn new(text: impl Into<String>) -> Self {
        Self(SecretString::from(text.into()))
    }

    /// What it is: for the request that needs it, and nothing else.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret([hidden])")
    }
}

/// Why there is no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretError {
    /// One sentence in lower case.
    pub message: String,
    /// How to mend it.
    pub help: String,
}

impl SecretError {
    fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { message: message.into(), help: help.into() }
    }
}

impl fmt::Display for SecretError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for SecretError {}

/// Reads a secret where it is found; a line break at its end is none of it.
///
/// # Errors
/// When it is not there, is empty or too long, holds what no header can carry, or a program would run without leave.
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
                let message = format!("a secret is what `{program}` prints, and no program may run");
                return Err(SecretError::new(message, "give `--allow-exec` if you trust this manifest"));
            }
            (run_command(program, words.get(1..).unwrap_or_default()).await?, format!("what `{program}` prints"))
        }
    };
    let secret = text.trim_end_matches(['\r', '\n']);
    if secret.is_empty() {
        return Err(SecretError::new(format!("{place} is empty"), "put the secret there"));
    }
    if secret.chars().any(char::is_control) {
        return Err(SecretError::new(
            format!("{place} holds a line break or a control character"),
            "keep one secret there",
        ));
    }
    Ok(Secret::new(secret))
}

fn read_file(path: &Path) -> Result<String, SecretError> {
    let shown = path.display();
    let unreadable = |error: std::io::Error| {
        SecretError::new(
            format!("the file `{shown}`, which holds a secret, cannot be read: {error}"),
            "check the path and who may read it",
        )
    };
    let file = std::fs::File::open(path).map_err(unreadable)?;
    let mut text = String::new();
    file.take(SECRET_MAX_BYTES + 1).read_to_string(&mut text).map_err(unreadable)?;
    check_length(text.len(), &format!("the file `{shown}`"))?;
    Ok(text)
}

/// What a program prints. Its complaints go where ours go: it may ask for a password there.
async fn run_command(program: &str, arguments: &[String]) -> Result<String, SecretError> {
    let failed = |why: String| {
        SecretError::new(format!("`{program}`, which prints a secret, {why}"), "run it by hand and see what it says")
    };
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| failed(format!("cannot run: {error}")))?;
    let Some(stdout) = child.stdout.take() else { return Err(failed("prints nowhere".to_owned())) };
    let mut text = String::new();
    let run = async {
        let read = stdout.take(SECRET_MAX_BYTES + 1).read_to_string(&mut text).await;
        read.map_err(|error| failed(format!("cannot be read: {error}")))?;
        child.wait().await.map_err(|error| failed(format!("was lost: {error}")))
    };
    let status = timeout(COMMAND_LIMIT, run)
        .await
        .map_err(|_| failed(format!("did not end within {} seconds", COMMAND_LIMIT.as_secs())))??;
    check_length(text.len(), &format!("what `{program}` prints"))?;
    if status.success() { Ok(text) } else { Err(failed(format!("failed ({status})"))) }
}

fn check_length(length: usize, place: &str) -> Result<(), SecretError> {
    if length as u64 <= SECRET_MAX_BYTES {
        return Ok(());
    }
    Err(SecretError::new(format!("{place} is too long for a secret"), "keep one secret there"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command_of(words: &[&str]) -> SecretRef {
        SecretRef::Command(words.iter().map(|word| (*word).to_owned()).collect())
    }

    #[tokio::test]
    async fn a_secret_comes_from_a_variable_a_file_or_a_program() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        std::fs::write(&path, "s3cret\r\n").unwrap();
        assert_eq!(resolve(&SecretRef::File(path), false).await.unwrap().expose(), "s3cret");
        let printed = resolve(&command_of(&["printf", "s3cret\n"]), true).await.unwrap();
        assert_eq!(printed.expose(), "s3cret");
        // Every machine that runs tests has one of these.
        let variable = resolve(&SecretRef::Env("PATH".to_owned()), false).await.unwrap();
        assert!(!variable.expose().is_empty());
    }

    #[tokio::test]
    async fn no_program_runs_without_leave() {
        let folder = tempfile::tempdir().unwrap();
        let trace = folder.path().join("trace");
        let words = command_of(&["touch", trace.to_str().unwrap()]);
        let error = resolve(&words, false).await.unwrap_err();
        assert!(error.help.contains("--allow-exec"), "{error:?}");
        assert!(!trace.exists());
    }

    #[tokio::test]
    async fn what_is_no_secret_is_refused_and_not_repeated() {
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
    fn it_does_not_show_itself() {
        assert_eq!(format!("{:?}", Secret::new("hunter2")), "Secret([hidden])");
    }
}
