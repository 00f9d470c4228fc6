//! The verbs, a file each.

pub(crate) mod completions;
pub(crate) mod explain;
pub(crate) mod schema;

use super::args::Globals;
use super::exit::Exit;
use super::failure::Failure;
use super::output::Output;

/// What every verb works with.
pub(crate) struct Context {
    pub(crate) globals: Globals,
    pub(crate) output: Output,
}

/// How a verb ends.
pub(crate) type Ended = Result<Exit, Failure>;
