//! Reads a state file as an observation of any tenant.
//!
//! JSON has a reader of its own, because large tenants are stored as JSON.

use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::error::Category;

use super::{STATE_MAX_BYTES, display_name};
use crate::diagnostic::catalog::adapter as codes;
use crate::diagnostic::{Code, Finding, Source, did_you_mean};
use crate::manifest::yaml;
use crate::model::{API_VERSION, Observation};

/// The encoding of a state file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum StateFileEncoding {
    /// JSON, on one line or pretty-printed.
    Json { pretty: bool },
    /// YAML, with the comments at its beginning.
    Yaml { header: String },
}

/// Reads a file as an observation.
pub(super) fn load(path: &Path) -> Result<(Observation, StateFileEncoding), Vec<Finding>> {
    let name = display_name(path);
    let bytes = read_bytes(path, &name)?;
    let start = Source { file: Arc::clone(&name), line: 1, column: 1 };
    let body = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    let first = body.iter().find(|byte| !byte.is_ascii_whitespace());
    let (observation, form) = match first {
        None => {
            let finding = Finding::error(&codes::NOT_OBSERVATION, "the file is empty");
            return Err(vec![finding.help("create it with `reseat observe`").at(start)]);
        }
        Some(b'{') => match read_json(body, &name) {
            Ok(observation) => (observation, StateFileEncoding::Json { pretty: is_pretty(body) }),
            // Flow YAML begins with a brace, too.
            Err(faults) if is_yaml(path) && faults.iter().all(|fault| fault.code == codes::MALFORMED.id) => {
                read_yaml(&bytes, &name)?
            }
            Err(faults) => return Err(faults.into_iter().map(|fault| explain_shape(fault, body, &name)).collect()),
        },
        Some(_) => read_yaml(&bytes, &name)?,
    };
    check_identity(&observation, &start).map(|()| (observation, form))
}

/// Reads a regular file of at most [`STATE_MAX_BYTES`].
pub(in crate::adapter) fn read_bytes(path: &Path, name: &Arc<str>) -> Result<Vec<u8>, Vec<Finding>> {
    let start = Source { file: Arc::clone(name), line: 1, column: 1 };
    let unreadable = |message: String| {
        vec![Finding::error(&codes::UNREADABLE, message).help("check the path and its permissions").at(start.clone())]
    };
    let failed = |error: std::io::Error| unreadable(format!("the state file cannot be read: {error}"));
    // Check before opening: opening a pipe waits for a writer.
    let metadata = std::fs::metadata(path).map_err(failed)?;
    if !metadata.is_file() {
        return Err(unreadable("the state file is not a regular file".to_owned()));
    }
    let file = std::fs::File::open(path).map_err(failed)?;
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len().min(STATE_MAX_BYTES)).unwrap_or(0));
    file.take(STATE_MAX_BYTES + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > STATE_MAX_BYTES {
        let message = format!("the state file is larger than {} MiB", STATE_MAX_BYTES >> 20);
        return Err(vec![Finding::error(&codes::TOO_LARGE, message).help("split the tenant").at(start)]);
    }
    Ok(bytes)
}

fn read_json(body: &[u8], name: &Arc<str>) -> Result<Observation, Vec<Finding>> {
    // Checking the file once is faster than each text. The byte reader reports invalid UTF-8.
    let read = match std::str::from_utf8(body) {
        Ok(text) => serde_json::from_str(text),
        Err(_) => serde_json::from_slice(body),
    };
    read.map_err(|error| {
        let code = match error.classify() {
            Category::Data => &codes::INVALID_OBSERVATION,
            Category::Io | Category::Syntax | Category::Eof => &codes::MALFORMED,
        };
        let (message, help) = describe_json_error(&error.to_string());
        let finding = Finding::error(code, message).at(locate(body, name, error.line(), error.column()));
        vec![Finding { help, ..finding }]
    })
}

/// Converts a message of the JSON reader, without its location, and adds help.
fn describe_json_error(error: &str) -> (String, Option<String>) {
    let text = error.rfind(" at line ").map_or(error, |at| &error[..at]);
    let quoted = |text: &str| -> Vec<String> { text.split('`').skip(1).step_by(2).map(str::to_owned).collect() };
    if let Some(rest) = text.strip_prefix("unknown field ") {
        let mut names = quoted(rest).into_iter();
        let key = names.next().unwrap_or_default();
        let keys: Vec<String> = names.collect();
        return (format!("unknown key `{key}`"), did_you_mean(&key, &keys));
    }
    for (prefix, problem) in [("missing field ", "missing"), ("duplicate field ", "duplicate")] {
        if let Some(key) = text.strip_prefix(prefix).and_then(|rest| quoted(rest).into_iter().next()) {
            return (format!("{problem} key `{key}`"), None);
        }
    }
    let found = ["invalid type: ", "invalid value: "].iter().find_map(|prefix| text.strip_prefix(prefix));
    let text = found.map_or_else(|| text.to_owned(), |rest| format!("found {rest}"));
    (text.replace('\n', " "), None)
}

/// Converts a byte column to a location, which counts characters.
fn locate(body: &[u8], name: &Arc<str>, line: usize, column: usize) -> Source {
    let text = body.split(|byte| *byte == b'\n').nth(line.saturating_sub(1)).unwrap_or_default();
    let before = &text[..column.saturating_sub(1).min(text.len())];
    let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    Source {
        file: Arc::clone(name),
        line: number(line.max(1)),
        column: number(String::from_utf8_lossy(before).chars().count() + 1),
    }
}

fn read_yaml(bytes: &[u8], name: &Arc<str>) -> Result<(Observation, StateFileEncoding), Vec<Finding>> {
    let mut notes = Vec::new();
    let Some(text) = yaml::decode_text(bytes, name, &mut notes) else {
        return Err(notes.into_iter().map(to_state_finding).collect());
    };
    let observation = yaml::parse(text, name).map_err(|findings| -> Vec<Finding> {
        findings.into_iter().map(|finding| explain_shape(to_state_finding(finding), text.as_bytes(), name)).collect()
    })?;
    let header =
        text.lines().take_while(|line| line.starts_with('#')).fold(String::new(), |all, line| all + line + "\n");
    Ok((observation, StateFileEncoding::Yaml { header }))
}

/// Converts a finding metadata YAML to one metadata a state file.
fn to_state_finding(mut finding: Finding) -> Finding {
    use crate::diagnostic::catalog::manifest;
    let shapes = [
        &manifest::DUPLICATE_KEY,
        &manifest::UNKNOWN_KEY,
        &manifest::MISSING_KEY,
        &manifest::WRONG_TYPE,
        &manifest::UNKNOWN_VALUE,
    ];
    let code: &'static Code = if shapes.iter().any(|code| code.id == finding.code) {
        &codes::INVALID_OBSERVATION
    } else if finding.code == manifest::LIMIT_EXCEEDED.id {
        &codes::TOO_LARGE
    } else {
        &codes::MALFORMED
    };
    finding.code = code.id.into();
    finding
}

/// The keys that identify the kind of a file.
#[derive(Deserialize)]
struct FileHeader {
    kind: Option<String>,
    format: Option<String>,
}

/// Replaces a finding by what the file is instead of an observation, if that can be determined.
fn explain_shape(finding: Finding, body: &[u8], name: &Arc<str>) -> Finding {
    if finding.code != codes::INVALID_OBSERVATION.id {
        return finding;
    }
    let identity = std::str::from_utf8(body)
        .ok()
        .and_then(|text| serde_json::from_str(text).ok().or_else(|| yaml::parse::<FileHeader>(text, name).ok()));
    let message = match identity {
        Some(FileHeader { kind: Some(kind), .. }) if kind == "observation" => return finding,
        Some(FileHeader { format: Some(_), kind: None }) => "the file is a plan, not an observation",
        Some(_) => "the file has no `kind: observation`",
        None => return finding,
    };
    not_observation(message).at(Source { file: Arc::clone(name), line: 1, column: 1 })
}

fn not_observation(message: &str) -> Finding {
    Finding::error(&codes::NOT_OBSERVATION, message).help("pass a file written by `reseat observe`")
}

fn check_identity(observation: &Observation, start: &Source) -> Result<(), Vec<Finding>> {
    let mut findings = Vec::new();
    if observation.api_version != API_VERSION {
        let message = format!("unsupported `apiVersion`: `{}`", observation.api_version);
        let finding = Finding::error(&codes::NOT_OBSERVATION, message);
        findings.push(finding.help(format!("write `apiVersion: {API_VERSION}`")).at(start.clone()));
    }
    if observation.kind != "observation" {
        let message = format!("`kind` is `{}`, not `observation`", observation.kind);
        findings.push(not_observation(&message).at(start.clone()));
    }
    if findings.is_empty() { Ok(()) } else { Err(findings) }
}

fn is_yaml(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml")
}

/// Whether a line break follows the first brace.
fn is_pretty(body: &[u8]) -> bool {
    let after = body.iter().skip_while(|byte| **byte != b'{').skip(1);
    after.take_while(|byte| byte.is_ascii_whitespace()).any(|byte| *byte == b'\n')
}
