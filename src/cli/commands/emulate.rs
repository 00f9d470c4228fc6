//! `reseat emulate`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use clap::builder::PossibleValuesParser;
use serde::Serialize;

use super::{CommandContext, CommandResult};
use crate::adapter::file::state::StateFileEncoding;
use crate::cli::args::clock;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::output::write_stderr;
use crate::cli::output_format::DocumentFormat;
use crate::cli::signals::shutdown_requested;
use crate::diagnostic::{Files, Finding};
use crate::emulator::{
    Emulator, EmulatorConfig, EmulatorSettings, SavedTenant, StartError, load_config, load_tenant, save_tenant, vendors,
};
use crate::report::escape::escape;

/// How often changes of the tenant are saved.
const SAVE_INTERVAL: Duration = Duration::from_millis(250);

/// Arguments of `emulate`.
#[derive(Debug, Args)]
pub struct EmulateArgs {
    /// Vendor to emulate
    #[arg(value_name = "VENDOR", value_parser = PossibleValuesParser::new(vendors()))]
    vendor: String,
    /// Loopback address; port 0 selects a free port
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Observation file to start from [default: a fictional tenant]
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
    /// Save the tenant to this observation file after every change
    #[arg(long, value_name = "FILE")]
    save: Option<PathBuf>,
    /// Latency, limits and faults (see `reseat schema knobs`)
    #[arg(long, value_name = "FILE")]
    knobs: Option<PathBuf>,
}

/// The JSON output.
#[derive(Serialize)]
struct EmulatorInfo<'a> {
    vendor: &'a str,
    adapter: &'static str,
    base_url: String,
    control_url: String,
}

/// Serves until a signal ends it.
pub(crate) fn run(arguments: &EmulateArgs, context: &mut CommandContext) -> CommandResult {
    let kept = arguments
        .state
        .as_deref()
        .map(|path| load_tenant(path, &arguments.vendor))
        .transpose()
        .map_err(invalid_input)?;
    let knobs = arguments.knobs.as_deref().map(load_config).transpose().map_err(invalid_input)?.unwrap_or_default();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| CliError::new(Exit::Internal, format!("cannot start threads: {error}")))?;
    runtime.block_on(serve(arguments, kept, knobs, context))
}

async fn serve(
    arguments: &EmulateArgs,
    kept: Option<SavedTenant>,
    knobs: EmulatorConfig,
    context: &mut CommandContext,
) -> CommandResult {
    let (state, encoding) = match kept {
        Some(SavedTenant { observation, encoding }) => (Some(observation), encoding),
        None => (None, state_format(arguments)),
    };
    let settings = EmulatorSettings {
        vendor: arguments.vendor.clone(),
        listen: arguments.listen,
        state,
        config: knobs,
        clock: clock()?,
    };
    let emulator = Emulator::start(settings).await.map_err(start_error)?;
    let mut written = None;
    if let Some(path) = &arguments.save {
        // Fail now rather than at the end.
        let kept = SavedTenant { observation: emulator.state(), encoding: encoding.clone() };
        let unsaved = |error| CliError::new(Exit::Internal, format!("`{}` cannot be written: {error}", path.display()));
        save_tenant(path, &kept).map_err(unsaved)?;
        written = Some(emulator.version());
    }
    announce(&emulator, arguments, context)?;
    let mut ended = std::pin::pin!(shutdown_requested());
    loop {
        let is_over = tokio::select! {
            () = &mut ended => true,
            () = tokio::time::sleep(SAVE_INTERVAL) => false,
        };
        let version = emulator.version();
        if written != Some(version) {
            let kept = SavedTenant { observation: emulator.state(), encoding: encoding.clone() };
            match arguments.save.as_deref().map(|path| save_tenant(path, &kept)).transpose() {
                Ok(_) => written = Some(version),
                // A later attempt may succeed.
                Err(error) if !is_over => {
                    write_stderr(&format!("the tenant cannot be saved: {error}\n"));
                    written = Some(version);
                }
                Err(error) => {
                    return Err(CliError::new(Exit::Internal, format!("the tenant cannot be saved: {error}")));
                }
            }
        }
        if is_over {
            emulator.stop().await;
            return Ok(Exit::Done);
        }
    }
}

/// Prints the URL and a manifest that uses it.
fn announce(emulator: &Emulator, arguments: &EmulateArgs, context: &mut CommandContext) -> Result<(), CliError> {
    let (vendor, base_url) = (&arguments.vendor, emulator.base_url());
    let (control_url, adapter) = (emulator.control_url(), emulator.adapter());
    if context.globals.document_format == DocumentFormat::Json {
        let running = EmulatorInfo { vendor, adapter, base_url, control_url };
        context.output.print(&format!("{}\n", serde_json::to_string(&running)?))?;
        return Ok(());
    }
    context.output.print(&format!("{base_url}\n"))?;
    let tenant = emulator.state().tenant;
    let tenant = escape(&tenant);
    let url_key = if adapter == "api" { "base_url" } else { "url" };
    context.output.print_stderr(&format!(
        "any key is accepted, unless the knobs name one; in a manifest:\n\
         tenants:\n  {tenant}:\n    vendor: {vendor}\n    \
         adapter: {{ {adapter}: {{ {url_key}: \"{base_url}\", key: {{ env: RESEAT_EMULATOR_KEY }} }} }}\n\
         knobs, state and requests: {control_url}\n\
         stop it with Ctrl-C\n"
    ));
    Ok(())
}

/// Returns the encoding of a new file by its name.
fn state_format(arguments: &EmulateArgs) -> StateFileEncoding {
    let is_json = arguments.save.as_ref().is_some_and(|path| path.extension().is_some_and(|end| end == "json"));
    if is_json { StateFileEncoding::Json { pretty: true } } else { StateFileEncoding::Yaml { header: String::new() } }
}

fn invalid_input(findings: Vec<Finding>) -> CliError {
    CliError::Findings { exit: Exit::Input, findings, files: Box::<Files>::default() }
}

fn start_error(error: StartError) -> CliError {
    let message = error.to_string();
    match error {
        StartError::UnknownVendor(_) => CliError::usage(message),
        StartError::NotLoopback(_) => {
            CliError::usage(message).with_help("give a loopback address, such as `127.0.0.1:0`")
        }
        StartError::InvalidConfig(_) => {
            CliError::new(Exit::Input, message).with_help("`reseat schema knobs` tells what may stand there")
        }
        StartError::Listen(_) => CliError::new(Exit::Internal, message).with_help("give another port, or port 0"),
    }
}
