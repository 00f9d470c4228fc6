//! Tables are tables: a stray `|` in a cell would push what comes after it out of its column.

use crate::manual::{all_pages, text};

/// How many cells a row has.
fn cells(row: &str) -> usize {
    row.replace("\\|", "").matches('|').count()
}

/// The rows that have not as many cells as the head of their table.
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
fn rows_have_as_many_cells_as_their_head() {
    let wrong =
        |path: &String| breaches(&text(path)).into_iter().map(|line| format!("{path}:{line}")).collect::<Vec<_>>();
    let found: Vec<_> = all_pages().iter().flat_map(wrong).collect();
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}

#[test]
fn a_stray_bar_is_told() {
    assert_eq!(breaches("| a | b |\n|---|---|\n| c | d|e |\n| f | `g\\|h` |\n"), [3]);
}
