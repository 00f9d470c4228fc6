//! The one door to stdout and stderr.
//!
//! Data goes to stdout, talk to stderr. Somebody who closes the pipe has read enough: that is no error, and what is
//! left to print is dropped.

use std::io::{self, ErrorKind, IsTerminal, Write};

use super::pager::Pager;
use crate::env::variable;
use crate::report::TextStyle;

/// How wide text is where nobody can tell how wide the reader's window is.
const DEFAULT_WIDTH: usize = 100;
/// Narrower than this, tables break; wider, lines are hard to follow.
const WIDTH_RANGE: std::ops::RangeInclusive<usize> = 80..=120;

/// Stdout and stderr, and how they want to be written to.
#[derive(Debug)]
pub struct Output {
    stdout_style: TextStyle,
    stderr_style: TextStyle,
    is_stdout_closed: bool,
    /// Whether only what must be said is said.
    is_quiet: bool,
    /// What shows long text, and how many lines are not long yet.
    pager: Option<(Pager, usize)>,
}

impl Output {
    /// The process's own stdout and stderr.
    pub fn for_process() -> Self {
        let colorless = variable::read(variable::NO_COLOR).is_some_and(|value| !value.is_empty());
        let size = terminal_size::terminal_size();
        let width = size.map_or(DEFAULT_WIDTH, |(width, _)| usize::from(width.0));
        let width = width.clamp(*WIDTH_RANGE.start(), *WIDTH_RANGE.end());
        let look = |terminal: bool| TextStyle { color: terminal && !colorless, width };
        let can_page = io::stdout().is_terminal() && io::stdin().is_terminal();
        let lines = size.filter(|_| can_page).map(|(_, height)| usize::from(height.0));
        Self {
            stdout_style: look(io::stdout().is_terminal()),
            stderr_style: look(io::stderr().is_terminal()),
            is_stdout_closed: false,
            is_quiet: false,
            pager: lines.and_then(|lines| Some((Pager::from_environment()?, lines))),
        }
    }

    /// The same, where only what must be said is said, or where nothing is shown by a pager.
    pub fn with_options(self, quiet: bool, no_pager: bool) -> Self {
        Self { is_quiet: quiet, pager: self.pager.filter(|_| !no_pager), ..self }
    }

    /// How text on stdout should look.
    pub fn stdout_style(&self) -> TextStyle {
        self.stdout_style
    }

    /// How text on stderr should look.
    pub fn stderr_style(&self) -> TextStyle {
        self.stderr_style
    }

    /// Whether a person can be asked: what they type and what they read are both a terminal.
    pub fn is_interactive(&self) -> bool {
        io::stdin().is_terminal() && io::stderr().is_terminal()
    }

    /// Whether somebody can be walked through something: everything they read and type is a terminal.
    pub fn is_fully_interactive(&self) -> bool {
        self.is_interactive() && io::stdout().is_terminal()
    }

    /// Whether somebody watches stderr while the program works.
    pub fn can_show_progress(&self) -> bool {
        io::stderr().is_terminal() && !self.is_quiet
    }

    /// Whether only what must be said is said.
    pub fn is_quiet(&self) -> bool {
        self.is_quiet
    }

    /// Shows data that people read: on a terminal that it does not fit by their pager, else as [`Output::data`] does.
    ///
    /// # Errors
    /// As [`Output::data`].
    pub fn print_paged(&mut self, text: &str) -> io::Result<()> {
        match &self.pager {
            Some((pager, lines)) if text.lines().count() >= *lines && pager.show(text) => Ok(()),
            _ => self.print(text),
        }
    }

    /// Prints data.
    ///
    /// # Errors
    /// When it cannot be written for another reason than a closed pipe, such as a full disk.
    pub fn print(&mut self, text: &str) -> io::Result<()> {
        if self.is_stdout_closed {
            return Ok(());
        }
        let mut out = io::stdout().lock();
        match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => {
                self.is_stdout_closed = true;
                Ok(())
            }
            other => other,
        }
    }

    /// Says something that is good to know, and that nobody needs who wants quiet.
    pub fn info(&mut self, text: &str) {
        if !self.is_quiet {
            write_stderr(text);
        }
    }

    /// Says something. Where nobody can hear it, that is nobody's fault.
    pub fn print_stderr(&mut self, text: &str) {
        write_stderr(text);
    }

    /// Asks a question on stderr; true for `y` or `yes`.
    pub fn confirm(&mut self, question: &str) -> bool {
        self.print_stderr(question);
        let mut answer = String::new();
        // An answer has a limit too; three letters are enough for `yes`.
        let read = io::BufRead::read_line(&mut io::Read::take(io::stdin().lock(), 16), &mut answer);
        read.is_ok() && matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes")
    }
}

/// Says something from another thread while the program works.
pub(super) fn write_stderr(text: &str) {
    let mut err = io::stderr().lock();
    drop(err.write_all(text.as_bytes()).and_then(|()| err.flush()));
}
