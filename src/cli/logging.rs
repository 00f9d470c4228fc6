//! The log of HTTP requests on stderr, for `--verbose` and `RESEAT_LOG`.
//!
//! The log contains paths and status codes, but neither credentials nor names of people.

use std::io;

use tracing::Level;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt;
use tracing_subscriber::fmt::time::Uptime;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::env::variable;
use crate::workflow::WorkflowError;

/// Starts the log with the level of the variable; without a variable, `verbose` selects the level debug.
///
/// # Errors
/// If the level is invalid.
pub(super) fn init(verbose: bool) -> Result<(), WorkflowError> {
    let name = variable::read(variable::RESEAT_LOG).filter(|name| !name.is_empty());
    let Some(name) = name.or_else(|| verbose.then(|| "debug".to_owned())) else { return Ok(()) };
    let level: Level = name.parse().map_err(|_| {
        WorkflowError::usage(format!("invalid level `{}` of `{}`", name.escape_debug(), variable::RESEAT_LOG))
            .with_help("set it to error, warn, info, debug or trace")
    })?;
    let layer = fmt::layer().with_target(false).with_timer(Uptime::default()).with_writer(io::stderr);
    // Libraries may log credentials.
    let own_crate = Targets::new().with_target(env!("CARGO_CRATE_NAME"), level);
    tracing_subscriber::registry().with(layer).with(own_crate).init();
    Ok(())
}
