//! The pull request comment, parsed by an independent GitHub Markdown parser.

use comrak::nodes::{AstNode, NodeValue};
use comrak::{Arena, Options, parse_document};
use reseat::report::plan::markdown::{MarkdownLimit, MarkdownTarget, markdown};
use reseat::report::review::Review;

use crate::rendering::{documents, for_hostile_text};

/// The HTML tags of our own pages.
const TAGS: [&str; 9] =
    ["<details>", "</details>", "<details open>", "<summary>", "</summary>", "<b>", "</b>", "<br>", "<sub>"];

fn options() -> Options<'static> {
    let mut options = Options::default();
    options.extension.table = true;
    options.extension.autolink = true;
    options.extension.strikethrough = true;
    options.extension.tasklist = true;
    options.extension.footnotes = true;
    options.extension.alerts = true;
    options.extension.math_dollars = true;
    options
}

/// The rendered text below a node, without code.
fn prose<'a>(node: &'a AstNode<'a>, text: &mut String) {
    match &node.data.borrow().value {
        NodeValue::Text(words) => text.push_str(words),
        NodeValue::Code(_) | NodeValue::CodeBlock(_) => text.push('\u{1}'),
        NodeValue::SoftBreak | NodeValue::LineBreak => text.push('\n'),
        _ => {}
    }
    for child in node.children() {
        prose(child, text);
    }
}

/// Finds a `@name` that a forge would treat as a mention.
fn mention(text: &str) -> Option<usize> {
    let characters: Vec<char> = text.chars().collect();
    (0..characters.len()).find(|at| {
        let before = at.checked_sub(1).and_then(|before| characters.get(before));
        let after = characters.get(at + 1);
        characters[*at] == '@'
            && before.is_none_or(|before| !before.is_alphanumeric() && *before != '_')
            && after.is_some_and(char::is_ascii_alphanumeric)
    })
}

fn check(text: &str, limit: MarkdownLimit) {
    let plan = documents::plan(text);
    let reader = MarkdownTarget { limit, ..MarkdownTarget::default() };
    let shown = markdown(&Review::new(&plan), &reader);
    let arena = Arena::new();
    let root = parse_document(&arena, &shown, &options());
    let mut columns = 0;
    for node in root.descendants() {
        match &node.data.borrow().value {
            NodeValue::Link(link) | NodeValue::Image(link) => panic!("a link to {} in {shown}", link.url),
            NodeValue::HtmlInline(html) => assert!(is_ours(html), "{html} in {shown}"),
            NodeValue::HtmlBlock(html) => {
                // The text between the tags of a block must not contain another tag.
                let mut rest = html.literal.as_str();
                while let Some(start) = rest.find('<') {
                    let end = rest[start..].find('>').map_or(rest.len(), |end| start + end + 1);
                    assert!(is_ours(&rest[start..end]), "{} in {shown}", &rest[start..end]);
                    rest = &rest[end..];
                }
            }
            NodeValue::Math(math) => panic!("a formula {} in {shown}", math.literal),
            NodeValue::FootnoteReference(_) | NodeValue::FootnoteDefinition(_) => panic!("a footnote in {shown}"),
            NodeValue::Table(table) => columns = table.num_columns,
            NodeValue::TableRow(_) => {
                assert_eq!(node.children().count(), columns, "a row of another width in {shown}");
            }
            NodeValue::Heading(_) | NodeValue::Paragraph | NodeValue::TableCell => {
                let mut said = String::new();
                prose(node, &mut said);
                assert_eq!(mention(&said), None, "a mention in {said:?} of {shown}");
                assert!(!said.contains("://") && !said.contains("www."), "a link in {said:?} of {shown}");
            }
            _ => {}
        }
    }
}

fn is_ours(html: &str) -> bool {
    TAGS.contains(&html) || html == "</sub>"
}

#[test]
fn comment_has_no_external_link_mention_or_markup() {
    for_hostile_text(|text| {
        check(text, MarkdownLimit::default());
        check(text, MarkdownLimit::GITLAB);
    });
}

#[test]
fn comment_has_no_external_headings() {
    let headings = |text: &str| {
        let plan = documents::plan(text);
        let shown = markdown(&Review::new(&plan), &MarkdownTarget::default());
        let arena = Arena::new();
        let root = parse_document(&arena, &shown, &options());
        let is_heading = |node: &&AstNode<'_>| matches!(node.data.borrow().value, NodeValue::Heading(_));
        root.descendants().filter(|node| is_heading(node)).count()
    };
    let ours = headings("ana");
    for_hostile_text(|text| assert_eq!(headings(text), ours, "{text:?}"));
}
