//! The program of a connection: started when needed, and restarted within limits.

use std::sync::Arc;

use tokio::sync::Mutex;

use super::process;
use super::session::ProgramSession;
use crate::adapter::protocol::request::ProtocolRequest;
use crate::adapter::protocol::response::{Description, ResponseLine};
use crate::adapter::protocol::{SecretRedactor, Transport, check_description};
use crate::adapter::{AccessOptions, AdapterError, AdapterFuture, ErrorKind};
use crate::env::secret;
use crate::model::{ExecSettings, TenantSettings};

/// How often in a row a program may end without having answered a request besides `describe`.
const IDLE_STARTS_MAX: u32 = 3;
/// How often a program is started for one connection.
const STARTS_MAX: u32 = 50;

/// The transport to a program.
pub(super) struct ProgramTransport {
    exec: ExecSettings,
    settings: TenantSettings,
    access: AccessOptions,
    slot: Mutex<ProgramSlot>,
}

/// The running program, and how often it was started.
#[derive(Default)]
struct ProgramSlot {
    running: Option<Arc<RunningProgram>>,
    starts: u32,
    idle_starts: u32,
    last_error: Option<AdapterError>,
}

/// A program that answered `describe`.
struct RunningProgram {
    session: ProgramSession,
    description: Arc<Description>,
}

impl ProgramTransport {
    /// Returns a transport; nothing runs yet.
    pub(super) fn new(exec: ExecSettings, settings: TenantSettings, access: AccessOptions) -> Self {
        Self { exec, settings, access, slot: Mutex::default() }
    }

    /// Returns the running program. Starts it if necessary.
    async fn running(&self) -> Result<Arc<RunningProgram>, AdapterError> {
        let mut slot = self.slot.lock().await;
        if let Some(running) = slot.running.take() {
            let Some(ended) = running.session.ended() else {
                slot.running = Some(Arc::clone(&running));
                return Ok(running);
            };
            slot.idle_starts = if running.session.was_useful() { 0 } else { slot.idle_starts };
            slot.last_error = Some(ended);
        }
        if slot.starts >= STARTS_MAX || slot.idle_starts >= IDLE_STARTS_MAX {
            let last = slot.last_error.clone().map_or_else(String::new, |last| format!(": {}", last.message));
            let message = format!("{} ended {} times and is not restarted{last}", self.peer(), slot.starts);
            return Err(AdapterError::new(ErrorKind::Unavailable, message));
        }
        slot.starts += 1;
        slot.idle_starts += 1;
        let started = self.start().await.map(Arc::new);
        match &started {
            Ok(running) => slot.running = Some(Arc::clone(running)),
            Err(error) => slot.last_error = Some(error.clone()),
        }
        started
    }

    /// Starts the program and sends `describe`.
    async fn start(&self) -> Result<RunningProgram, AdapterError> {
        let mut variables = Vec::with_capacity(self.exec.secrets.len());
        for (name, reference) in &self.exec.secrets {
            let secret = secret::resolve(reference, self.access.allow_exec).await;
            let secret =
                secret.map_err(|error| AdapterError::new(ErrorKind::AccessDenied, error.message).help(error.help))?;
            variables.push((name.as_str(), secret));
        }
        let redactor = SecretRedactor::new(variables.iter().map(|(_, secret)| secret.clone()).collect());
        let variables = variables.iter().map(|(name, secret)| (*name, secret.expose()));
        let session = ProgramSession::open(&self.exec, variables, redactor).map_err(|error| {
            let error = AdapterError::new(ErrorKind::Io, format!("{} cannot be started: {error}", self.peer()));
            error.help("a path is relative to the manifest file that names it, and the file must be executable")
        })?;
        let request = ProtocolRequest::describe(&self.settings, self.access.allow_writes);
        let Some(description) = session.request(request).await?.describe else {
            let message = format!("{} did not answer `describe`", self.peer());
            return Err(AdapterError::new(ErrorKind::Malformed, message));
        };
        check_description(&description, &self.peer(), &self.settings)?;
        session.set_concurrency(&description);
        Ok(RunningProgram { session, description: Arc::new(description) })
    }
}

impl Transport for ProgramTransport {
    fn peer(&self) -> String {
        format!("the program `{}`", process::name(&self.exec))
    }

    fn describe(&self) -> AdapterFuture<'_, Arc<Description>> {
        Box::pin(async { Ok(Arc::clone(&self.running().await?.description)) })
    }

    fn request(&self, request: ProtocolRequest) -> AdapterFuture<'_, ResponseLine> {
        Box::pin(async move { self.running().await?.session.request(request).await })
    }

    fn retries(&self, request: &ProtocolRequest) -> bool {
        matches!(request, ProtocolRequest::Observe { .. })
    }
}
