//! How text looks: width, and colors by meaning. What is said must be understood without them.

/// What a piece of text means to the reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// A heading.
    Heading,
    /// Something is taken or destroyed, or is wrong.
    Danger,
    /// Something is given.
    Gain,
    /// Something wants attention.
    Notice,
    /// Something that can be passed over.
    Faint,
}

/// How wide text may be, and whether it has color.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextStyle {
    /// Whether the reader sees colors.
    pub color: bool,
    /// Columns of the reader's window.
    pub width: usize,
}

impl TextStyle {
    /// Text without color, 100 columns wide: for files, pipes and tests.
    pub const PLAIN: Self = Self { color: false, width: 100 };

    /// The text in the color of its meaning.
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
