//! The one door to the YAML reader.
//!
//! Everything YAML that reseat reads comes through here, so that the reader can change without anybody noticing, and
//! so that the same traps are shut for every file: YAML 1.2 words only (`no` is a text), a number where a text is
//! expected must be quoted, keys stand once, aliases cannot multiply a file, depth and size are limited.
//! What must hold: no input makes it panic, and memory is bounded by a small multiple of the input's size.

mod access;
mod decode;
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

use self::decode::FindingSink;
use self::fast_path::FastPath;
pub(crate) use self::node::{YamlNode, YamlValue};
use crate::diagnostic::{FileId, Finding};

pub use people_list::PeopleList;
pub(crate) use people_list::{PeoplePart, group_of};
/// A value with its place; readers of other known shapes need it too.
pub use serde_saphyr::Spanned;
pub(crate) use text::too_large_finding;
pub use text::{FILE_MAX_BYTES, decode_text};
pub(crate) use tree::excerpt;
pub use types::{LenientList, Located, NamedEntries, OptionalField, Override, RequiredField};

/// How deep lists and maps may nest.
pub(crate) const DEPTH_MAX: usize = 64;

/// Most findings of one kind of reading in one file; who has more, has one mistake in a program.
pub(crate) const FINDINGS_MAX: usize = 1_000;

/// How many nodes aliases may add to a file of that many bytes.
pub(crate) fn alias_nodes_max(bytes: usize) -> usize {
    10_000 + bytes / 16
}

/// Reads one YAML document of a known shape, such as an observation; `name` is what findings call the file.
///
/// It reads as a stream and needs little memory beside the result, and stops at the first fault. Manifests, where
/// people want to see all faults at once, are read by `manifest::load`.
///
/// # Errors
/// What is wrong with the text.
pub fn parse<T: DeserializeOwned>(text: &str, name: &Arc<str>) -> Result<T, Vec<Finding>> {
    serde_saphyr::from_str_with_options(text, options(text.len()))
        .map_err(|error| vec![error::finding(error.without_snippet(), name)])
}

/// Reads one YAML document of a known shape, with every fault in it.
///
/// What is wrong is left out of the result; `None` where the file holds nothing, or nothing of it can be read.
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

/// A document of which some sections at its top are given apart.
pub(crate) struct SplitDocument<T> {
    /// What the document says, as far as it goes.
    pub(crate) value: Option<T>,
    /// The sections, as they are written.
    pub(crate) sections: Vec<(YamlNode, YamlNode)>,
    /// What is wrong with the sections, where they are not a part of the value.
    pub(crate) faults: Vec<Finding>,
}

/// Reads one YAML document of a known shape, with every fault in it, and gives the sections of those names apart.
///
/// They are a part of the value only where they count; where they do not, what is wrong with them is told apart as well.
pub(crate) fn read_split<T: DeserializeOwned>(
    text: &str,
    (file, name): (FileId, &Arc<str>),
    (sections, count): (&[&str], bool),
    findings: &mut Vec<Finding>,
) -> SplitDocument<T> {
    let mut parted = SplitDocument { value: None, sections: Vec::new(), faults: Vec::new() };
    let Some(mut root) = tree(text, file, name, findings) else { return parted };
    let typed = |node: &YamlNode, findings: &mut Vec<Finding>| {
        let sink = FindingSink::new(name);
        let value = decode::decode(node, &sink);
        findings.extend(sink.into_findings());
        value
    };
    if count {
        parted.value = typed(&root, findings);
    }
    if let YamlValue::Map(entries) = &mut root.value {
        let is_apart = |(key, _): &(YamlNode, YamlNode)| matches!(&key.value, YamlValue::Text(name) if sections.contains(&&**name));
        (parted.sections, *entries) = std::mem::take(entries).into_iter().partition(is_apart);
    }
    if !count {
        parted.value = typed(&root, findings);
        let mut alone = YamlNode { value: YamlValue::Map(parted.sections), at: root.at };
        let _: Option<T> = typed(&alone, &mut parted.faults);
        parted.sections = match &mut alone.value {
            YamlValue::Map(sections) => std::mem::take(sections),
            _ => Vec::new(),
        };
    }
    parted
}

/// The tree of a document, through the fast lane where that gives a tree without a fault.
pub(crate) fn tree(text: &str, file: FileId, name: &Arc<str>, findings: &mut Vec<Finding>) -> Option<YamlNode> {
    if let Some((lanes, left)) = FastPath::extract(text) {
        let (root, faults) = tree::build(&left, file, &lanes);
        if faults.is_empty() {
            return root;
        }
    }
    let (root, faults) = tree::build(text, file, &FastPath::default());
    findings.extend(faults.into_iter().take(FINDINGS_MAX).map(|fault| fault.finding(name)));
    root
}

/// Limits that grow with the input, save for aliases: an input of that many bytes cannot cost more than a multiple of it.
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
