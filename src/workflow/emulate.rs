//! `reseat emulate`: serves a simulated tenant until it is interrupted.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use serde::Serialize;

use super::error::WorkflowError;
use super::exit::Exit;
use super::session::Session;
use super::signals::shutdown_requested;
use crate::adapter::file::state::StateFileEncoding;
use crate::diagnostic::{Files, Finding};
use crate::emulator::{Emulator, EmulatorSettings, SavedTenant, StartError, load_config, load_tenant, save_tenant};
use crate::report::escape::escape;

/// Interval between saves of a changed tenant.
const SAVE_INTERVAL: Duration = Duration::from_millis(250);

/// The tenant to serve.
pub struct EmulateOptions<'a> {
    /// The vendor.
    pub vendor: &'a str,
    /// The loopback address to listen on.
    pub listen: SocketAddr,
    /// The observation file to start from.
    pub state: Option<&'a Path>,
    /// The observation file to save the tenant to.
    pub save: Option<&'a Path>,
    /// The file with latency, limits and faults.
    pub knobs: Option<&'a Path>,
}

/// The JSON description of a running emulator.
#[derive(Serialize)]
struct EmulatorInfo<'a> {
    vendor: &'a str,
    adapter: &'static str,
    base_url: String,
    control_url: String,
}

/// Serves the tenant until a shutdown signal, and saves it after every change.
///
/// # Errors
/// If a file is invalid or cannot be written, or the address cannot be used.
pub async fn emulate(options: &EmulateOptions<'_>, session: &mut Session<'_>) -> Result<Exit, WorkflowError> {
    let invalid = |findings: Vec<Finding>| WorkflowError::new(Exit::Input, findings, Files::default());
    let saved = options.state.map(|path| load_tenant(path, options.vendor)).transpose().map_err(invalid)?;
    let config = options.knobs.map(load_config).transpose().map_err(invalid)?.unwrap_or_default();
    let (state, encoding) = match saved {
        Some(SavedTenant { observation, encoding }) => (Some(observation), encoding),
        None => (None, default_encoding(options.save)),
    };
    let settings = EmulatorSettings {
        vendor: options.vendor.to_owned(),
        listen: options.listen,
        state,
        config,
        clock: session.clock,
    };
    let emulator = Emulator::start(settings).await.map_err(start_error)?;
    let save = |path: &Path| {
        let tenant = SavedTenant { observation: emulator.state(), encoding: encoding.clone() };
        save_tenant(path, &tenant).map_err(|error| {
            WorkflowError::message(Exit::Internal, format!("cannot save the tenant to `{}`: {error}", path.display()))
        })
    };
    let mut saved_version = None;
    if let Some(path) = options.save {
        save(path)?;
        saved_version = Some(emulator.version());
    }
    announce(&emulator, options.vendor, session)?;
    let mut shutdown = std::pin::pin!(shutdown_requested());
    loop {
        let is_over = tokio::select! {
            () = &mut shutdown => true,
            () = tokio::time::sleep(SAVE_INTERVAL) => false,
        };
        let version = emulator.version();
        if saved_version != Some(version) {
            match options.save.map(save).transpose() {
                Ok(_) => {}
                // The problem may be fixed before the end.
                Err(error) if !is_over => session.ui.print_stderr(&format!("{error}\n")),
                Err(error) => return Err(error),
            }
            saved_version = Some(version);
        }
        if is_over {
            emulator.stop().await;
            return Ok(Exit::Done);
        }
    }
}

/// Prints the URL, and the tenant for a manifest.
fn announce(emulator: &Emulator, vendor: &str, session: &mut Session<'_>) -> Result<(), WorkflowError> {
    let (base_url, control_url) = (emulator.base_url(), emulator.control_url());
    let adapter = emulator.adapter();
    if session.json {
        let info = EmulatorInfo { vendor, adapter, base_url, control_url };
        return Ok(session.ui.print(&format!("{}\n", serde_json::to_string(&info)?))?);
    }
    session.ui.print(&format!("{base_url}\n"))?;
    let tenant = emulator.state().tenant;
    let tenant = escape(&tenant);
    let url_key = if adapter == "api" { "base_url" } else { "url" };
    session.ui.print_stderr(&format!(
        "any key works, unless the knobs name one; in a manifest:\n\
         tenants:\n  {tenant}:\n    vendor: {vendor}\n    \
         adapter: {{ {adapter}: {{ {url_key}: \"{base_url}\", key: {{ env: RESEAT_EMULATOR_KEY }} }} }}\n\
         knobs, state and requests: {control_url}\n\
         press Ctrl-C to stop\n"
    ));
    Ok(())
}

/// Returns the encoding of a new file by its name.
fn default_encoding(save: Option<&Path>) -> StateFileEncoding {
    let is_json = save.is_some_and(|path| path.extension().is_some_and(|extension| extension == "json"));
    if is_json { StateFileEncoding::Json { pretty: true } } else { StateFileEncoding::Yaml { header: String::new() } }
}

fn start_error(error: StartError) -> WorkflowError {
    let message = error.to_string();
    match error {
        StartError::UnknownVendor(_) => WorkflowError::usage(message),
        StartError::NotLoopback(_) => {
            WorkflowError::usage(message).with_help("use a loopback address, such as `127.0.0.1:0`")
        }
        StartError::InvalidConfig(_) => {
            WorkflowError::message(Exit::Input, message).with_help("`reseat schema knobs` prints the schema")
        }
        StartError::Listen(_) => {
            WorkflowError::message(Exit::Internal, message).with_help("use another port, or port 0")
        }
    }
}
