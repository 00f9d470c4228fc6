//! The catalog of finding codes, with one file per letter.
//!
//! A code is a letter and three digits: `M` manifest, `R` reference, `P` policy, `L` plan, `A` adapter, `X` apply. It never
//! changes its meaning and is never reused. `reseat explain` prints its entry.

pub mod adapter;
pub mod apply;
pub mod manifest;
pub mod plan;
pub mod policy;
pub mod reference;

use super::code::Code;

/// Returns all codes in order.
pub fn all() -> impl Iterator<Item = &'static Code> {
    [manifest::ALL, reference::ALL, policy::ALL, plan::ALL, adapter::ALL, apply::ALL].into_iter().flatten().copied()
}

/// Finds the code of an id, ignoring case.
pub fn find(id: &str) -> Option<&'static Code> {
    all().find(|code| code.id.eq_ignore_ascii_case(id))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn codes_are_unique_and_have_a_letter_and_three_digits() {
        let mut seen = BTreeSet::new();
        for code in all() {
            let (letter, digits) = code.id.split_at(1);
            assert!("MRPLAX".contains(letter), "{}", code.id);
            assert!(digits.len() == 3 && digits.bytes().all(|byte| byte.is_ascii_digit()), "{}", code.id);
            assert!(seen.insert(code.id), "{} is declared twice", code.id);
            assert!(!code.summary.ends_with('.'), "{}: a summary has no period", code.id);
            assert!(code.cause.ends_with('.') && code.remedy.ends_with('.'), "{}: full sentences", code.id);
        }
    }
}
