//! Formatted text for Markdown and terminals.
//!
//! External text is a span of its own, so that each format can escape it.

use crate::report::escape::{code, escape, markdown};
use crate::report::{TextStyle, Tone};

/// A span of text.
#[derive(Clone, Debug, PartialEq, Eq)]
enum TextSpan {
    /// Text of reseat.
    Plain(String),
    /// Text on the console's screen, or the name of a license.
    Label(String),
    /// Text to find or copy, such as an address.
    Code(String),
}

/// Formatted text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RichText(Vec<TextSpan>);

impl RichText {
    /// Returns plain text of reseat.
    pub(super) fn plain(text: impl Into<String>) -> Self {
        Self(vec![TextSpan::Plain(text.into())])
    }

    /// Appends plain text of reseat.
    pub(super) fn text(mut self, text: &str) -> Self {
        self.0.push(TextSpan::Plain(text.to_owned()));
        self
    }

    /// Appends a label.
    pub(super) fn label(mut self, text: &str) -> Self {
        self.0.push(TextSpan::Label(text.to_owned()));
        self
    }

    /// Appends text to find or copy.
    pub(super) fn code(mut self, text: &str) -> Self {
        self.0.push(TextSpan::Code(text.to_owned()));
        self
    }

    /// Appends formatted text.
    pub(super) fn append(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// Returns a step of a profile, with its fields filled in and a period.
    pub(super) fn step(template: &str, fill: impl Fn(&str) -> Self) -> Self {
        let mut rich = Self::default();
        for (place, part) in template.split("**").enumerate() {
            let is_label = place % 2 == 1;
            let mut rest = part;
            while let Some((before, after)) = rest.split_once('{') {
                let Some((field, after)) = after.split_once('}') else { break };
                rich.push(before, is_label);
                let filled = fill(field);
                // Fields inside a label are part of the label.
                rich.0.extend(filled.0.into_iter().map(|piece| match piece {
                    TextSpan::Plain(text) | TextSpan::Code(text) if is_label => TextSpan::Label(text),
                    piece => piece,
                }));
                rest = after;
            }
            rich.push(rest, is_label);
        }
        rich.text(".")
    }

    fn push(&mut self, text: &str, is_label: bool) {
        if !text.is_empty() {
            self.0.push(if is_label { TextSpan::Label(text.to_owned()) } else { TextSpan::Plain(text.to_owned()) });
        }
    }

    /// Renders Markdown.
    pub(super) fn to_markdown(&self) -> String {
        self.merged()
            .map(|piece| match piece {
                TextSpan::Plain(text) => text,
                TextSpan::Label(text) => format!("**{}**", markdown(&text)),
                TextSpan::Code(text) => code(&text),
            })
            .collect()
    }

    /// Renders text for a terminal.
    pub fn to_text(&self, style: TextStyle) -> String {
        self.merged()
            .map(|piece| match piece {
                TextSpan::Plain(text) => text,
                // Without color, quotes mark the end of a label.
                TextSpan::Label(text) if style.color => style.paint(Tone::Heading, &escape(&text)),
                TextSpan::Label(text) => format!("\"{}\"", escape(&text)),
                TextSpan::Code(text) => escape(&text).into_owned(),
            })
            .collect()
    }

    /// Returns the spans, with adjacent labels merged.
    fn merged(&self) -> impl Iterator<Item = TextSpan> {
        let mut merged: Vec<TextSpan> = Vec::with_capacity(self.0.len());
        for piece in &self.0 {
            match (merged.last_mut(), piece) {
                (Some(TextSpan::Label(last)), TextSpan::Label(text)) => last.push_str(text),
                _ => merged.push(piece.clone()),
            }
        }
        merged.into_iter()
    }
}
