//! Links in Markdown files have a target.

use std::collections::BTreeSet;
use std::path::Path;

use super::assert_none;
use super::tree::{File, files, root};

/// Returns the targets of `[text](target)` outside code, with their lines.
fn links(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut fenced = false;
    for (index, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        }
        if fenced {
            continue;
        }
        let prose: String = line.split('`').step_by(2).collect::<Vec<_>>().join(" ");
        for piece in prose.split("](").skip(1) {
            if let Some((target, _)) = piece.split_once(')') {
                found.push((index + 1, target.to_owned()));
            }
        }
        if let Some((_, target)) = line.strip_prefix('[').and_then(|rest| rest.split_once("]: ")) {
            found.push((index + 1, target.trim().to_owned()));
        }
    }
    found
}

/// Returns the anchors of a page's headings, as forges generate them.
fn anchors(text: &str) -> BTreeSet<String> {
    let mut fenced = false;
    let mut found = BTreeSet::new();
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        }
        if !fenced && line.starts_with('#') {
            let title = line.trim_start_matches('#').trim().to_lowercase();
            let kept = title.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
            found.insert(kept.map(|c| if c == ' ' { '-' } else { c }).collect());
        }
    }
    found
}

/// Returns what is wrong with a link, if anything.
fn fault(page: &File, target: &str) -> Option<String> {
    if target.starts_with("https://") || target.starts_with("http://") || target.starts_with("mailto:") {
        return None;
    }
    let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
    let folder = Path::new(&page.path).parent().unwrap_or_else(|| Path::new(""));
    let file = if path.is_empty() { root().join(&page.path) } else { root().join(folder).join(path) };
    if !file.exists() {
        return Some(format!("`{target}` leads nowhere"));
    }
    if anchor.is_empty() {
        return None;
    }
    let text = std::fs::read_to_string(&file).ok()?;
    (!anchors(&text).contains(anchor)).then(|| format!("`{target}`: there is no such heading"))
}

#[test]
fn links_have_a_target() {
    let mut breaches = Vec::new();
    for page in files("").iter().filter(|file| file.path.ends_with(".md")) {
        for (line, target) in links(page.text.as_deref().unwrap_or_default()) {
            if let Some(fault) = fault(page, &target) {
                breaches.push(format!("{}:{line}: {fault}", page.path));
            }
        }
    }
    assert_none(&breaches);
}

#[test]
fn link_in_code_is_ignored() {
    assert_eq!(links("see [a](b.md) and `[c](d.md)`\n```\n[e](f.md)\n```"), [(1, "b.md".to_owned())]);
}

#[test]
fn anchor_is_the_lowercase_heading_with_dashes() {
    assert_eq!(anchors("## Exit codes: `0`\n"), BTreeSet::from(["exit-codes-0".to_owned()]));
}
