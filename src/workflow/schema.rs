//! The JSON Schemas of all formats, made from the very types that read and write them.
//!
//! One table holds them: what `reseat schema` prints, what `schemas/` holds and what the tests compare.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};

use crate::adapter::protocol::request::RequestLine;
use crate::adapter::protocol::response::ResponseLine;
use crate::apply::EventLine;
use crate::emulator::EmulatorConfig;
use crate::manifest::schema::ManifestFile;
use crate::model::{AuditRecord, Observation, Plan, PolicyTestReport, Run};
use crate::report::audit::AuditTrail;
use crate::report::catalog::Explanation;
use crate::report::comment::CommentResult;
use crate::report::diff::DiffReport;
use crate::report::doctor::Diagnosis;
use crate::report::import::ImportReport;
use crate::report::json::FindingsDocument;
use crate::report::plan::graph::GraphDocument;
use crate::report::review_mismatch::ReviewMismatch;
use crate::report::run::details::RunDetails;
use crate::report::run::history::History;
use crate::report::why::{PoolWhy, Why};

/// A format with a schema.
#[derive(Debug)]
pub struct SchemaFormat {
    /// Its name, and with `.schema.json` the name of its file.
    pub name: &'static str,
    /// What is written in it.
    pub description: &'static str,
    generate: fn() -> Schema,
}

/// A row of the table.
const fn schema_format<T: JsonSchema>(name: &'static str, about: &'static str) -> SchemaFormat {
    SchemaFormat {
        name,
        description: about,
        generate: || SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<T>(),
    }
}

/// All formats.
pub static SCHEMA_FORMATS: &[SchemaFormat] = &[
    schema_format::<ManifestFile>("manifest", "What people edit"),
    schema_format::<Observation>(
        "observation",
        "What `observe` prints, what `--state` takes, and what the `file` adapter keeps",
    ),
    schema_format::<Plan>("plan", "What `plan --out` writes, and `plan` and `show` print as JSON"),
    schema_format::<Run>("run", "What `apply`, `resume` and `undo` print as JSON"),
    schema_format::<ReviewMismatch>("drift", "What `apply --reviewed` prints as JSON where the plan is another one"),
    schema_format::<EventLine<'static>>("event", "What `--events FILE` writes, a line each"),
    schema_format::<FindingsDocument>("findings", "What `validate` prints as JSON, and every verb that findings stop"),
    schema_format::<DiffReport>("diff", "What `diff` prints as JSON"),
    schema_format::<Why>("why", "What `why PERSON` prints as JSON"),
    schema_format::<PoolWhy>("why-pool", "What `why --pool` prints as JSON"),
    schema_format::<History>("history", "What `history` prints as JSON"),
    schema_format::<RunDetails<'static>>("history-run", "What `history show` prints as JSON"),
    schema_format::<GraphDocument>("graph", "What `graph` prints as JSON"),
    schema_format::<CommentResult>("comment", "What `comment` prints as JSON"),
    schema_format::<AuditTrail>("audit-trail", "What `audit verify` prints as JSON"),
    schema_format::<AuditRecord>("audit", "A line of `audit export`"),
    schema_format::<PolicyTestReport>("policy-test", "What `policy test` prints as JSON"),
    schema_format::<Explanation>("explanation", "What `explain` prints as JSON"),
    schema_format::<Diagnosis>("doctor", "What `doctor` prints as JSON"),
    schema_format::<ImportReport>("import", "What `import` prints as JSON"),
    schema_format::<EmulatorConfig>("knobs", "What `emulate --knobs` takes"),
    schema_format::<RequestLine>("exec-request", "Requests to the program of an `exec` adapter or to a bridge"),
    schema_format::<ResponseLine>("exec-answer", "Responses of the program of an `exec` adapter or of a bridge"),
];

impl SchemaFormat {
    /// The format of that name.
    pub fn find(name: &str) -> Option<&'static Self> {
        SCHEMA_FORMATS.iter().find(|format| format.name == name)
    }

    /// The schema, as the file in `schemas/` holds it.
    ///
    /// # Errors
    /// When it has no JSON form, which would be a mistake of ours.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
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
pub(super) fn manifest_schema() -> Result<String, serde_json::Error> {
    schema_format::<ManifestFile>("manifest", "").to_json()
}
