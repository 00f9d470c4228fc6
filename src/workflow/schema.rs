//! `reseat schema`: the JSON Schemas of all formats, generated from the types that read and write them.

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
    /// Its name; the file is `NAME.schema.json`.
    pub name: &'static str,
    /// What uses it.
    pub description: &'static str,
    generate: fn() -> Schema,
}

const fn schema_format<T: JsonSchema>(name: &'static str, description: &'static str) -> SchemaFormat {
    SchemaFormat {
        name,
        description,
        generate: || SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<T>(),
    }
}

/// All formats.
pub static SCHEMA_FORMATS: &[SchemaFormat] = &[
    schema_format::<ManifestFile>("manifest", "Manifest files"),
    schema_format::<Observation>("observation", "State files: `observe`, `--state` and the `file` adapter"),
    schema_format::<Plan>("plan", "Plan files: `plan --out`, and JSON of `plan` and `show`"),
    schema_format::<Run>("run", "JSON of `apply`, `resume` and `undo`"),
    schema_format::<ReviewMismatch>("drift", "JSON of `apply --reviewed` if the plan differs"),
    schema_format::<EventLine<'static>>("event", "Lines of `--events FILE`"),
    schema_format::<FindingsDocument>("findings", "JSON of `validate`, and of errors of every command"),
    schema_format::<DiffReport>("diff", "JSON of `diff`"),
    schema_format::<Why>("why", "JSON of `why PERSON`"),
    schema_format::<PoolWhy>("why-pool", "JSON of `why --pool`"),
    schema_format::<History>("history", "JSON of `history`"),
    schema_format::<RunDetails<'static>>("history-run", "JSON of `history show`"),
    schema_format::<GraphDocument>("graph", "JSON of `graph`"),
    schema_format::<CommentResult>("comment", "JSON of `comment`"),
    schema_format::<AuditTrail>("audit-trail", "JSON of `audit verify`"),
    schema_format::<AuditRecord>("audit", "Lines of `audit export`"),
    schema_format::<PolicyTestReport>("policy-test", "JSON of `policy test`"),
    schema_format::<Explanation>("explanation", "JSON of `explain`"),
    schema_format::<Diagnosis>("doctor", "JSON of `doctor`"),
    schema_format::<ImportReport>("import", "JSON of `import`"),
    schema_format::<EmulatorConfig>("knobs", "Files of `emulate --knobs`"),
    schema_format::<RequestLine>("exec-request", "Requests to the program of an `exec` adapter or to a bridge"),
    schema_format::<ResponseLine>("exec-answer", "Responses of the program of an `exec` adapter or of a bridge"),
];

impl SchemaFormat {
    /// Returns the format with that name.
    pub fn find(name: &str) -> Option<&'static Self> {
        SCHEMA_FORMATS.iter().find(|format| format.name == name)
    }

    /// Returns the schema as in `schemas/`.
    ///
    /// # Errors
    /// Never: every schema can be serialized.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        let mut schema = (self.generate)();
        schema.insert("$id".to_owned(), format!("urn:reseat:schema:{}", self.name).into());
        schema.insert("title".to_owned(), format!("reseat {}", self.name.replace('-', " ")).into());
        let mut text = serde_json::to_string_pretty(&schema)?;
        text.push('\n');
        Ok(text)
    }
}

/// Returns the schema of the manifest.
///
/// # Errors
/// As [`SchemaFormat::to_json`].
pub(super) fn manifest_schema() -> Result<String, serde_json::Error> {
    schema_format::<ManifestFile>("manifest", "").to_json()
}
