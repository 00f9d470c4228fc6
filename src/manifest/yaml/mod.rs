//! The YAML reader.
//!
//! All YAML input passes through this module, with the same rules for every file: strings and Booleans by YAML 1.2 (`no` is a
//! string), quotes around a number where a string is expected, unique keys, and limits on depth, size and aliases. No
//! input causes a panic, and memory is bounded by a small multiple of the input's size.

mod access;
mod decode;
mod decoder;
mod error;
mod fast_path;
mod node;
mod people_list;
mod text;
mod tree;
mod types;

use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde_saphyr::options::AliasLimits;
use serde_saphyr::{Budget, MergeKeyPolicy, Options};

use self::decoder::FindingSink;
use self::fast_path::FastPath;
pub(crate) use self::node::{YamlNode, YamlValue};
use crate::diagnostic::{FileId, Finding};

pub use people_list::PeopleList;
pub(crate) use people_list::{PeoplePart, group_of};
pub use serde_saphyr::Spanned;
pub(crate) use text::too_large_finding;
pub use text::{FILE_MAX_BYTES, decode_text};
pub(crate) use tree::excerpt;
pub use types::{LenientList, Located, NamedEntries, OptionalField, Override, RequiredField};

/// The deepest nesting of lists and maps.
pub(crate) const DEPTH_MAX: usize = 64;

/// The most findings of one file; more come from one mistake in a program.
pub(crate) const FINDINGS_MAX: usize = 1_000;

/// Returns how many nodes aliases may add to a file of that size.
pub(crate) fn alias_nodes_max(bytes: usize) -> usize {
    10_000 + bytes / 16
}

/// Reads a document as a stream, such as an observation, up to the first fault; `name` is the file's name in findings.
///
/// # Errors
/// Returns the fault.
pub(crate) fn parse<T: DeserializeOwned>(text: &str, name: &Arc<str>) -> Result<T, Vec<Finding>> {
    serde_saphyr::from_str_with_options(text, options(text.len()))
        .map_err(|error| vec![error::finding(error.without_snippet(), name)])
}

/// Reads a document, such as a manifest, and reports every fault. Invalid parts are left out of the result; `None` means that
/// the document is empty or unreadable.
pub(crate) fn read<T: DeserializeOwned>(
    text: &str,
    file: FileId,
    name: &Arc<str>,
    findings: &mut Vec<Finding>,
) -> Option<T> {
    let root = tree(text, file, name, findings)?;
    let sink = FindingSink::new(name);
    let value = decode::decode(&root, &sink);
    findings.extend(sink.into_findings());
    value
}

/// A document with some of its top-level sections apart.
pub(crate) struct SplitDocument<T> {
    /// The document without the sections, or with them if they count.
    pub(crate) value: Option<T>,
    /// The sections as written.
    pub(crate) sections: Vec<(YamlNode, YamlNode)>,
    /// The faults of the sections, if they do not count.
    pub(crate) faults: Vec<Finding>,
}

/// Reads a document like [`read`], and returns the sections of those names apart. If they do not count, neither the value
/// nor `findings` includes them.
pub(crate) fn read_split<T: DeserializeOwned>(
    text: &str,
    (file, name): (FileId, &Arc<str>),
    (sections, count): (&[&str], bool),
    findings: &mut Vec<Finding>,
) -> SplitDocument<T> {
    let mut document = SplitDocument { value: None, sections: Vec::new(), faults: Vec::new() };
    let Some(mut root) = tree(text, file, name, findings) else { return document };
    let typed = |node: &YamlNode, findings: &mut Vec<Finding>| {
        let sink = FindingSink::new(name);
        let value = decode::decode(node, &sink);
        findings.extend(sink.into_findings());
        value
    };
    if count {
        document.value = typed(&root, findings);
    }
    if let YamlValue::Map(entries) = &mut root.value {
        let is_apart = |(key, _): &(YamlNode, YamlNode)| matches!(&key.value, YamlValue::Text(name) if sections.contains(&&**name));
        (document.sections, *entries) = std::mem::take(entries).into_iter().partition(is_apart);
    }
    if !count {
        document.value = typed(&root, findings);
        let mut alone = YamlNode { value: YamlValue::Map(document.sections), at: root.at };
        let _: Option<T> = typed(&alone, &mut document.faults);
        document.sections = match &mut alone.value {
            YamlValue::Map(sections) => std::mem::take(sections),
            _ => Vec::new(),
        };
    }
    document
}

/// Reads a document as a tree, on the fast path if that finds no fault.
pub(crate) fn tree(text: &str, file: FileId, name: &Arc<str>, findings: &mut Vec<Finding>) -> Option<YamlNode> {
    if let Some((fast_path, rest)) = FastPath::extract(text) {
        let (root, faults) = tree::build(&rest, file, &fast_path);
        if faults.is_empty() {
            return root;
        }
    }
    let (root, faults) = tree::build(text, file, &FastPath::default());
    findings.extend(faults.into_iter().take(FINDINGS_MAX).map(|fault| fault.finding(name)));
    root
}

/// Returns limits in proportion to the input's size.
fn options(bytes: usize) -> Options {
    let budget: Option<Budget> = serde_saphyr::budget! {
        max_events: 1_000 + 2 * bytes + alias_nodes_max(bytes),
        max_nodes: 1_000 + bytes + alias_nodes_max(bytes),
        max_total_scalar_bytes: 65_536 + 2 * bytes,
        max_aliases: alias_nodes_max(bytes),
        max_anchors: 1_000,
        max_recorded_anchor_events: 10_000 + 2 * bytes,
        max_recorded_anchor_bytes: 65_536 + 2 * bytes,
        max_depth: DEPTH_MAX,
        flow_nesting_limit: DEPTH_MAX,
        max_documents: 2,
        enforce_alias_anchor_ratio: false,
    };
    let alias_limits: AliasLimits = serde_saphyr::alias_limits! {
        max_total_replayed_events: alias_nodes_max(bytes),
        max_replay_stack_depth: 8,
    };
    serde_saphyr::options! {
        budget: budget,
        alias_limits: alias_limits,
        strict_booleans: true,
        no_schema: true,
        reject_unsupported_tags: true,
        merge_keys: MergeKeyPolicy::Error,
        with_snippet: false,
    }
}

#[cfg(test)]
mod tests;
