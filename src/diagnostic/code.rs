//! The catalog of finding codes.
//!
//! A code is a letter and three digits: `M` manifest, `R` reference, `P` policy, `L` plan, `A` adapter, `X` apply.
//! It never changes its meaning and is never given to something else. Each letter has a file below `catalog/`, and
//! each code one entry there; `reseat explain` prints it.

/// One entry of the catalog.
#[derive(Debug, PartialEq, Eq)]
pub struct Code {
    /// The stable id, such as `M101`.
    pub id: &'static str,
    /// One line: what is wrong.
    pub summary: &'static str,
    /// Why it is a mistake, and how it usually comes about.
    pub cause: &'static str,
    /// What to do.
    pub remedy: &'static str,
}

/// Declares the codes of one letter: a static for each, and `ALL` in the order written.
macro_rules! codes {
    ($($name:ident = $id:literal, $summary:literal, cause: $cause:literal, remedy: $remedy:literal;)*) => {
        $(
            #[doc = concat!("`", $id, "`: ", $summary)]
            pub static $name: $crate::diagnostic::Code =
                $crate::diagnostic::Code { id: $id, summary: $summary, cause: $cause, remedy: $remedy };
        )*
        /// All codes of this letter, in order.
        pub static ALL: &[&$crate::diagnostic::Code] = &[$(&$name),*];
    };
}
pub(crate) use codes;

/// Every code there is, in order.
pub fn all() -> impl Iterator<Item = &'static Code> {
    use super::catalog;
    [
        catalog::manifest::ALL,
        catalog::reference::ALL,
        catalog::policy::ALL,
        catalog::plan::ALL,
        catalog::adapter::ALL,
        catalog::apply::ALL,
    ]
    .into_iter()
    .flatten()
    .copied()
}

/// The entry of that id, in any letter case.
pub fn find(id: &str) -> Option<&'static Code> {
    all().find(|code| code.id.eq_ignore_ascii_case(id))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn codes_are_a_letter_and_three_digits_and_stand_once() {
        let mut seen = BTreeSet::new();
        for code in all() {
            let (letter, digits) = code.id.split_at(1);
            assert!("MRPLAX".contains(letter), "{}", code.id);
            assert!(digits.len() == 3 && digits.bytes().all(|byte| byte.is_ascii_digit()), "{}", code.id);
            assert!(seen.insert(code.id), "{} stands twice", code.id);
            assert!(!code.summary.ends_with('.'), "{}: a summary has no full stop", code.id);
            assert!(code.cause.ends_with('.') && code.remedy.ends_with('.'), "{}: full sentences", code.id);
        }
    }
}
