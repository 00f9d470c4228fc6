//! What happens on the wire, on standard error, for whoever asks for it with `--verbose` or `RESEAT_LOG`.
//!
//! It stands apart from the output, which says what the user has to know. What must hold: without being asked nothing is
//! said; paths and statuses are, and neither keys nor what people are called.

use std::io;

use tracing::Level;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt;
use tracing_subscriber::fmt::time::Uptime;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use super::error::CliError;
use crate::env::variable;

/// Begins to say what the variable asks for, or what is asked for without one.
///
/// # Errors
/// When the variable asks for something that there is not.
pub(super) fn init(verbose: bool) -> Result<(), CliError> {
    let asked = variable::read(variable::RESEAT_LOG).filter(|word| !word.is_empty());
    let Some(word) = asked.or_else(|| verbose.then(|| "debug".to_owned())) else { return Ok(()) };
    let level: Level = word.parse().map_err(|_| {
        CliError::usage(format!("`{}` is no level of `{}`", word.escape_debug(), variable::RESEAT_LOG))
            .with_help("set it to error, warn, info, debug or trace")
    })?;
    let lines = fmt::layer().with_target(false).with_timer(Uptime::default()).with_writer(io::stderr);
    // What libraries say of the wire may hold what we would not say.
    let ours = Targets::new().with_target(env!("CARGO_CRATE_NAME"), level);
    tracing_subscriber::registry().with(lines).with(ours).init();
    Ok(())
}
