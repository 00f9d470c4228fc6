//! Text with marks, before it is known whether it is read on paper or on a terminal.
//!
//! What must hold: what came from outside is its own piece, and so each reader escapes it in their own way.

use crate::report::escape::{code, escape, markdown};
use crate::report::{TextStyle, Tone};

/// A piece of text.
#[derive(Clone, Debug, PartialEq, Eq)]
enum TextSpan {
    /// Ours.
    Plain(String),
    /// What stands on the console's screen, and names of licenses.
    Label(String),
    /// What is to be found or copied, such as an address.
    Code(String),
}

/// Text with marks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RichText(Vec<TextSpan>);

impl RichText {
    /// Our own text, without marks.
    pub(super) fn plain(text: impl Into<String>) -> Self {
        Self(vec![TextSpan::Plain(text.into())])
    }

    /// The same with more of our own text.
    pub(super) fn text(mut self, text: &str) -> Self {
        self.0.push(TextSpan::Plain(text.to_owned()));
        self
    }

    /// The same with what stands on the screen.
    pub(super) fn label(mut self, text: &str) -> Self {
        self.0.push(TextSpan::Label(text.to_owned()));
        self
    }

    /// The same with what is to be found or copied.
    pub(super) fn code(mut self, text: &str) -> Self {
        self.0.push(TextSpan::Code(text.to_owned()));
        self
    }

    /// The same with another text after it.
    pub(super) fn append(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// A step of a profile, with its fields filled in and a full stop.
    pub(super) fn step(template: &str, fill: impl Fn(&str) -> Self) -> Self {
        let mut rich = Self::default();
        for (place, part) in template.split("**").enumerate() {
            let is_label = place % 2 == 1;
            let mut rest = part;
            while let Some((before, after)) = rest.split_once('{') {
                let Some((field, after)) = after.split_once('}') else { break };
                rich.push(before, is_label);
                let filled = fill(field);
                // Between the marks of a label everything is one.
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

    /// As Markdown.
    pub(super) fn to_markdown(&self) -> String {
        self.merged()
            .map(|piece| match piece {
                TextSpan::Plain(text) => text,
                TextSpan::Label(text) => format!("**{}**", markdown(&text)),
                TextSpan::Code(text) => code(&text),
            })
            .collect()
    }

    /// For a terminal.
    pub fn to_text(&self, look: TextStyle) -> String {
        self.merged()
            .map(|piece| match piece {
                TextSpan::Plain(text) => text,
                // Without color, quotes tell where a label ends.
                TextSpan::Label(text) if look.color => look.paint(Tone::Heading, &escape(&text)),
                TextSpan::Label(text) => format!("\"{}\"", escape(&text)),
                TextSpan::Code(text) => escape(&text).into_owned(),
            })
            .collect()
    }

    /// The pieces, labels that touch as one.
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
