//! The handover of manual steps during a run: as a file, or as a walkthrough on the terminal.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use smol_str::SmolStr;

use super::super::error::WorkflowError;
use super::super::manifest::Manifest;
use super::super::session::Session;
use super::super::ui::Prompt;
use super::document;
use super::source::{RunbookSource, is_manual, planned_tenants};
use super::walkthrough::Walkthrough;
use crate::apply::manual::{HandoverError, HandoverLog, HandoverResult, ManualExecutor, ManualTask};
use crate::env::Clock;
use crate::model::{Operation, OperationId, Outcome, Plan, Run};
use crate::report::TextStyle;
use crate::report::escape::escape;
use crate::report::format::wrap_from_column;

/// Width of a line.
const WIDTH: usize = 100;

/// Hands over the manual steps of a run.
pub(crate) struct RunbookSession {
    sources: BTreeMap<SmolStr, RunbookSource>,
    /// The file of `--runbook`.
    file: Option<PathBuf>,
    /// The command after the last step.
    resume_command: String,
    /// The command that starts over with the current state.
    apply_command: String,
    clock: Clock,
    /// The terminal of a walkthrough.
    prompt: Option<Mutex<Box<dyn Prompt>>>,
    style: TextStyle,
    /// The written files by tenant.
    written_files: Mutex<BTreeMap<SmolStr, String>>,
}

impl RunbookSession {
    /// Returns the handover of a plan, if it has manual steps.
    ///
    /// # Errors
    /// If the steps do not fit into `file`.
    pub(crate) fn new(
        manifest: &Manifest,
        plan: &Plan,
        file: Option<&Path>,
        may_prompt: bool,
        session: &Session<'_>,
    ) -> Result<Option<Self>, WorkflowError> {
        let clock = session.clock;
        let mut sources = BTreeMap::new();
        for tenant in planned_tenants(plan) {
            let source = RunbookSource::for_tenant(manifest, plan, tenant, clock)?;
            if is_manual(&source.settings) {
                sources.insert(tenant.clone(), source);
            }
        }
        if let Some(file) = file {
            if sources.is_empty() {
                return Err(WorkflowError::usage("the plan has no manual steps to write into a runbook")
                    .with_help("show any plan as a runbook with `reseat plan --format runbook`"));
            }
            if sources.len() > 1 {
                let names: Vec<_> = sources.keys().map(|name| format!("`{name}`")).collect();
                let message = format!("{} have manual steps, but a file contains one runbook", names.join(" and "));
                return Err(WorkflowError::usage(message).with_help("omit `--runbook` to write one file per tenant"));
            }
            document::check(file)?;
        }
        if sources.is_empty() {
            return Ok(None);
        }
        let prompt = if may_prompt && file.is_none() { session.ui.prompt() } else { None };
        let options = session.follow_up_options(&manifest.path);
        Ok(Some(Self {
            sources,
            file: file.map(Path::to_owned),
            resume_command: format!("reseat resume{options}"),
            apply_command: format!("reseat apply{options}"),
            clock,
            prompt: prompt.map(Mutex::new),
            style: session.ui.stdout_style(),
            written_files: Mutex::default(),
        }))
    }

    /// Returns the next steps after a run that left manual steps. A `busy` tenant waits for steps of an earlier run.
    pub(crate) fn next_steps(&self, run: &Run, plan: &Plan, busy: &BTreeSet<SmolStr>) -> Option<String> {
        let operations: BTreeMap<&OperationId, &Operation> =
            plan.operations.iter().map(|operation| (&operation.id, operation)).collect();
        let is_pending = |tenant: &SmolStr| {
            run.outcomes.iter().any(|one| {
                one.outcome == Outcome::Pending && operations.get(&one.id).is_some_and(|known| known.tenant == *tenant)
            })
        };
        let written = self.written_files.lock().unwrap_or_else(PoisonError::into_inner);
        let mut steps = Vec::new();
        let mut command = self.resume_command.as_str();
        for (tenant, source) in &self.sources {
            let is_busy = busy.contains(tenant);
            if !is_busy && !is_pending(tenant) {
                continue;
            }
            steps.push(match written.get(tenant) {
                Some(path) => format!("follow {}", escape(path)),
                None if is_busy => "complete the steps that were handed over before".to_owned(),
                None => {
                    format!("complete the open steps; `{} --runbook FILE` writes them to a file", self.resume_command)
                }
            });
            if is_busy {
                command = &self.apply_command;
            }
            let how = source.rules.profile().procedure.export.instructions();
            let path = source.export.as_ref().map(|path| path.to_string_lossy().into_owned()).unwrap_or_default();
            steps.push(format!("{how}; save it as {}", escape(&path)));
        }
        if steps.is_empty() {
            return None;
        }
        steps.push(format!("run `{command}`, which verifies the steps against the export"));
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
        self.prompt.is_some()
    }

    fn repeats_handover(&self) -> bool {
        self.file.is_some()
    }

    fn export_path(&self, tenant: &str) -> Option<String> {
        let path = self.sources.get(tenant)?.export.as_ref()?;
        Some(path.display().to_string())
    }

    fn hand_over(&self, task: &ManualTask, log: &dyn HandoverLog) -> Result<HandoverResult, HandoverError> {
        let Some(source) = self.sources.get(&task.tenant) else {
            return Err(HandoverError::Failed(format!("`{}` has no runbook", task.tenant)));
        };
        let at = self.clock.time();
        if let Some(prompt) = &self.prompt {
            let mut prompt = prompt.lock().unwrap_or_else(PoisonError::into_inner);
            Walkthrough::new(task, source, &self.resume_command, at, self.style, &mut **prompt, log).run()?;
            return Ok(HandoverResult::Answered);
        }
        let operations: Vec<OperationId> = task.open.iter().cloned().collect();
        log.record_shown(&operations)?;
        let path = document::write(task, source, &self.resume_command, at, self.file.as_deref())
            .map_err(HandoverError::Failed)?;
        let mut written = self.written_files.lock().unwrap_or_else(PoisonError::into_inner);
        written.insert(task.tenant.clone(), path.clone());
        Ok(HandoverResult::Document(path))
    }
}
