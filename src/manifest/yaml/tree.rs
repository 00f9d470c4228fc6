//! Builds a tree of nodes from the reader's events.

use std::collections::BTreeMap;

use serde_saphyr::granit_parser::{ErrorKind, Event, Marker, Options, Parser, ScalarStyle, ScanError, StrInput, Tag};
use smol_str::SmolStr;

use super::fast_path::FastPath;
use super::node::{YamlNode, YamlValue};
use super::{DEPTH_MAX, alias_nodes_max, error};
use crate::diagnostic::catalog::manifest as codes;
use crate::diagnostic::{Code, FileId, Finding, Location, Source};

/// A fault at a location; the caller knows the file's name.
pub(super) struct TreeFault {
    code: &'static Code,
    message: String,
    help: Option<&'static str>,
    at: Location,
    first: Option<Location>,
}

impl TreeFault {
    fn new(code: &'static Code, message: impl Into<String>, help: &'static str, at: Location) -> Self {
        Self { code, message: message.into(), help: Some(help), at, first: None }
    }

    /// Returns the finding in a file of that name.
    pub(super) fn finding(self, name: &std::sync::Arc<str>) -> Finding {
        let source = |at: Location| Source { file: name.clone(), line: at.line, column: at.column };
        let help = self.help.map(str::to_owned);
        let finding = Finding { help, ..Finding::error(self.code, self.message).at(source(self.at)) };
        match self.first {
            Some(first) => finding.related("the first one is here", source(first)),
            None => finding,
        }
    }
}

/// An unclosed list or map.
struct OpenNode {
    node: YamlNode,
    anchor: usize,
    key: Option<YamlNode>,
}

struct TreeBuilder<'a> {
    file: FileId,
    fast_path: &'a FastPath,
    open: Vec<OpenNode>,
    root: Option<YamlNode>,
    anchors: BTreeMap<usize, YamlNode>,
    copied: usize,
    alias_max: usize,
    anchor_max: usize,
    runs: usize,
    faults: Vec<TreeFault>,
}

/// Builds the tree of a document; `None` if it is empty. `text` is the file without what the fast path extracted.
pub(super) fn build(text: &str, file: FileId, fast_path: &FastPath) -> (Option<YamlNode>, Vec<TreeFault>) {
    let mut options = Options::default();
    options.flow_nesting_limit = DEPTH_MAX;
    options.block_nesting_limit = DEPTH_MAX;
    let mut builder = TreeBuilder {
        file,
        fast_path,
        open: Vec::new(),
        root: None,
        anchors: BTreeMap::new(),
        copied: 0,
        alias_max: alias_nodes_max(text.len()),
        anchor_max: 10_000 + text.len(),
        runs: 0,
        faults: Vec::new(),
    };
    if let Err(fault) = builder.run(Parser::new_from_str_with_options(text, options)) {
        builder.root = None;
        builder.faults.push(fault);
    } else if builder.runs != fast_path.len() {
        // A placeholder is inside a string or comment. The caller reads the file again without the fast path.
        let at = builder.location(Marker::default(), Marker::default());
        builder.faults.push(TreeFault::new(&codes::SYNTAX, "the file cannot be read", "", at));
    }
    let root = builder.root.filter(|root| root.value != YamlValue::Null);
    (root, builder.faults)
}

impl TreeBuilder<'_> {
    fn run<'input>(&mut self, mut parser: Parser<'input, StrInput<'input>>) -> Result<(), TreeFault> {
        let mut documents = 0;
        while let Some(event) = parser.next_event() {
            let (event, span) = event.map_err(|error| self.scan_error(&error))?;
            let at = self.location(span.start, span.end);
            match event {
                Event::DocumentStart(..) => {
                    documents += 1;
                    if documents > 1 {
                        let help = "put each document into a file of its own";
                        return Err(TreeFault::new(
                            &codes::SEVERAL_DOCUMENTS,
                            "another YAML document starts here",
                            help,
                            at,
                        ));
                    }
                }
                Event::Scalar(text, style, anchor, tag) => {
                    let value = self.scalar(&text, style, tag.as_deref(), at)?;
                    self.close(YamlNode { value, at }, anchor)?;
                }
                Event::SequenceStart(_, anchor, tag) => {
                    self.check_tag(tag.as_deref(), "seq", at);
                    self.open(YamlValue::List(Vec::new()), anchor, at);
                }
                Event::MappingStart(_, anchor, tag) => {
                    self.check_tag(tag.as_deref(), "map", at);
                    self.open(YamlValue::Map(Vec::new()), anchor, at);
                }
                Event::SequenceEnd | Event::MappingEnd => {
                    if let Some(open) = self.open.pop() {
                        let mut node = open.node;
                        self.report_duplicates(&mut node);
                        self.close(node, open.anchor)?;
                    }
                }
                Event::Alias(anchor) => {
                    let node = self.alias(anchor, at)?;
                    self.close(node, 0)?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn open(&mut self, value: YamlValue, anchor: usize, at: Location) {
        self.open.push(OpenNode { node: YamlNode { value, at: Location { length: 0, ..at } }, anchor, key: None });
    }

    /// Adds a complete node to its parent.
    fn close(&mut self, node: YamlNode, anchor: usize) -> Result<(), TreeFault> {
        if anchor != 0 {
            self.copied += count_nodes(&node, self.anchor_max);
            if self.copied > self.anchor_max {
                return Err(alias_limit_fault(node.at));
            }
            self.anchors.insert(anchor, node.clone());
        }
        match self.open.last_mut() {
            None => self.root = Some(node),
            Some(open) => match (&mut open.node.value, open.key.take()) {
                (YamlValue::List(items), _) => items.push(node),
                (YamlValue::Map(entries), Some(key)) => entries.push((key, node)),
                (_, None) => open.key = Some(node),
                _ => {}
            },
        }
        Ok(())
    }

    fn alias(&mut self, anchor: usize, at: Location) -> Result<YamlNode, TreeFault> {
        let Some(node) = self.anchors.get(&anchor) else {
            return Err(TreeFault::new(&codes::SYNTAX, "recursive alias", "replace the alias by its value", at));
        };
        self.alias_max =
            self.alias_max.checked_sub(count_nodes(node, self.alias_max)).ok_or_else(|| alias_limit_fault(at))?;
        Ok(YamlNode { value: node.value.clone(), at })
    }

    fn scalar(
        &mut self,
        text: &str,
        style: ScalarStyle,
        tag: Option<&Tag>,
        at: Location,
    ) -> Result<YamlValue, TreeFault> {
        if style == ScalarStyle::Plain && text.starts_with(FastPath::MARK) {
            let in_list = self.open.last().is_some_and(|open| matches!(open.node.value, YamlValue::List(_)));
            if let Some(run) = self.fast_path.run(text, at).filter(|_| in_list) {
                self.runs += 1;
                return Ok(YamlValue::Run(run));
            }
        }
        let plain = YamlValue::from_plain(text);
        let value = match tag.and_then(Tag::core_suffix) {
            None if style != ScalarStyle::Plain => YamlValue::Text(SmolStr::new(text)),
            Some("str") => YamlValue::Text(SmolStr::new(text)),
            _ => plain,
        };
        if let Some(tag) = tag {
            let fits = match tag.core_suffix() {
                Some("str") => true,
                Some("null") => value == YamlValue::Null,
                Some("bool") => matches!(value, YamlValue::Bool(_)),
                Some("int" | "float") => matches!(value, YamlValue::Number(_)),
                _ => tag.original() == "!",
            };
            if !fits {
                self.faults.push(foreign_tag(tag, at));
            }
        }
        Ok(value)
    }

    fn check_tag(&mut self, tag: Option<&Tag>, expected: &str, at: Location) {
        if let Some(tag) = tag.filter(|tag| !tag.is_yaml_core_schema_tag(expected) && tag.original() != "!") {
            self.faults.push(foreign_tag(tag, at));
        }
    }

    /// Keeps the first of equal keys, and reports the others and merge keys.
    fn report_duplicates(&mut self, node: &mut YamlNode) {
        let YamlValue::Map(entries) = &mut node.value else { return };
        let mut seen: BTreeMap<SmolStr, Location> = BTreeMap::new();
        let faults = &mut self.faults;
        entries.retain(|(key, _)| {
            let (YamlValue::Text(text) | YamlValue::Number(text)) = &key.value else { return true };
            if text == "<<" {
                let help = "write the keys out";
                faults.push(TreeFault::new(&codes::MERGE_KEY, "`<<` is not YAML 1.2", help, key.at));
                return false;
            }
            if let Some(first) = seen.get(text) {
                let message = format!("duplicate key `{}`", excerpt(text));
                let mut fault = TreeFault::new(&codes::DUPLICATE_KEY, message, "remove one of the two", key.at);
                fault.first = Some(*first);
                faults.push(fault);
                return false;
            }
            seen.insert(text.clone(), key.at);
            true
        });
    }

    fn scan_error(&self, error: &ScanError) -> TreeFault {
        let at = self.location(*error.marker(), *error.marker());
        let code = match error.kind() {
            ErrorKind::RecursionLimitExceeded | ErrorKind::AnchorCountOverflow => &codes::LIMIT_EXCEEDED,
            _ => &codes::SYNTAX,
        };
        let help = match error.kind() {
            ErrorKind::RecursionLimitExceeded => "nest lists and maps at most 64 levels deep",
            ErrorKind::TabNotAllowed
            | ErrorKind::TabInBlockIndentation
            | ErrorKind::TabInIndentation
            | ErrorKind::TabInPlainScalar => "indent with spaces, not with tabs",
            ErrorKind::UnknownAnchor => "define the anchor above, as in `&name`",
            ErrorKind::UnclosedFlowCollection { .. } | ErrorKind::UnexpectedEofFlowSequence => "close the open bracket",
            _ => "check the indentation, the colons and unclosed quotes above",
        };
        TreeFault::new(code, error::one_line(&error.info()), help, at)
    }

    /// Converts a location of the reader, and adds the lines that the fast path extracted.
    fn location(&self, start: Marker, end: Marker) -> Location {
        let number = |value: usize| u32::try_from(value).unwrap_or(u32::MAX);
        let length = if start.line() == end.line() { end.col().saturating_sub(start.col()) } else { 0 };
        Location {
            file: self.file,
            line: self.fast_path.line(number(start.line().max(1))),
            column: number(start.col() + 1),
            length: number(length),
        }
    }
}

/// Counts a node and its descendants, a long string as several, up to slightly more than `enough`.
fn count_nodes(node: &YamlNode, enough: usize) -> usize {
    let mut count = 0;
    let mut left = vec![node];
    while let Some(node) = left.pop() {
        count += 1;
        if count > enough {
            break;
        }
        match &node.value {
            YamlValue::List(items) => left.extend(items),
            YamlValue::Map(entries) => left.extend(entries.iter().flat_map(|(key, value)| [key, value])),
            YamlValue::Run(run) => count += run.count as usize,
            YamlValue::Text(text) | YamlValue::Number(text) => count += text.len() / 64,
            YamlValue::Null | YamlValue::Bool(_) => {}
        }
    }
    count
}

/// Returns the beginning of a text, escaped, for messages.
pub(crate) fn excerpt(text: &str) -> String {
    const SHOWN_MAX: usize = 60;
    let mut shown: String = text.chars().take(SHOWN_MAX).flat_map(char::escape_debug).collect();
    if text.chars().nth(SHOWN_MAX).is_some() {
        shown.push_str("...");
    }
    shown.replace("\\'", "'").replace("\\\"", "\"")
}

fn alias_limit_fault(at: Location) -> TreeFault {
    TreeFault::new(&codes::LIMIT_EXCEEDED, "aliases expand to too much", "replace the aliases by their values", at)
}

fn foreign_tag(tag: &Tag, at: Location) -> TreeFault {
    let message = format!("unsupported tag `{}`", excerpt(&tag.original()));
    TreeFault::new(&codes::UNSUPPORTED_TAG, message, "remove the tag", at)
}
