//! Text with marks, before it is known whether it is read on paper or on a terminal.
//!
//! What must hold: what came from outside is its own piece, and so each reader escapes it in their own way.

use crate::report::escape::{code, escape, markdown};
use crate::report::{Look, Tone};

/// A piece of text.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    /// Ours.
    Plain(String),
    /// What stands on the console's screen, and names of licenses.
    Label(String),
    /// What is to be found or copied, such as an address.
    Code(String),
}

/// Text with marks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rich(Vec<Piece>);

impl Rich {
    /// Our own text, without marks.
    pub(super) fn plain(text: impl Into<String>) -> Self {
        Self(vec![Piece::Plain(text.into())])
    }

    /// The same with more of our own text.
    pub(super) fn text(mut self, text: &str) -> Self {
        self.0.push(Piece::Plain(text.to_owned()));
        self
    }

    /// The same with what stands on the screen.
    pub(super) fn label(mut self, text: &str) -> Self {
        self.0.push(Piece::Label(text.to_owned()));
        self
    }

    /// The same with what is to be found or copied.
    pub(super) fn code(mut self, text: &str) -> Self {
        self.0.push(Piece::Code(text.to_owned()));
        self
    }

    /// The same with another text after it.
    pub(super) fn and(mut self, other: Self) -> Self {
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
                    Piece::Plain(text) | Piece::Code(text) if is_label => Piece::Label(text),
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
            self.0.push(if is_label { Piece::Label(text.to_owned()) } else { Piece::Plain(text.to_owned()) });
        }
    }

    /// As Markdown.
    pub(super) fn to_markdown(&self) -> String {
        self.merged()
            .map(|piece| match piece {
                Piece::Plain(text) => text,
                Piece::Label(text) => format!("**{}**", markdown(&text)),
                Piece::Code(text) => code(&text),
            })
            .collect()
    }

    /// For a terminal.
    pub fn to_text(&self, look: Look) -> String {
        self.merged()
            .map(|piece| match piece {
                Piece::Plain(text) => text,
                // Without color, quotes tell where a label ends.
                Piece::Label(text) if look.color => look.paint(Tone::Heading, &escape(&text)),
                Piece::Label(text) => format!("\"{}\"", escape(&text)),
                Piece::Code(text) => escape(&text).into_owned(),
            })
            .collect()
    }

    /// The pieces, labels that touch as one.
    fn merged(&self) -> impl Iterator<Item = Piece> {
        let mut merged: Vec<Piece> = Vec::with_capacity(self.0.len());
        for piece in &self.0 {
            match (merged.last_mut(), piece) {
                (Some(Piece::Label(last)), Piece::Label(text)) => last.push_str(text),
                _ => merged.push(piece.clone()),
            }
        }
        merged.into_iter()
    }
}
