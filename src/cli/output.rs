//! Stdout and stderr: results go to stdout, diagnostics to stderr.
//!
//! A reader that closes the pipe is not an error; the remaining output is dropped.

use std::io::{self, ErrorKind, IsTerminal, Write};
use std::sync::Arc;

use dialoguer::Confirm;

use super::pager::Pager;
use super::progress::{ProgressDisplay, ProgressMode};
use super::prompt::{PROMPT_THEME, TerminalPrompt};
use super::stderr::write_stderr;
use crate::env::variable;
use crate::model::Plan;
use crate::report::TextStyle;
use crate::workflow::ui::{Progress, Prompt, Ui};

/// Width of text without a terminal.
const DEFAULT_WIDTH: usize = 100;
/// Tables break in narrower text, and wider lines are hard to read.
const WIDTH_RANGE: std::ops::RangeInclusive<usize> = 80..=120;

/// Stdout and stderr of the process.
#[derive(Debug)]
pub(crate) struct Output {
    stdout_style: TextStyle,
    stderr_style: TextStyle,
    is_stdout_closed: bool,
    is_quiet: bool,
    /// The pager, and the number of lines of the terminal.
    pager: Option<(Pager, usize)>,
}

impl Output {
    /// Returns the output of the process.
    pub(crate) fn for_process() -> Self {
        let no_color = variable::read(variable::NO_COLOR).is_some_and(|value| !value.is_empty());
        let size = terminal_size::terminal_size();
        let width = size.map_or(DEFAULT_WIDTH, |(width, _)| usize::from(width.0));
        let width = width.clamp(*WIDTH_RANGE.start(), *WIDTH_RANGE.end());
        let style = |is_terminal: bool| TextStyle { color: is_terminal && !no_color, width };
        let can_page = io::stdout().is_terminal() && io::stdin().is_terminal();
        let lines = size.filter(|_| can_page).map(|(_, height)| usize::from(height.0));
        Self {
            stdout_style: style(io::stdout().is_terminal()),
            stderr_style: style(io::stderr().is_terminal()),
            is_stdout_closed: false,
            is_quiet: false,
            pager: lines.and_then(|lines| Some((Pager::from_environment()?, lines))),
        }
    }

    /// Applies `--quiet` and `--no-pager`.
    pub(crate) fn with_options(self, quiet: bool, no_pager: bool) -> Self {
        Self { is_quiet: quiet, pager: self.pager.filter(|_| !no_pager), ..self }
    }
}

impl Ui for Output {
    fn print(&mut self, text: &str) -> io::Result<()> {
        if self.is_stdout_closed {
            return Ok(());
        }
        let mut out = io::stdout().lock();
        match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => {
                self.is_stdout_closed = true;
                Ok(())
            }
            result => result,
        }
    }

    fn print_paged(&mut self, text: &str) -> io::Result<()> {
        match &self.pager {
            Some((pager, lines)) if text.lines().count() >= *lines && pager.show(text) => Ok(()),
            _ => self.print(text),
        }
    }

    fn print_stderr(&mut self, text: &str) {
        write_stderr(text);
    }

    fn info(&mut self, text: &str) {
        if !self.is_quiet {
            write_stderr(text);
        }
    }

    fn confirm(&mut self, question: &str) -> bool {
        let prompt = Confirm::with_theme(&PROMPT_THEME).with_prompt(question).default(false);
        self.is_interactive() && prompt.interact().unwrap_or(false)
    }

    fn is_interactive(&self) -> bool {
        io::stdin().is_terminal() && io::stderr().is_terminal()
    }

    fn prompt(&self) -> Option<Box<dyn Prompt>> {
        let is_terminal = self.is_interactive() && io::stdout().is_terminal();
        is_terminal.then(|| Box::new(TerminalPrompt) as Box<dyn Prompt>)
    }

    fn progress(&self, plan: Option<&Arc<Plan>>, is_exclusive: bool) -> Arc<dyn Progress> {
        let mode = match (self.is_quiet, io::stderr().is_terminal() && is_exclusive) {
            (true, _) => ProgressMode::Silent,
            (false, true) => ProgressMode::Bar,
            (false, false) => ProgressMode::Lines,
        };
        Arc::new(ProgressDisplay::new(plan, mode))
    }

    fn stdout_style(&self) -> TextStyle {
        self.stdout_style
    }

    fn stderr_style(&self) -> TextStyle {
        self.stderr_style
    }
}
