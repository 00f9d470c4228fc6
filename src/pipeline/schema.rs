//! The JSON Schemas of all formats, made from the very types that read and write them.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};

use crate::adapter::exec::answer::AnswerLine;
use crate::adapter::exec::request::RequestLine;
use crate::apply::EventLine;
use crate::emulator::Knobs;
use crate::manifest::schema::ManifestFile;
use crate::model::{AuditRecord, Observation, Plan, PolicyTest, Run};
use crate::report::doctor::Diagnosis;
use crate::report::drift::Drift;
use crate::report::import::Import;

/// A format with a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// What people edit.
    Manifest,
    /// What `observe` prints and `--state` takes.
    Observation,
    /// What `plan --out` writes.
    Plan,
    /// What `apply --format json` prints.
    Run,
    /// What `apply --events FILE` writes, a line each.
    Event,
    /// What `policy test --format json` prints.
    PolicyTest,
    /// A line of `audit export`.
    Audit,
    /// What the program of an `exec` adapter reads, a line each.
    ExecRequest,
    /// What the program of an `exec` adapter writes, a line each.
    ExecAnswer,
    /// What `import --format json` prints.
    Import,
    /// What `emulate --knobs` takes.
    Knobs,
    /// What `doctor --format json` prints.
    Doctor,
    /// What `apply --reviewed --format json` prints where the plan is not what was reviewed.
    Drift,
}

impl Format {
    /// All formats.
    pub const ALL: [Self; 13] = [
        Self::Manifest,
        Self::Observation,
        Self::Plan,
        Self::Run,
        Self::Event,
        Self::PolicyTest,
        Self::Audit,
        Self::ExecRequest,
        Self::ExecAnswer,
        Self::Import,
        Self::Knobs,
        Self::Doctor,
        Self::Drift,
    ];

    /// The format's name, and with `.schema.json` the name of its file.
    pub fn name(self) -> &'static str {
        match self {
            Self::Manifest => "manifest",
            Self::Observation => "observation",
            Self::Plan => "plan",
            Self::Run => "run",
            Self::Event => "event",
            Self::PolicyTest => "policy-test",
            Self::Audit => "audit",
            Self::ExecRequest => "exec-request",
            Self::ExecAnswer => "exec-answer",
            Self::Import => "import",
            Self::Knobs => "knobs",
            Self::Doctor => "doctor",
            Self::Drift => "drift",
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::Manifest => "reseat manifest",
            Self::Observation => "reseat observation",
            Self::Plan => "reseat plan",
            Self::Run => "reseat run",
            Self::Event => "reseat event",
            Self::PolicyTest => "reseat policy test",
            Self::Audit => "reseat audit record",
            Self::ExecRequest => "reseat exec request",
            Self::ExecAnswer => "reseat exec answer",
            Self::Import => "reseat import",
            Self::Knobs => "reseat emulator knobs",
            Self::Doctor => "reseat doctor",
            Self::Drift => "reseat drift",
        }
    }

    fn generate(self) -> Schema {
        fn of<T: JsonSchema>() -> Schema {
            SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<T>()
        }
        match self {
            Self::Manifest => of::<ManifestFile>(),
            Self::Observation => of::<Observation>(),
            Self::Plan => of::<Plan>(),
            Self::Run => of::<Run>(),
            Self::Event => of::<EventLine<'static>>(),
            Self::PolicyTest => of::<PolicyTest>(),
            Self::Audit => of::<AuditRecord>(),
            Self::ExecRequest => of::<RequestLine>(),
            Self::ExecAnswer => of::<AnswerLine>(),
            Self::Import => of::<Import>(),
            Self::Knobs => of::<Knobs>(),
            Self::Doctor => of::<Diagnosis>(),
            Self::Drift => of::<Drift>(),
        }
    }

    /// The schema, as the file in `schemas/` holds it.
    ///
    /// # Errors
    /// When it has no JSON form, which would be a mistake of ours.
    pub fn text(self) -> Result<String, serde_json::Error> {
        let mut schema = self.generate();
        schema.insert("$id".to_owned(), format!("urn:reseat:schema:{}", self.name()).into());
        schema.insert("title".to_owned(), self.title().into());
        let mut text = serde_json::to_string_pretty(&schema)?;
        text.push('\n');
        Ok(text)
    }
}
