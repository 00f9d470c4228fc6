//! Decoding of a file to text, before the YAML reader.

use std::sync::Arc;

use crate::diagnostic::catalog::manifest as codes;
use crate::diagnostic::{Finding, Source};

/// The largest file, in bytes.
pub const FILE_MAX_BYTES: u64 = 256 * 1024 * 1024;

/// Returns the text of a file, which must be UTF-8 without control characters; otherwise `None` and a finding.
///
/// A byte-order mark is skipped and noted.
pub fn decode_text<'a>(bytes: &'a [u8], name: &Arc<str>, findings: &mut Vec<Finding>) -> Option<&'a str> {
    let refused = if bytes.len() as u64 > FILE_MAX_BYTES {
        too_large_finding(name)
    } else if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        not_utf8_finding(name, bytes, 0, "the file is UTF-16".to_owned())
    } else {
        match std::str::from_utf8(bytes) {
            Err(error) => {
                let offset = error.valid_up_to();
                not_utf8_finding(name, bytes, offset, format!("byte 0x{:02x} is not UTF-8", bytes[offset]))
            }
            Ok(text) => {
                let stripped = text.strip_prefix('\u{feff}');
                if stripped.is_some() {
                    let start = Source { file: Arc::clone(name), line: 1, column: 1 };
                    let message = "the file begins with a byte-order mark";
                    let finding = Finding::note(&codes::BYTE_ORDER_MARK, message);
                    findings.push(finding.help("save the file without it").at(start));
                }
                let text = stripped.unwrap_or(text);
                match find_control_character(text.as_bytes()) {
                    None => return Some(text),
                    Some(offset) => control_character_finding(name, text, offset),
                }
            }
        }
    };
    findings.push(refused);
    None
}

fn not_utf8_finding(name: &Arc<str>, bytes: &[u8], offset: usize, message: String) -> Finding {
    Finding::error(&codes::NOT_UTF8, message).help("save the file as UTF-8").at(locate(name, bytes, offset))
}

fn control_character_finding(name: &Arc<str>, text: &str, offset: usize) -> Finding {
    let character = text[offset..].chars().next().unwrap_or_default();
    let message = if character == '\r' {
        "carriage return without a line feed".to_owned()
    } else {
        format!("control character U+{:04X}", u32::from(character))
    };
    Finding::error(&codes::CONTROL_CHARACTER, message).help("delete it, or escape it in double quotes").at(locate(
        name,
        text.as_bytes(),
        offset,
    ))
}

pub(crate) fn too_large_finding(name: &Arc<str>) -> Finding {
    Finding::error(&codes::LIMIT_EXCEEDED, format!("the file is larger than {} MiB", FILE_MAX_BYTES >> 20))
        .help("split it")
        .at(Source { file: Arc::clone(name), line: 1, column: 1 })
}

/// Returns the offset of the first control character: C0 without tab and line ends, DEL, C1 without NEL, a lone carriage
/// return.
fn find_control_character(bytes: &[u8]) -> Option<usize> {
    // Nearly all files have none, so a branchless pass runs first.
    let suspicious = |byte: u8| (byte < 0x20) & (byte != b'\n') & (byte != b'\t') | (byte == 0x7f) | (byte == 0xc2);
    if !bytes.iter().fold(false, |any, byte| any | suspicious(*byte)) {
        return None;
    }
    (0..bytes.len()).find(|&offset| match bytes[offset] {
        b'\n' | b'\t' => false,
        b'\r' => bytes.get(offset + 1) != Some(&b'\n'),
        0xc2 => bytes.get(offset + 1).is_some_and(|next| (0x80..0xa0).contains(next) && *next != 0x85),
        byte => byte < 0x20 || byte == 0x7f,
    })
}

/// Returns the location of a byte; the bytes before it need not be UTF-8.
fn locate(name: &Arc<str>, bytes: &[u8], offset: usize) -> Source {
    let before = &bytes[..offset];
    let line_start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
    let column = String::from_utf8_lossy(&before[line_start..]).chars().count() + 1;
    Source {
        file: Arc::clone(name),
        line: u32::try_from(line).unwrap_or(u32::MAX),
        column: u32::try_from(column).unwrap_or(u32::MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(bytes: &[u8]) -> (String, u32, u32) {
        let mut findings = Vec::new();
        assert_eq!(decode_text(bytes, &Arc::from("a.yaml"), &mut findings), None);
        let finding = findings.pop().unwrap();
        let source = finding.source.unwrap();
        (finding.code.to_string(), source.line, source.column)
    }

    #[test]
    fn invalid_utf8_is_refused_at_its_byte() {
        assert_eq!(fault(b"a: 1\nb: \xc3\xa9\xff\n"), ("M002".to_owned(), 2, 5));
        assert_eq!(fault(b"\xff\xfea\0"), ("M002".to_owned(), 1, 1));
    }

    #[test]
    fn control_character_is_refused_at_its_location() {
        assert_eq!(fault(b"a: 1\nb: \0\n"), ("M007".to_owned(), 2, 4));
        assert_eq!(fault(b"a: 1\rb: 2\n"), ("M007".to_owned(), 1, 5));
        assert_eq!(fault("a: \u{9b}1\n".as_bytes()), ("M007".to_owned(), 1, 4));
        assert_eq!(fault(b"a: \x7f\n"), ("M007".to_owned(), 1, 4));
    }

    #[test]
    fn windows_line_ends_and_accents_are_accepted() {
        let mut findings = Vec::new();
        let text = "a: \u{e9}\u{a0}\r\n\tb: 2\r\n";
        assert_eq!(decode_text(text.as_bytes(), &Arc::from("a.yaml"), &mut findings), Some(text));
        assert!(findings.is_empty());
    }

    #[test]
    fn byte_order_mark_is_skipped_and_noted() {
        let mut findings = Vec::new();
        assert_eq!(decode_text("\u{feff}a: 1\n".as_bytes(), &Arc::from("a.yaml"), &mut findings), Some("a: 1\n"));
        assert_eq!(findings[0].code, "M009");
    }
}
