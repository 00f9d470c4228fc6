//! From the reader's events to a tree of nodes.

use std::collections::BTreeMap;

use serde_saphyr::granit_parser::{
    ErrorKind, Event, Marker, Options, Parser, ScalarStyle, ScanError, Span, StrInput, Tag,
};
use smol_str::SmolStr;

use super::lane::Lanes;
use super::node::{Node, Value};
use super::{DEPTH_MAX, alias_nodes_max, error};
use crate::diagnostic::catalog::manifest as codes;
use crate::diagnostic::{Code, FileId, Finding, Location, Source};

/// Something wrong at a place; the caller knows the file's name.
pub(super) struct Fault {
    code: &'static Code,
    message: String,
    help: Option<&'static str>,
    at: Location,
    first: Option<Location>,
}

impl Fault {
    fn new(code: &'static Code, message: impl Into<String>, help: &'static str, at: Location) -> Self {
        Self { code, message: message.into(), help: Some(help), at, first: None }
    }

    /// The finding in a file of that name.
    pub(super) fn finding(self, name: &std::sync::Arc<str>) -> Finding {
        let source = |at: Location| Source { file: name.clone(), line: at.line, column: at.column };
        let mut finding = Finding::error(self.code, self.message).at(source(self.at));
        if let Some(help) = self.help {
            finding = finding.help(help);
        }
        match self.first {
            Some(first) => finding.related("it stands here first", source(first)),
            None => finding,
        }
    }
}

/// A list or map that is not closed yet.
struct Open {
    node: Node,
    anchor: usize,
    key: Option<Node>,
}

struct Builder<'a> {
    file: FileId,
    lanes: &'a Lanes,
    open: Vec<Open>,
    root: Option<Node>,
    anchors: BTreeMap<usize, Node>,
    copied: usize,
    alias_max: usize,
    anchor_max: usize,
    runs: usize,
    faults: Vec<Fault>,
}

/// Reads a document; `None` where the file holds nothing. `text` is what `lanes` left of the file.
pub(super) fn build(text: &str, file: FileId, lanes: &Lanes) -> (Option<Node>, Vec<Fault>) {
    let mut options = Options::default();
    options.flow_nesting_limit = DEPTH_MAX;
    options.block_nesting_limit = DEPTH_MAX;
    let mut builder = Builder {
        file,
        lanes,
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
    } else if builder.runs != lanes.len() {
        // A placeholder ended up inside a text or comment: the caller reads the file again without the lane.
        let at = builder.location(Marker::default(), Marker::default());
        builder.faults.push(Fault::new(&codes::SYNTAX, "the file cannot be read", "", at));
    }
    let root = builder.root.filter(|root| root.value != Value::Null);
    (root, builder.faults)
}

impl Builder<'_> {
    fn run<'input>(&mut self, mut parser: Parser<'input, StrInput<'input>>) -> Result<(), Fault> {
        let mut documents = 0;
        while let Some(event) = parser.next_event() {
            let (event, span) = event.map_err(|error| self.scan_error(&error))?;
            let at = self.location(span.start, span.end);
            match event {
                Event::DocumentStart(..) => {
                    documents += 1;
                    if documents > 1 {
                        let help = "put each document into a file of its own";
                        return Err(Fault::new(
                            &codes::SEVERAL_DOCUMENTS,
                            "another YAML document starts here",
                            help,
                            at,
                        ));
                    }
                }
                Event::Scalar(text, style, anchor, tag) => {
                    let value = self.scalar(&text, style, tag.as_deref(), at)?;
                    self.close(Node { value, at }, anchor)?;
                }
                Event::SequenceStart(_, anchor, tag) => {
                    self.check_tag(tag.as_deref(), "seq", at);
                    self.enter(Value::List(Vec::new()), anchor, at, &span);
                }
                Event::MappingStart(_, anchor, tag) => {
                    self.check_tag(tag.as_deref(), "map", at);
                    self.enter(Value::Map(Vec::new()), anchor, at, &span);
                }
                Event::SequenceEnd | Event::MappingEnd => {
                    if let Some(open) = self.open.pop() {
                        let mut node = open.node;
                        self.refuse_duplicates(&mut node);
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

    fn enter(&mut self, value: Value, anchor: usize, at: Location, _span: &Span) {
        self.open.push(Open { node: Node { value, at: Location { length: 0, ..at } }, anchor, key: None });
    }

    /// Puts a finished node where it belongs.
    fn close(&mut self, node: Node, anchor: usize) -> Result<(), Fault> {
        if anchor != 0 {
            self.copied += size(&node, self.anchor_max);
            if self.copied > self.anchor_max {
                return Err(too_much(node.at));
            }
            self.anchors.insert(anchor, node.clone());
        }
        match self.open.last_mut() {
            None => self.root = Some(node),
            Some(open) => match (&mut open.node.value, open.key.take()) {
                (Value::List(items), _) => items.push(node),
                (Value::Map(entries), Some(key)) => entries.push((key, node)),
                (_, None) => open.key = Some(node),
                _ => {}
            },
        }
        Ok(())
    }

    fn alias(&mut self, anchor: usize, at: Location) -> Result<Node, Fault> {
        let Some(node) = self.anchors.get(&anchor) else {
            return Err(Fault::new(&codes::SYNTAX, "an alias stands inside what it names", "write the value out", at));
        };
        self.alias_max = self.alias_max.checked_sub(size(node, self.alias_max)).ok_or_else(|| too_much(at))?;
        Ok(Node { value: node.value.clone(), at })
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle, tag: Option<&Tag>, at: Location) -> Result<Value, Fault> {
        if style == ScalarStyle::Plain && text.starts_with(Lanes::MARK) {
            let in_list = self.open.last().is_some_and(|open| matches!(open.node.value, Value::List(_)));
            if let Some(run) = self.lanes.run(text, at).filter(|_| in_list) {
                self.runs += 1;
                return Ok(Value::Run(run));
            }
        }
        let plain = Value::of_plain(text);
        let value = match tag.and_then(Tag::core_suffix) {
            None if style != ScalarStyle::Plain => Value::Text(SmolStr::new(text)),
            Some("str") => Value::Text(SmolStr::new(text)),
            _ => plain,
        };
        if let Some(tag) = tag {
            let fits = match tag.core_suffix() {
                Some("str") => true,
                Some("null") => value == Value::Null,
                Some("bool") => matches!(value, Value::Bool(_)),
                Some("int" | "float") => matches!(value, Value::Number(_)),
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

    /// Keeps the first of equal keys and reports the others, and merge keys.
    fn refuse_duplicates(&mut self, node: &mut Node) {
        let Value::Map(entries) = &mut node.value else { return };
        let mut seen: BTreeMap<SmolStr, Location> = BTreeMap::new();
        let faults = &mut self.faults;
        entries.retain(|(key, _)| {
            let (Value::Text(text) | Value::Number(text)) = &key.value else { return true };
            if text == "<<" {
                let help = "write the keys out";
                faults.push(Fault::new(&codes::MERGE_KEY, "`<<` is not YAML 1.2", help, key.at));
                return false;
            }
            if let Some(first) = seen.get(text) {
                let message = format!("the key `{}` stands twice", shown(text));
                let mut fault = Fault::new(&codes::DUPLICATE_KEY, message, "remove one of the two", key.at);
                fault.first = Some(*first);
                faults.push(fault);
                return false;
            }
            seen.insert(text.clone(), key.at);
            true
        });
    }

    fn scan_error(&self, error: &ScanError) -> Fault {
        let at = self.location(*error.marker(), *error.marker());
        let code = match error.kind() {
            ErrorKind::RecursionLimitExceeded | ErrorKind::AnchorCountOverflow => &codes::LIMIT,
            _ => &codes::SYNTAX,
        };
        let help = match error.kind() {
            ErrorKind::RecursionLimitExceeded => "lists and maps may nest 64 deep",
            ErrorKind::TabNotAllowed
            | ErrorKind::TabInBlockIndentation
            | ErrorKind::TabInIndentation
            | ErrorKind::TabInPlainScalar => "indent with blanks, not with tabs",
            ErrorKind::UnknownAnchor => "name an anchor that stands above, as in `&name`",
            ErrorKind::UnclosedFlowCollection { .. } | ErrorKind::UnexpectedEofFlowSequence => {
                "close the bracket that is open"
            }
            _ => "look at the indentation, the colons, and what is left open above",
        };
        Fault::new(code, error::one_line(&error.info()), help, at)
    }

    /// Our place for the reader's; the lines that the fast lane took are counted in.
    fn location(&self, start: Marker, end: Marker) -> Location {
        let number = |value: usize| u32::try_from(value).unwrap_or(u32::MAX);
        let length = if start.line() == end.line() { end.col().saturating_sub(start.col()) } else { 0 };
        Location {
            file: self.file,
            line: self.lanes.line(number(start.line().max(1))),
            column: number(start.col() + 1),
            length: number(length),
        }
    }
}

/// How many nodes there are below and with a node, a long text counting for several; counting stops a little over
/// `enough`.
fn size(node: &Node, enough: usize) -> usize {
    let mut count = 0;
    let mut left = vec![node];
    while let Some(node) = left.pop() {
        count += 1;
        if count > enough {
            break;
        }
        match &node.value {
            Value::List(items) => left.extend(items),
            Value::Map(entries) => left.extend(entries.iter().flat_map(|(key, value)| [key, value])),
            Value::Run(run) => count += run.count as usize,
            Value::Text(text) | Value::Number(text) => count += text.len() / 64,
            Value::Null | Value::Bool(_) => {}
        }
    }
    count
}

/// A text of the file as messages show it: not longer than a line's worth.
pub(crate) fn shown(text: &str) -> String {
    const SHOWN_MAX: usize = 60;
    let mut shown: String = text.chars().take(SHOWN_MAX).flat_map(char::escape_debug).collect();
    if text.chars().nth(SHOWN_MAX).is_some() {
        shown.push_str("...");
    }
    shown.replace("\\'", "'").replace("\\\"", "\"")
}

fn too_much(at: Location) -> Fault {
    Fault::new(&codes::LIMIT, "aliases stand for too much", "write out what the aliases stand for", at)
}

fn foreign_tag(tag: &Tag, at: Location) -> Fault {
    let message = format!("the tag `{}` means nothing here", shown(&tag.original()));
    Fault::new(&codes::FOREIGN_TAG, message, "remove the tag", at)
}
