//! Findings as SARIF 2.1.0 for code scanning services.
//!
//! The standard requires doubled braces in messages (§3.11.5) and escaped brackets, because `[text](address)` is a link
//! (§3.11.6).

use std::collections::BTreeMap;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use serde_json::{Value, json};

use crate::diagnostic::{Code, Files, Finding, Severity, Source, catalog};
use crate::model::Digest;
use crate::report::escape::escape;
use crate::report::source_path::SourcePaths;

/// Characters that need no encoding in a path; a colon could be mistaken for a scheme.
const PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A log with one run.
#[derive(Debug, Serialize)]
pub struct SarifLog {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Value; 1],
}

/// Returns the findings as a log with rules and results.
pub fn sarif(findings: &[Finding], files: &Files) -> SarifLog {
    let paths = SourcePaths::new(files);
    let mut codes: Vec<&'static Code> = findings.iter().filter_map(|finding| catalog::find(&finding.code)).collect();
    codes.sort_by_key(|code| code.id);
    codes.dedup_by_key(|code| code.id);
    let index: BTreeMap<&str, usize> = codes.iter().enumerate().map(|(index, code)| (code.id, index)).collect();
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    let results: Vec<Value> = findings
        .iter()
        .map(|finding| {
            let print = fingerprint(finding);
            let earlier = seen.entry(print.clone()).or_default();
            *earlier += 1;
            result(finding, &format!("{print}:{earlier}"), index.get(&*finding.code), &paths, files)
        })
        .collect();
    let run = json!({
        "tool": { "driver": {
            "name": "reseat",
            "semanticVersion": env!("CARGO_PKG_VERSION"),
            "rules": codes.iter().map(|code| rule(code)).collect::<Vec<_>>(),
        } },
        // GitHub separates the results of different categories.
        "automationDetails": { "id": "reseat/validate/" },
        "columnKind": "unicodeCodePoints",
        "results": results,
    });
    SarifLog { schema: "https://json.schemastore.org/sarif-2.1.0.json", version: "2.1.0", runs: [run] }
}

fn rule(code: &Code) -> Value {
    json!({
        "id": code.id,
        "shortDescription": { "text": message(code.summary) },
        "fullDescription": { "text": message(code.cause) },
        "help": { "text": message(code.remedy) },
    })
}

fn result(finding: &Finding, print: &str, index: Option<&usize>, paths: &SourcePaths<'_>, files: &Files) -> Value {
    let mut text = finding.message.clone();
    if let Some(help) = &finding.help {
        text = format!("{text}; help: {help}");
    }
    // Services reject results without a location, so findings on the whole manifest point to its first line.
    let first = || files.iter().next().map(|file| Source { file: file.name.clone(), line: 1, column: 1 });
    let at = finding.source.clone().or_else(first);
    let locations: Vec<Value> = at.iter().map(|source| location(source, paths)).collect();
    let related = finding.related.iter().enumerate().filter_map(|(id, related)| {
        let mut place = location(related.source.as_ref()?, paths);
        place["id"] = json!(id);
        place["message"] = json!({ "text": message(&related.message) });
        Some(place)
    });
    let mut result = json!({
        "ruleId": finding.code,
        "level": match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        },
        "message": { "text": message(&text) },
        "locations": locations,
        "relatedLocations": related.collect::<Vec<_>>(),
        "partialFingerprints": { "reseatFinding/v1": print },
    });
    if let Some(index) = index {
        result["ruleIndex"] = json!(index);
    }
    result
}

/// Returns a fingerprint of code, file and message, which is independent of the line.
fn fingerprint(finding: &Finding) -> String {
    let file = finding.source.as_ref().map_or("", |source| &*source.file);
    let digest = Digest::of_bytes(format!("{}\n{file}\n{}", finding.code, finding.message).as_bytes());
    digest.as_str().trim_start_matches("sha256:").chars().take(32).collect()
}

fn location(source: &Source, paths: &SourcePaths<'_>) -> Value {
    let path = paths.raw_path(source);
    let encoded = utf8_percent_encode(&path, PATH).to_string();
    let artifact = if path.starts_with('/') {
        json!({ "uri": format!("file://{encoded}") })
    } else {
        json!({ "uri": encoded, "uriBaseId": "%SRCROOT%" })
    };
    json!({ "physicalLocation": {
        "artifactLocation": artifact,
        "region": { "startLine": source.line, "startColumn": source.column },
    } })
}

/// Escapes a message.
fn message(text: &str) -> String {
    let mut shown = String::with_capacity(text.len() + 8);
    for character in escape(text).chars() {
        match character {
            '{' => shown.push_str("{{"),
            '}' => shown.push_str("}}"),
            '[' => shown.push_str("\\["),
            ']' => shown.push_str("\\]"),
            other => shown.push(other),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::catalog::manifest::ALL;

    fn log(findings: &[Finding]) -> Value {
        let mut files = Files::default();
        files.add("teams/a b.yaml", "m/teams/a b.yaml", "x\n");
        serde_json::to_value(sarif(findings, &files)).unwrap()
    }

    #[test]
    fn message_is_neither_a_link_nor_a_placeholder() {
        assert_eq!(message("[x](https://evil) {0} \u{202e}"), "\\[x\\](https://evil) {{0}} \\u{{202e}}");
    }

    #[test]
    fn paths_are_encoded_and_relative_to_the_checkout() {
        let source = Source { file: "teams/a b.yaml".into(), line: 2, column: 3 };
        let log = log(&[Finding::error(ALL[0], "wrong").at(source)]);
        let artifact = &log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"];
        assert_eq!(artifact["uri"], "m/teams/a%20b.yaml");
    }

    #[test]
    fn equal_findings_are_distinguished_and_every_finding_has_a_location() {
        let finding = || Finding::warning(ALL[0], "twice");
        let log = log(&[finding(), finding()]);
        let results = log["runs"][0]["results"].as_array().unwrap();
        assert_ne!(results[0]["partialFingerprints"], results[1]["partialFingerprints"]);
        assert_eq!(results[0]["locations"][0]["physicalLocation"]["region"]["startLine"], 1);
        assert_eq!(log["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap().len(), 1);
    }
}
