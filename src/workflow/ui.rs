//! The user interface of a workflow: what it prints and asks.
//!
//! The command line implements it on stdout, stderr and the terminal.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use crate::apply::{Event, StopSignal};
use crate::model::Plan;
use crate::report::TextStyle;

/// Output and prompts.
pub trait Ui {
    /// Prints a result to stdout.
    ///
    /// # Errors
    /// If stdout cannot be written; a closed pipe is not an error.
    fn print(&mut self, text: &str) -> io::Result<()>;

    /// Prints a result to stdout, through the pager if it exceeds the terminal.
    ///
    /// # Errors
    /// As [`Ui::print`].
    fn print_paged(&mut self, text: &str) -> io::Result<()>;

    /// Prints a diagnostic to stderr.
    fn print_stderr(&mut self, text: &str);

    /// Prints a remark to stderr, unless `--quiet` is set.
    fn info(&mut self, text: &str);

    /// Asks a yes/no question. Returns false without a terminal.
    fn confirm(&mut self, question: &str) -> bool;

    /// Returns whether a person can be asked.
    fn is_interactive(&self) -> bool;

    /// Returns a prompt for a walkthrough, if input and output are a terminal.
    fn prompt(&self) -> Option<Box<dyn Prompt>>;

    /// Returns the progress display of a run. `is_exclusive` is false if the run itself prompts on the terminal.
    fn progress(&self, plan: Option<&Arc<Plan>>, is_exclusive: bool) -> Arc<dyn Progress>;

    /// Returns the text style of stdout.
    fn stdout_style(&self) -> TextStyle;

    /// Returns the text style of stderr.
    fn stderr_style(&self) -> TextStyle;
}

/// Questions during a run.
pub trait Prompt: Send {
    /// Shows a text.
    fn show(&mut self, text: &str);

    /// Asks for one line. Returns `None` at the end of input and after a stop signal.
    fn ask(&mut self, question: &str, stop: &StopSignal) -> Option<String>;
}

/// The progress of a run.
pub trait Progress: Send + Sync {
    /// Updates the display with an event.
    fn handle(&self, event: &Event);

    /// Returns how often [`Progress::refresh`] is called.
    fn interval(&self) -> Duration;

    /// Updates the display as time passes.
    fn refresh(&self);

    /// Prints a line beside the display.
    fn print(&self, line: &str);

    /// Returns one line for each tenant with operations in flight, and the people between two licenses.
    fn in_flight(&self) -> Vec<String>;

    /// Removes the display.
    fn finish(&self);
}
