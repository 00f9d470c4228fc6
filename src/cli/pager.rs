//! The pager for long text on a terminal. Text is printed directly if the pager cannot be started.

use std::io;
use std::process::Stdio;

use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;
use tokio::runtime::Handle;
use tokio::signal::ctrl_c;
use tokio::task;

use crate::env::variable;

/// The default pager.
const DEFAULT_PAGER: &str = "less";
/// Default options of `less`: quit if the text fits one screen, show colors, and leave the text on the screen.
const LESS_OPTIONS: (&str, &str) = ("LESS", "FRX");
/// Exit codes of a shell that cannot start a program.
const NOT_STARTED_CODES: [i32; 2] = [126, 127];

/// A pager command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pager(String);

impl Pager {
    /// Returns the pager of the environment; `None` if it is empty or `cat`.
    pub(super) fn from_environment() -> Option<Self> {
        let named = variable::PAGERS.iter().find_map(|name| variable::read(name));
        Self::from_command(named.as_deref().unwrap_or(DEFAULT_PAGER))
    }

    fn from_command(command: &str) -> Option<Self> {
        let command = command.trim();
        (!command.is_empty() && command != "cat").then(|| Self(command.to_owned()))
    }

    /// Shows the text until the pager ends. Returns false if the pager cannot be started.
    pub(super) fn show(&self, text: &str) -> bool {
        let Ok(runtime) = Handle::try_current() else { return false };
        task::block_in_place(|| runtime.block_on(self.run(text))).unwrap_or(false)
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
                // The user may quit before the end.
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
                // Ctrl-C belongs to the pager, which owns the terminal.
                signal = ctrl_c() => signal?,
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

    #[tokio::test(flavor = "multi_thread")]
    async fn missing_pager_is_reported_and_early_exit_is_accepted() {
        let text = "line\n".repeat(100_000);
        assert!(!Pager("no-such-pager-anywhere 2>/dev/null".to_owned()).show(&text));
        assert!(Pager("head -n 1 >/dev/null".to_owned()).show(&text));
    }
}
