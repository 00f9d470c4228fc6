//! `reseat emulate`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use clap::builder::PossibleValuesParser;
use serde::Serialize;

use super::{Context, Ended};
use crate::adapter::state::Form;
use crate::cli::args::clock;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::form::Format;
use crate::cli::output::say;
use crate::cli::signals::interrupted;
use crate::diagnostic::{Files, Finding};
use crate::emulator::{Emulator, Kept, Knobs, Settings, StartError, load, load_knobs, save, vendors};
use crate::report::escape::escape;

/// How often the tenant is looked at for something to save.
const LOOK: Duration = Duration::from_millis(250);

/// What `emulate` takes.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Vendor to stand for
    #[arg(value_name = "VENDOR", value_parser = PossibleValuesParser::new(vendors()))]
    vendor: String,
    /// Loopback address to listen on; port 0 takes one that is free
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Observation file to begin with [default: a small tenant that is made up]
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
    /// Observation file to keep the tenant in; it is written anew after every change, and at the end
    #[arg(long, value_name = "FILE")]
    save: Option<PathBuf>,
    /// How it behaves: latency, limits, faults (see `reseat schema knobs`)
    #[arg(long, value_name = "FILE")]
    knobs: Option<PathBuf>,
}

/// What programs are told of a running emulator.
#[derive(Serialize)]
struct Running<'a> {
    vendor: &'a str,
    base_url: String,
    control_url: String,
    synthetic: bool,
}

/// Serves until somebody ends it.
pub(crate) fn run(arguments: &Arguments, context: &mut Context) -> Ended {
    let kept = arguments.state.as_deref().map(|path| load(path, &arguments.vendor)).transpose().map_err(findings)?;
    let knobs = arguments.knobs.as_deref().map(load_knobs).transpose().map_err(findings)?.unwrap_or_default();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::new(Exit::Internal, format!("no threads can be made: {error}")))?;
    runtime.block_on(serve(arguments, kept, knobs, context))
}

async fn serve(arguments: &Arguments, kept: Option<Kept>, knobs: Knobs, context: &mut Context) -> Ended {
    let (state, form) = match kept {
        Some(Kept { observation, form }) => (Some(observation), form),
        None => (None, form_of(arguments)),
    };
    let settings =
        Settings { vendor: arguments.vendor.clone(), listen: arguments.listen, state, knobs, clock: clock()? };
    let emulator = Emulator::start(settings).await.map_err(refused)?;
    let mut written = None;
    if let Some(path) = &arguments.save {
        // Who cannot save at the beginning would learn of it at the end.
        let kept = Kept { observation: emulator.state(), form: form.clone() };
        let unsaved = |error| Failure::new(Exit::Internal, format!("`{}` cannot be written: {error}", path.display()));
        save(path, &kept).map_err(unsaved)?;
        written = Some(emulator.version());
    }
    tell(&emulator, arguments, context)?;
    let mut ended = std::pin::pin!(interrupted());
    loop {
        let is_over = tokio::select! {
            () = &mut ended => true,
            () = tokio::time::sleep(LOOK) => false,
        };
        let version = emulator.version();
        if written != Some(version) {
            let kept = Kept { observation: emulator.state(), form: form.clone() };
            match arguments.save.as_deref().map(|path| save(path, &kept)).transpose() {
                Ok(_) => written = Some(version),
                // Somebody may make room before the end.
                Err(error) if !is_over => {
                    say(&format!("the tenant cannot be saved: {error}\n"));
                    written = Some(version);
                }
                Err(error) => return Err(Failure::new(Exit::Internal, format!("the tenant cannot be saved: {error}"))),
            }
        }
        if is_over {
            emulator.stop().await;
            return Ok(Exit::Done);
        }
    }
}

/// Says where it is, and how a manifest leads there.
fn tell(emulator: &Emulator, arguments: &Arguments, context: &mut Context) -> Result<(), Failure> {
    let (vendor, base_url) = (&arguments.vendor, emulator.base_url());
    let (control_url, synthetic) = (emulator.control_url(), emulator.is_synthetic());
    if context.globals.format == Format::Json {
        let running = Running { vendor, base_url, control_url, synthetic };
        context.output.data(&format!("{}\n", serde_json::to_string(&running)?))?;
        return Ok(());
    }
    context.output.data(&format!("{base_url}\n"))?;
    let tenant = emulator.state().tenant;
    let tenant = escape(&tenant);
    let contract = if synthetic {
        "the vendor publishes no interface for licenses: this contract is synthetic, reseat's own\n"
    } else {
        ""
    };
    context.output.talk(&format!(
        "{contract}any key will do, unless the knobs name one; in a manifest:\n\
         tenants:\n  {tenant}:\n    vendor: {vendor}\n    \
         adapter: {{ api: {{ base_url: \"{base_url}\", key: {{ env: RESEAT_EMULATOR_KEY }} }} }}\n\
         knobs, state and requests: {control_url}\n\
         Ctrl-C ends it\n"
    ));
    Ok(())
}

/// The form of a file to save, by its name.
fn form_of(arguments: &Arguments) -> Form {
    let is_json = arguments.save.as_ref().is_some_and(|path| path.extension().is_some_and(|end| end == "json"));
    if is_json { Form::Json { pretty: true } } else { Form::Yaml { header: String::new() } }
}

fn findings(findings: Vec<Finding>) -> Failure {
    Failure::Findings { exit: Exit::Input, findings, files: Box::<Files>::default() }
}

fn refused(error: StartError) -> Failure {
    let message = error.to_string();
    match error {
        StartError::NoVendor(_) => Failure::usage(message),
        StartError::NotLoopback(_) => Failure::usage(message).help("give a loopback address, such as `127.0.0.1:0`"),
        StartError::Knobs(_) => {
            Failure::new(Exit::Input, message).help("`reseat schema knobs` tells what may stand there")
        }
        StartError::Listen(_) => Failure::new(Exit::Internal, message).help("give another port, or port 0"),
    }
}
