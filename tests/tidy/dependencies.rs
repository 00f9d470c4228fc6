//! Each dependency has a comment with its reason.

use super::assert_none;
use super::tree::root;

#[test]
fn every_dependency_has_a_reason() {
    let text = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let mut breaches = Vec::new();
    let mut counted = 0;
    let mut inside = false;
    let mut explained = false;
    for (index, line) in text.lines().enumerate() {
        if line.starts_with('[') {
            inside = line.ends_with("dependencies]");
        } else if inside && !line.trim().is_empty() {
            if line.starts_with('#') {
                explained = true;
                continue;
            }
            if line.starts_with(|first: char| first.is_ascii_alphanumeric()) {
                counted += 1;
                if !explained {
                    breaches.push(format!("Cargo.toml:{}: no comment says what it is for: {line}", index + 1));
                }
            }
        }
        explained = false;
    }
    assert!(counted > 10, "found only {counted} dependencies: the rule reads the file wrongly");
    assert_none(&breaches);
}
