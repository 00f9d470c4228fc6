//! A YAML document as a tree of values with locations.
//!
//! A typed reader stops at the first fault. With a tree, an invalid part is reported and left out, and the rest is read.

use smol_str::SmolStr;

use crate::diagnostic::Location;

/// A value and its location.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct YamlNode {
    pub(crate) value: YamlValue,
    pub(crate) at: Location,
}

/// A value of YAML's core schema.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum YamlValue {
    /// `null`, `~` or no text.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, as written.
    Number(SmolStr),
    /// A string.
    Text(SmolStr),
    /// A list.
    List(Vec<YamlNode>),
    /// A map with unique keys, in the order written.
    Map(Vec<(YamlNode, YamlNode)>),
    /// Many items of a list; only within a list.
    Run(ItemRun),
}

/// A run of plain list items, one per line, in one column, that the fast path extracted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ItemRun {
    /// The byte offset of the first line.
    pub(crate) start: u32,
    /// The byte offset after the last line.
    pub(crate) end: u32,
    /// The number of items.
    pub(crate) count: u32,
    /// The location of the first item.
    pub(crate) at: Location,
}

impl ItemRun {
    /// Returns the items with their locations; `text` is the whole file.
    pub(crate) fn items<'a>(&self, text: &'a str) -> impl Iterator<Item = (&'a str, Location)> + use<'a> {
        let at = self.at;
        let lines = text.get(self.start as usize..self.end as usize).unwrap_or_default().lines();
        lines.zip(at.line..).map(move |(line, number)| {
            let item = line.get(at.column as usize - 1..).unwrap_or_default();
            let length = u32::try_from(item.len()).unwrap_or(u32::MAX);
            (item, Location { line: number, length, ..at })
        })
    }
}

impl YamlValue {
    /// Returns the name of the type, for messages.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a Boolean",
            Self::Number(_) => "a number",
            Self::Text(_) => "a string",
            Self::List(_) | Self::Run(_) => "a list",
            Self::Map(_) => "a map",
        }
    }

    /// Parses a plain scalar by the core schema of YAML 1.2: `no` and `2026-01-01` are strings, `012` is a number.
    pub(crate) fn from_plain(text: &str) -> Self {
        let first = text.as_bytes().first().copied().unwrap_or_default();
        match first {
            0 | b'~' | b'n' | b'N' if matches!(text, "" | "~" | "null" | "Null" | "NULL") => Self::Null,
            b't' | b'T' if matches!(text, "true" | "True" | "TRUE") => Self::Bool(true),
            b'f' | b'F' if matches!(text, "false" | "False" | "FALSE") => Self::Bool(false),
            b'+' | b'-' | b'.' | b'0'..=b'9' if is_number(text) => Self::Number(SmolStr::new(text)),
            _ => Self::Text(SmolStr::new(text)),
        }
    }
}

/// Whether the text is a number in the core schema of YAML 1.2.
fn is_number(text: &str) -> bool {
    if let Some(digits) = text.strip_prefix("0x") {
        return !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    }
    if let Some(digits) = text.strip_prefix("0o") {
        return !digits.is_empty() && digits.bytes().all(|byte| matches!(byte, b'0'..=b'7'));
    }
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN") {
        return true;
    }
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let exponent_is_valid = exponent.is_none_or(|exponent| {
        let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        !exponent.is_empty() && digits(exponent)
    });
    !(whole.is_empty() && fraction.is_empty()) && digits(whole) && digits(fraction) && exponent_is_valid
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_words_follow_the_core_schema() {
        for text in ["no", "yes", "on", "off", "y", "2026-01-01", "1_000", "12:30", "0x", "1e", "e3", ".", "-", "nan"] {
            assert_eq!(YamlValue::from_plain(text), YamlValue::Text(SmolStr::new(text)), "{text}");
        }
        for text in ["012", "1e3", "-1.5", ".5", "1.", "0x1F", "0o7", ".inf", "-.Inf", "+3"] {
            assert_eq!(YamlValue::from_plain(text), YamlValue::Number(SmolStr::new(text)), "{text}");
        }
        assert_eq!(YamlValue::from_plain(""), YamlValue::Null);
        assert_eq!(YamlValue::from_plain("TRUE"), YamlValue::Bool(true));
    }
}
