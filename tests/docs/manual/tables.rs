//! Tables are well formed: a stray `|` in a cell would shift the following cells.

use crate::manual::{all_pages, text};

/// Returns the number of cells of a row.
fn cells(row: &str) -> usize {
    row.replace("\\|", "").matches('|').count()
}

/// Returns the rows whose number of cells differs from the header's.
fn breaches(page: &str) -> Vec<usize> {
    let mut found = Vec::new();
    let mut fenced = false;
    let mut head = None;
    for (index, line) in page.lines().enumerate() {
        fenced ^= line.starts_with("```");
        if fenced || !line.starts_with('|') {
            head = None;
            continue;
        }
        if cells(line) != *head.get_or_insert_with(|| cells(line)) {
            found.push(index + 1);
        }
    }
    found
}

#[test]
fn rows_have_as_many_cells_as_the_header() {
    let wrong =
        |path: &String| breaches(&text(path)).into_iter().map(|line| format!("{path}:{line}")).collect::<Vec<_>>();
    let found: Vec<_> = all_pages().iter().flat_map(wrong).collect();
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}

#[test]
fn stray_bar_is_reported() {
    assert_eq!(breaches("| a | b |\n|---|---|\n| c | d|e |\n| f | `g\\|h` |\n"), [3]);
}
