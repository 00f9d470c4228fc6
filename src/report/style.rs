//! Width and colors of text. Colors are optional; the text is complete without them.

/// The meaning of a piece of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// A heading.
    Heading,
    /// A loss, destroyed data or an error.
    Danger,
    /// A gain.
    Gain,
    /// Needs attention.
    Notice,
    /// Less important.
    Faint,
}

/// Width and color of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextStyle {
    /// Whether to use colors.
    pub color: bool,
    /// The width in columns.
    pub width: usize,
}

impl TextStyle {
    /// Text without color, 100 columns wide, for files, pipes and tests.
    pub const PLAIN: Self = Self { color: false, width: 100 };

    /// Colors text by its meaning.
    pub fn paint(self, tone: Tone, text: &str) -> String {
        if !self.color || text.is_empty() {
            return text.to_owned();
        }
        let code = match tone {
            Tone::Heading => "1",
            Tone::Danger => "31",
            Tone::Gain => "32",
            Tone::Notice => "33",
            Tone::Faint => "2",
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }
}
