//! A child process: started, limited, and ended with its whole process group.
//!
//! No shell is involved, and the process inherits only the listed environment variables. Its group is killed before its
//! id can be reused. Its log is kept in bounded memory.

use std::collections::VecDeque;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use crate::env::variable;
use crate::model::ExecSettings;

/// How many bytes of the end of the log are kept.
const LOG_MAX_BYTES: usize = 8 * 1024;
/// How long to wait for the end of the log after the process exited.
const LOG_GRACE: Duration = Duration::from_millis(500);
/// How long to wait for the end of a killed process.
const KILL_GRACE: Duration = Duration::from_secs(2);
/// How often to check whether the process exited.
const POLL_INTERVAL: Duration = Duration::from_millis(5);

/// Returns the program as messages name it.
pub(super) fn name(settings: &ExecSettings) -> &str {
    settings.command.first().map_or("", String::as_str)
}

/// Returns the file to run: a path is relative to the folder of the manifest file, a plain name is searched in `PATH`.
fn file(settings: &ExecSettings) -> io::Result<PathBuf> {
    let program = Path::new(name(settings));
    if program.components().count() < 2 && !name(settings).contains('/') {
        return Ok(program.to_owned());
    }
    // The new process has another working directory.
    std::path::absolute(settings.folder.join(program))
}

/// A process with its input and output.
pub(super) struct SpawnedProcess {
    pub(super) process: ProgramProcess,
    pub(super) input: ChildStdin,
    pub(super) output: ChildStdout,
}

/// The end of a log.
#[derive(Default)]
struct LogTail {
    bytes: VecDeque<u8>,
    is_truncated: bool,
}

impl LogTail {
    /// Returns whole lines only, because half of a secret could not be redacted.
    fn lines(&self) -> Vec<u8> {
        let whole = self.bytes.iter().skip_while(|byte| self.is_truncated && **byte != b'\n');
        whole.copied().collect()
    }
}

/// A running process.
pub(super) struct ProgramProcess {
    /// `None` once it ended and its id may be reused.
    child: Mutex<Option<Child>>,
    log: Arc<Mutex<LogTail>>,
    log_ended: Mutex<Receiver<()>>,
}

/// How a process ended.
pub(super) struct ProcessExit {
    /// The exit status, if known.
    pub(super) status: Option<ExitStatus>,
    pub(super) log: Vec<u8>,
}

/// Starts the program with the inherited variables, such as `PATH`, and the given ones.
///
/// # Errors
/// If the system cannot start it.
pub(super) fn start<'a>(
    settings: &ExecSettings,
    variables: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> io::Result<SpawnedProcess> {
    let mut command = Command::new(file(settings)?);
    command.args(settings.command.get(1..).unwrap_or_default());
    if !settings.folder.as_os_str().is_empty() {
        command.current_dir(&settings.folder);
    }
    command.env_clear();
    for name in variable::INHERITED {
        if let Some(value) = variable::read(name) {
            command.env(name, value);
        }
    }
    command.envs(variables);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    // A process group of its own can be killed as a whole, and does not receive Ctrl-C from the terminal.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let mut child = command.spawn()?;
    let streams = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let (Some(input), Some(output), Some(errors)) = streams else {
        return Err(io::Error::other("its streams are not available"));
    };
    let log = Arc::new(Mutex::new(LogTail::default()));
    let (ended, log_ended) = channel();
    let process =
        ProgramProcess { child: Mutex::new(Some(child)), log: Arc::clone(&log), log_ended: Mutex::new(log_ended) };
    if let Some(bytes) = settings.memory {
        process.limit(bytes)?;
    }
    thread::spawn(move || collect_log(errors, &log, &ended));
    Ok(SpawnedProcess { process, input, output })
}

/// Collects the end of the log until the process closes it.
fn collect_log(mut errors: ChildStderr, log: &Mutex<LogTail>, ended: &Sender<()>) {
    let mut bytes = [0; 4096];
    while let Ok(count @ 1..) = errors.read(&mut bytes) {
        let mut log = lock(log);
        log.bytes.extend(&bytes[..count]);
        let over = log.bytes.len().saturating_sub(LOG_MAX_BYTES);
        log.is_truncated |= over > 0;
        log.bytes.drain(..over);
    }
    // The receiver may be gone.
    let _ = ended.send(());
}

impl ProgramProcess {
    /// Kills the process group.
    pub(super) fn kill(&self) {
        if let Some(child) = lock(&self.child).as_mut() {
            kill(child);
        }
    }

    /// Waits for the process to exit, kills its group, and returns how it ended.
    pub(super) fn end(&self, grace: Duration) -> ProcessExit {
        let mut status = None;
        let mut child = lock(&self.child);
        if let Some(mut child) = child.take() {
            wait_for(grace, || has_ended(&mut child));
            // The id is not reused before the process is waited for.
            kill(&mut child);
            wait_for(KILL_GRACE, || {
                status = child.try_wait().ok().flatten();
                status.is_some()
            });
        }
        drop(child);
        let _ = lock(&self.log_ended).recv_timeout(LOG_GRACE);
        ProcessExit { status, log: lock(&self.log).lines() }
    }

    /// Limits the memory of the process and its children.
    #[cfg(target_os = "linux")]
    fn limit(&self, bytes: u64) -> io::Result<()> {
        use rustix::process::{Resource, Rlimit, prlimit};

        let pid = lock(&self.child).as_ref().and_then(pid_of);
        let limit = Rlimit { current: Some(bytes), maximum: Some(bytes) };
        // Limits written memory; many runtimes reserve far more addresses.
        prlimit(pid, Resource::Data, limit).map(drop).or_else(|error| {
            // It may have exited already, which is reported elsewhere.
            if error == rustix::io::Errno::SRCH { Ok(()) } else { Err(error.into()) }
        })
    }

    /// Does nothing: no other system lets a process limit another one.
    #[cfg(not(target_os = "linux"))]
    #[expect(clippy::unnecessary_wraps, clippy::unused_self, reason = "on Linux it can fail")]
    fn limit(&self, _: u64) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for ProgramProcess {
    fn drop(&mut self) {
        if let Some(child) = lock(&self.child).as_mut() {
            kill(child);
            wait_for(KILL_GRACE, || child.try_wait().is_ok_and(|status| status.is_some()));
        }
    }
}

/// Locks a mutex. The data is consistent even if a thread panicked.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Waits until the condition holds or the time is over.
fn wait_for(time: Duration, mut condition: impl FnMut() -> bool) {
    let mut left = time;
    while !condition() && !left.is_zero() {
        let step = POLL_INTERVAL.min(left);
        thread::sleep(step);
        left -= step;
    }
}

#[cfg(unix)]
fn pid_of(child: &Child) -> Option<rustix::process::Pid> {
    i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw)
}

#[cfg(unix)]
fn kill(child: &mut Child) {
    if let Some(pid) = pid_of(child) {
        // It may have exited already.
        let _ = rustix::process::kill_process_group(pid, rustix::process::Signal::KILL);
    }
}

#[cfg(not(unix))]
fn kill(child: &mut Child) {
    // It may have exited already.
    let _ = child.kill();
}

/// Returns whether the process exited, without releasing its id.
#[cfg(unix)]
fn has_ended(child: &mut Child) -> bool {
    use rustix::process::{WaitId, WaitIdOptions, waitid};

    let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    pid_of(child).is_none_or(|pid| !matches!(waitid(WaitId::Pid(pid), options), Ok(None)))
}

#[cfg(not(unix))]
fn has_ended(child: &mut Child) -> bool {
    child.try_wait().is_ok_and(|status| status.is_some())
}
