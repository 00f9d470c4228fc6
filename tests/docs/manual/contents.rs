//! `docs/SUMMARY.md` lists each page of the manual once.

use std::collections::BTreeMap;

use crate::manual::{all_pages, text};

const CONTENTS: &str = "docs/SUMMARY.md";

/// Returns the pages in the contents, as paths of the repository.
fn named() -> Vec<String> {
    let text = text(CONTENTS);
    let targets = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    targets.map(|target| target.strip_prefix("../").map_or_else(|| format!("docs/{target}"), str::to_owned)).collect()
}

#[test]
fn contents_list_every_page_once() {
    let mut count: BTreeMap<String, usize> = all_pages().into_iter().map(|page| (page, 0)).collect();
    count.remove(CONTENTS);
    for page in named() {
        *count.entry(page).or_default() += 1;
    }
    let wrong: Vec<_> = count.iter().filter(|(_, times)| **times != 1).collect();
    assert!(wrong.is_empty(), "each page has to stand once in {CONTENTS}; these stand there so many times: {wrong:?}");
}

#[test]
fn contents_have_a_title_for_each_page() {
    for line in text(CONTENTS).lines().filter(|line| line.contains("](")) {
        let title = line.trim_start_matches([' ', '-']).strip_prefix('[').and_then(|rest| rest.split(']').next());
        assert!(title.is_some_and(|title| !title.is_empty() && !title.contains(".md")), "{line}");
    }
}
