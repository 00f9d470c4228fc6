//! The JSON Schemas of all formats, made from the very types that read and write them.
//!
//! One table holds them: what `reseat schema` prints, what `schemas/` holds and what the tests compare.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};

use crate::adapter::exec::answer::AnswerLine;
use crate::adapter::exec::request::RequestLine;
use crate::apply::EventLine;
use crate::emulator::Knobs;
use crate::manifest::schema::ManifestFile;
use crate::model::{AuditRecord, Observation, Plan, PolicyTest, Run};
use crate::report::audit::AuditTrail;
use crate::report::catalog::Explanation;
use crate::report::comment::Commented;
use crate::report::diff::Diff;
use crate::report::doctor::Diagnosis;
use crate::report::drift::Drift;
use crate::report::graph::GraphDocument;
use crate::report::history::History;
use crate::report::history_run::RunInFull;
use crate::report::import::Import;
use crate::report::json::FindingsDocument;
use crate::report::why::{PoolWhy, Why};

/// A format with a schema.
#[derive(Debug)]
pub struct Format {
    /// Its name, and with `.schema.json` the name of its file.
    pub name: &'static str,
    /// What is written in it.
    pub about: &'static str,
    generate: fn() -> Schema,
}

/// A row of the table.
const fn of<T: JsonSchema>(name: &'static str, about: &'static str) -> Format {
    Format { name, about, generate: || SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<T>() }
}

/// All formats.
pub static FORMATS: &[Format] = &[
    of::<ManifestFile>("manifest", "What people edit"),
    of::<Observation>("observation", "What `observe` prints, what `--state` takes, and what the `file` adapter keeps"),
    of::<Plan>("plan", "What `plan --out` writes, and `plan` and `show` print as JSON"),
    of::<Run>("run", "What `apply`, `resume` and `undo` print as JSON"),
    of::<Drift>("drift", "What `apply --reviewed` prints as JSON where the plan is another one"),
    of::<EventLine<'static>>("event", "What `--events FILE` writes, a line each"),
    of::<FindingsDocument>("findings", "What `validate` prints as JSON, and every verb that findings stop"),
    of::<Diff>("diff", "What `diff` prints as JSON"),
    of::<Why>("why", "What `why PERSON` prints as JSON"),
    of::<PoolWhy>("why-pool", "What `why --pool` prints as JSON"),
    of::<History>("history", "What `history` prints as JSON"),
    of::<RunInFull<'static>>("history-run", "What `history show` prints as JSON"),
    of::<GraphDocument>("graph", "What `graph` prints as JSON"),
    of::<Commented>("comment", "What `comment` prints as JSON"),
    of::<AuditTrail>("audit-trail", "What `audit verify` prints as JSON"),
    of::<AuditRecord>("audit", "A line of `audit export`"),
    of::<PolicyTest>("policy-test", "What `policy test` prints as JSON"),
    of::<Explanation>("explanation", "What `explain` prints as JSON"),
    of::<Diagnosis>("doctor", "What `doctor` prints as JSON"),
    of::<Import>("import", "What `import` prints as JSON"),
    of::<Knobs>("knobs", "What `emulate --knobs` takes"),
    of::<RequestLine>("exec-request", "What the program of an `exec` adapter reads, a line each"),
    of::<AnswerLine>("exec-answer", "What the program of an `exec` adapter writes, a line each"),
];

impl Format {
    /// The format of that name.
    pub fn find(name: &str) -> Option<&'static Self> {
        FORMATS.iter().find(|format| format.name == name)
    }

    /// The schema, as the file in `schemas/` holds it.
    ///
    /// # Errors
    /// When it has no JSON form, which would be a mistake of ours.
    pub fn text(&self) -> Result<String, serde_json::Error> {
        let mut schema = (self.generate)();
        schema.insert("$id".to_owned(), format!("urn:reseat:schema:{}", self.name).into());
        schema.insert("title".to_owned(), format!("reseat {}", self.name.replace('-', " ")).into());
        let mut text = serde_json::to_string_pretty(&schema)?;
        text.push('\n');
        Ok(text)
    }
}

/// The schema of the manifest.
///
/// # Errors
/// As [`Format::text`].
pub(super) fn manifest() -> Result<String, serde_json::Error> {
    of::<ManifestFile>("manifest", "").text()
}
