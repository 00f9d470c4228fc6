//! Who carries out what is done by hand: a document is written, or whoever sits at the terminal is walked through it.

mod document;
mod prompt;
mod visit_text;
mod walkthrough;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use smol_str::SmolStr;

use self::prompt::Terminal;
use super::args::clock;
use super::error::CliError;
use super::output::Output;
use crate::apply::manual::{HandoverError, HandoverLog, HandoverResult, ManualExecutor, ManualTask};
use crate::env::Clock;
use crate::model::{Operation, OperationId, Outcome, Plan, Run};
use crate::report::TextStyle;
use crate::report::escape::escape;
use crate::report::format::wrap_from_column;
use crate::workflow::manifest::Manifest;
use crate::workflow::runbook::{RunbookSource, is_manual, planned_tenants};

/// How wide what is said is.
const WIDTH: usize = 100;

/// Where what is done by hand is handed over.
pub(super) struct RunbookSession {
    sources: BTreeMap<SmolStr, RunbookSource>,
    /// The document that was asked for.
    file: Option<PathBuf>,
    /// What is typed when everything is done.
    resume_command: String,
    /// What is typed to begin again with what is there then.
    apply_command: String,
    clock: Clock,
    /// Somebody who can be asked.
    terminal: Option<Mutex<Terminal>>,
    style: TextStyle,
    /// The documents that were written, by tenant.
    written_files: Mutex<BTreeMap<SmolStr, String>>,
}

impl RunbookSession {
    /// The desk for a plan, if something in it is done by hand.
    pub(super) fn new(
        manifest: &Manifest,
        plan: &Plan,
        file: Option<&Path>,
        place: &str,
        asks: bool,
        output: &Output,
    ) -> Result<Option<Self>, CliError> {
        let clock = clock()?;
        let mut materials = BTreeMap::new();
        for tenant in planned_tenants(plan) {
            let material = RunbookSource::for_tenant(manifest, plan, tenant, clock)?;
            if is_manual(&material.settings) {
                materials.insert(tenant.clone(), material);
            }
        }
        if let Some(file) = file {
            if materials.is_empty() {
                let message = "nothing of this plan is done by hand, so that there is no runbook to hand over";
                let help = "any plan can be looked at as a runbook: `reseat plan --format runbook`";
                return Err(CliError::usage(message).with_help(help));
            }
            if materials.len() > 1 {
                let names: Vec<_> = materials.keys().map(|name| format!("`{name}`")).collect();
                let message = format!("{} are done by hand, and one file holds one runbook", names.join(" and "));
                return Err(
                    CliError::usage(message).with_help("leave `--runbook` out: each tenant gets a file of its own")
                );
            }
            document::check(file)?;
        }
        if materials.is_empty() {
            return Ok(None);
        }
        let terminal = (asks && file.is_none() && output.is_fully_interactive()).then(|| Mutex::new(Terminal::new()));
        let (look, written) = (output.stdout_style(), Mutex::default());
        let file = file.map(Path::to_owned);
        let (command, again) = (format!("reseat resume{place}"), format!("reseat apply{place}"));
        Ok(Some(Self {
            sources: materials,
            file,
            resume_command: command,
            apply_command: again,
            clock,
            terminal,
            style: look,
            written_files: written,
        }))
    }

    /// What to do after a run that left something to people; nothing where it left them nothing. At `busy` tenants,
    /// what an earlier run handed over stands in the way.
    pub(super) fn next_steps(&self, run: &Run, plan: &Plan, busy: &BTreeSet<SmolStr>) -> Option<String> {
        let operations: BTreeMap<&OperationId, &Operation> =
            plan.operations.iter().map(|operation| (&operation.id, operation)).collect();
        let waits = |tenant: &SmolStr| {
            run.outcomes.iter().any(|one| {
                one.outcome == Outcome::Pending && operations.get(&one.id).is_some_and(|known| known.tenant == *tenant)
            })
        };
        let written = self.written_files.lock().unwrap_or_else(PoisonError::into_inner);
        let mut steps = Vec::new();
        let mut command = self.resume_command.as_str();
        for (tenant, material) in &self.sources {
            let is_busy = busy.contains(tenant);
            if !is_busy && !waits(tenant) {
                continue;
            }
            steps.push(match written.get(tenant) {
                Some(path) => format!("do what {} says", escape(path)),
                None if is_busy => "do what was handed over before".to_owned(),
                None => format!("do what is open; `{} --runbook FILE` writes it out anew", self.resume_command),
            });
            if is_busy {
                command = &self.apply_command;
            }
            let how = material.rules.profile().procedure.export.instructions();
            let path = material.export.as_ref().map(|path| path.to_string_lossy().into_owned()).unwrap_or_default();
            steps.push(format!("{how}; put it at {}", escape(&path)));
        }
        if steps.is_empty() {
            return None;
        }
        steps.push(format!("`{command}`: what the export shows is done"));
        let mut text = "next:\n".to_owned();
        for (number, step) in (1..).zip(steps) {
            // Writing to a string cannot fail.
            let _ = write!(text, "  {number}. {}", wrap_from_column(&step, 5, 5, WIDTH));
        }
        Some(text)
    }
}

impl ManualExecutor for RunbookSession {
    fn is_interactive(&self) -> bool {
        self.terminal.is_some()
    }

    fn repeats_handover(&self) -> bool {
        self.file.is_some()
    }

    fn export_path(&self, tenant: &str) -> Option<String> {
        let path = self.sources.get(tenant)?.export.as_ref()?;
        Some(path.display().to_string())
    }

    fn hand_over(&self, task: &ManualTask, ledger: &dyn HandoverLog) -> Result<HandoverResult, HandoverError> {
        let Some(material) = self.sources.get(&task.tenant) else {
            return Err(HandoverError::Failed(format!("`{}` has no runbook", task.tenant)));
        };
        let at = self.clock.time();
        match &self.terminal {
            Some(terminal) => {
                let mut terminal = terminal.lock().unwrap_or_else(PoisonError::into_inner);
                terminal.set_stop(task.stop.clone());
                walkthrough::run(task, material, &self.resume_command, at, self.style, &mut *terminal, ledger)?;
                Ok(HandoverResult::Answered)
            }
            None => {
                let operations: Vec<OperationId> = task.open.iter().cloned().collect();
                ledger.record_shown(&operations)?;
                let path = document::write(task, material, &self.resume_command, at, self.file.as_deref())
                    .map_err(HandoverError::Failed)?;
                let mut written = self.written_files.lock().unwrap_or_else(PoisonError::into_inner);
                written.insert(task.tenant.clone(), path.clone());
                Ok(HandoverResult::Document(path))
            }
        }
    }
}
