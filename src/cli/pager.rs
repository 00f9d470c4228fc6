//! Long text on a terminal, shown by the reader's own pager.
//!
//! Only what a person reads goes there: never JSON, never where stdout is no terminal, never what fits the screen. What must
//! hold: without a pager that works the text is printed all the same.

use std::io;
use std::process::Stdio;

use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;
use tokio::signal::ctrl_c;

use crate::env::variable;

/// What is run where nobody says otherwise.
const DEFAULT_PAGER: &str = "less";
/// What `less` is told where the reader tells it nothing: to end where one screen is enough, to show colors, and to leave the
/// text on the screen.
const LESS_OPTIONS: (&str, &str) = ("LESS", "FRX");
/// What a shell answers where a program cannot be run or is not there.
const NOT_STARTED_CODES: [i32; 2] = [126, 127];

/// The reader's pager.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pager(String);

impl Pager {
    /// What the environment names; nothing where it names `cat`, or nothing on purpose.
    pub(super) fn from_environment() -> Option<Self> {
        let named = variable::PAGERS.iter().find_map(|name| variable::read(name));
        Self::from_command(named.as_deref().unwrap_or(DEFAULT_PAGER))
    }

    fn from_command(command: &str) -> Option<Self> {
        let command = command.trim();
        (!command.is_empty() && command != "cat").then(|| Self(command.to_owned()))
    }

    /// Shows the text, and waits until it was read; false where the pager cannot be run.
    pub(super) fn show(&self, text: &str) -> bool {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.is_ok_and(|runtime| runtime.block_on(self.run(text)).unwrap_or(false))
    }

    async fn run(&self, text: &str) -> io::Result<bool> {
        let mut command = Command::new("sh");
        command.args(["-c", &self.0]).stdin(Stdio::piped());
        if variable::read(LESS_OPTIONS.0).is_none() {
            command.env(LESS_OPTIONS.0, LESS_OPTIONS.1);
        }
        let mut child = command.spawn()?;
        let stdin = child.stdin.take();
        let feed = async {
            if let Some(mut stdin) = stdin {
                // Who leaves before the end has read enough.
                drop(stdin.write_all(text.as_bytes()).await);
            }
        };
        let read = async {
            let (status, ()) = tokio::join!(child.wait(), feed);
            status
        };
        tokio::pin!(read);
        loop {
            tokio::select! {
                status = &mut read => return Ok(!status?.code().is_some_and(|code| NOT_STARTED_CODES.contains(&code))),
                // Ctrl-C is the pager's: it ends a search there, and must not end us with the terminal in its hands.
                asked = ctrl_c() => asked?,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_command_and_cat_disable_the_pager() {
        assert_eq!((Pager::from_command(" "), Pager::from_command("cat")), (None, None));
        assert_eq!(Pager::from_command("less -S"), Some(Pager("less -S".to_owned())));
    }

    #[test]
    fn missing_pager_is_reported_and_early_exit_is_accepted() {
        let text = "line\n".repeat(100_000);
        assert!(!Pager("no-such-pager-anywhere 2>/dev/null".to_owned()).show(&text));
        assert!(Pager("head -n 1 >/dev/null".to_owned()).show(&text));
    }
}
