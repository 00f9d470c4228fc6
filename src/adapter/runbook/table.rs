//! Tables as consoles and spreadsheets write them: with commas, semicolons or tabs, with or without a byte-order mark.
//!
//! A truncated table is an error.

use std::sync::Arc;

use crate::diagnostic::catalog::adapter as codes;
use crate::diagnostic::{Code, Finding, Source};

/// The most columns of a table.
const COLUMNS_MAX: usize = 1_000;
/// The most rows; more than any console lists.
const ROWS_MAX: usize = 2_000_000;

/// A row and its location.
pub(super) struct ExportRow {
    pub(super) cells: csv::StringRecord,
    /// The offset of its first byte.
    start: usize,
    line: u64,
}

/// A cell of the header (`row: None`) or of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct CellRef {
    row: Option<usize>,
    column: usize,
}

impl CellRef {
    pub(super) fn of_header(column: usize) -> Self {
        Self { row: None, column }
    }

    pub(super) fn new(row: usize, column: usize) -> Self {
        Self { row: Some(row), column }
    }
}

pub(super) struct ExportTable<'t> {
    name: Arc<str>,
    text: &'t str,
    delimiter: u8,
    pub(super) header: csv::StringRecord,
    /// Offset and line of the header.
    header_start: (usize, u64),
    pub(super) rows: Vec<ExportRow>,
}

/// Returns the text of a file, or what it is instead.
pub(super) fn decode<'b>(bytes: &'b [u8], name: &Arc<str>) -> Result<&'b str, Vec<Finding>> {
    let at = |line: u32| Source { file: Arc::clone(name), line, column: 1 };
    let fault = |message: &str, help: &str, line: u32| {
        Err(vec![Finding::error(&codes::EXPORT_FORMAT, message).help(help).at(at(line))])
    };
    let save = "save it as CSV in UTF-8";
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"\xd0\xcf\x11\xe0") {
        return fault("the export is a spreadsheet, not CSV", save, 1);
    }
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return fault("the export is UTF-16", save, 1);
    }
    let body = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = match std::str::from_utf8(body) {
        Ok(text) => text,
        Err(error) => {
            let before = body.get(..error.valid_up_to()).unwrap_or_default();
            let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
            return fault("the export is not UTF-8", save, u32::try_from(line).unwrap_or(u32::MAX));
        }
    };
    if text.contains('\0') {
        return fault("the export contains zero bytes, like a file that is being written", "export it again", 1);
    }
    Ok(text)
}

impl<'t> ExportTable<'t> {
    /// Reads a table.
    pub(super) fn read(text: &'t str, name: &Arc<str>) -> Result<Self, Vec<Finding>> {
        // Some spreadsheets declare the delimiter in the first line.
        let (skipped, declared) = match text.lines().next().and_then(|line| line.strip_prefix("sep=")) {
            Some(rest) => (text.find('\n').map_or(text.len(), |end| end + 1), rest.bytes().next()),
            None => (0, None),
        };
        let body = &text[skipped..];
        let delimiter = declared.unwrap_or_else(|| detect_delimiter(body));
        let lines = u64::from(skipped > 0);
        let mut table = Self {
            name: Arc::clone(name),
            text,
            delimiter,
            header: csv::StringRecord::new(),
            header_start: (skipped, 1 + lines),
            rows: Vec::new(),
        };
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter)
            .from_reader(body.as_bytes());
        let mut cells = csv::StringRecord::new();
        while reader.read_record(&mut cells).unwrap_or(false) {
            let (start, line) = cells.position().map_or((0, 1), |place| (place.byte(), place.line()));
            let (start, line) = skip_line_ends(text, skipped + usize::try_from(start).unwrap_or(0), line);
            if cells.iter().all(|cell| cell.trim().is_empty()) {
                continue;
            }
            if table.header.is_empty() {
                table.header_start = (start, line + lines);
                table.header = cells.clone();
                continue;
            }
            table.rows.push(ExportRow { cells: cells.clone(), start, line: line + lines });
            if table.rows.len() > ROWS_MAX {
                let message = format!("the export has more than {ROWS_MAX} rows");
                return Err(vec![table.finding(&codes::EXPORT_FORMAT, message, CellRef::of_header(0))]);
            }
        }
        table.check().map_or(Ok(()), |finding| Err(vec![finding]))?;
        Ok(table)
    }

    /// Returns a finding if the table is incomplete.
    fn check(&self) -> Option<Finding> {
        let again = "export it again, and wait until it is complete";
        if self.header.is_empty() {
            return Some(self.finding(&codes::EXPORT_FORMAT, "the export is empty", CellRef::of_header(0)).help(again));
        }
        if self.header.len() > COLUMNS_MAX {
            let message = format!("the export has more than {COLUMNS_MAX} columns");
            return Some(self.finding(&codes::EXPORT_FORMAT, message, CellRef::of_header(0)));
        }
        let Some(last) = self.rows.len().checked_sub(1) else {
            let message = "the export has no rows";
            return Some(self.finding(&codes::EXPORT_FORMAT, message, CellRef::of_header(0)).help(again));
        };
        if let Some(open) = self.open_quote(&self.rows[last]) {
            let message = "the export is truncated: it ends within quotes";
            return Some(self.finding(&codes::EXPORT_FORMAT, message, CellRef::new(last, open)).help(again));
        }
        let ends_empty = self.rows[last].cells.iter().next_back().is_some_and(str::is_empty);
        if ends_empty && self.header.len() > 1 && !self.text.ends_with(['\n', '\r', '"']) {
            let message = "the export is truncated: it ends within a row";
            let cell = CellRef::new(last, self.rows[last].cells.len().saturating_sub(1));
            return Some(self.finding(&codes::EXPORT_FORMAT, message, cell).help(again));
        }
        let width = self.header.len();
        let (row, cells) =
            self.rows.iter().map(|row| row.cells.len()).enumerate().find(|(_, cells)| *cells != width)?;
        let message = format!("the row has {cells} cells, but the header has {width}");
        let help = if row == last && cells < width {
            "the export may be truncated; export it again"
        } else {
            "put cells that contain the delimiter into quotes"
        };
        Some(self.finding(&codes::EXPORT_FORMAT, message, CellRef::new(row, 0)).help(help))
    }

    /// Returns the index of the cell with an unclosed quote.
    fn open_quote(&self, row: &ExportRow) -> Option<usize> {
        let last = CellPositions::new(&self.text[row.start..], self.delimiter).enumerate().last();
        last.filter(|(_, position)| position.is_open).map(|(number, _)| number)
    }

    /// Creates a finding about a cell.
    pub(super) fn finding(&self, code: &'static Code, message: impl Into<String>, cell: CellRef) -> Finding {
        Finding::error(code, message).at(self.source(cell))
    }

    /// Returns the location of a cell.
    pub(super) fn source(&self, cell: CellRef) -> Source {
        let (start, line) = match cell.row.and_then(|row| self.rows.get(row)) {
            Some(row) => (row.start, row.line),
            None => self.header_start,
        };
        let text = self.text.get(start..).unwrap_or_default();
        let place =
            CellPositions::new(text, self.delimiter).nth(cell.column).unwrap_or(CellPosition { at: 0, is_open: false });
        let before = text.get(..place.at).unwrap_or_default();
        let line = line + before.matches('\n').count() as u64;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        let number = |count: u64| u32::try_from(count).unwrap_or(u32::MAX);
        Source { file: Arc::clone(&self.name), line: number(line), column: number(column as u64) }
    }
}

/// Skips the line ends that the reader counts to the next row.
fn skip_line_ends(text: &str, mut start: usize, mut line: u64) -> (usize, u64) {
    while let Some(byte @ (b'\n' | b'\r')) = text.as_bytes().get(start) {
        line += u64::from(*byte == b'\n');
        start += 1;
    }
    (start, line)
}

/// Returns the most frequent delimiter of the header.
fn detect_delimiter(text: &str) -> u8 {
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let mut quoted = false;
    let mut counts = [(b',', 0_usize), (b';', 0), (b'\t', 0), (b'|', 0)];
    for byte in first.bytes() {
        quoted ^= byte == b'"';
        if let Some((_, count)) = counts.iter_mut().find(|(known, _)| *known == byte && !quoted) {
            *count += 1;
        }
    }
    // The first one wins a tie, so that a single column has commas.
    counts.iter().rev().max_by_key(|(_, count)| *count).map_or(b',', |(byte, _)| *byte)
}

/// The offset of a cell, and whether its quotes are unclosed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct CellPosition {
    at: usize,
    is_open: bool,
}

/// Iterates over the cells of the first row of a text.
struct CellPositions<'t> {
    text: &'t [u8],
    delimiter: u8,
    next: Option<usize>,
}

impl<'t> CellPositions<'t> {
    fn new(text: &'t str, delimiter: u8) -> Self {
        Self { text: text.as_bytes(), delimiter, next: Some(0) }
    }
}

impl Iterator for CellPositions<'_> {
    type Item = CellPosition;

    fn next(&mut self) -> Option<CellPosition> {
        let at = self.next.take()?;
        let mut quoted = false;
        let mut here = at;
        loop {
            match self.text.get(here) {
                None => return Some(CellPosition { at, is_open: quoted }),
                Some(b'"') if here == at => quoted = true,
                // A doubled quote toggles twice.
                Some(b'"') if self.text.get(at) == Some(&b'"') => quoted = !quoted,
                Some(byte) if !quoted && *byte == self.delimiter => {
                    self.next = Some(here + 1);
                    return Some(CellPosition { at, is_open: false });
                }
                Some(b'\n' | b'\r') if !quoted => return Some(CellPosition { at, is_open: false }),
                Some(_) => {}
            }
            here += 1;
        }
    }
}
