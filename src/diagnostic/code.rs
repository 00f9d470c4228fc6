//! A finding code: a stable id with its explanation.

/// One entry of the catalog.
#[derive(Debug, PartialEq, Eq)]
pub struct Code {
    /// The stable id, such as `M101`.
    pub id: &'static str,
    /// What is wrong, in one line.
    pub summary: &'static str,
    /// Why it is wrong, and how it usually happens.
    pub cause: &'static str,
    /// What to do.
    pub remedy: &'static str,
}

/// Declares the codes of one letter: a static for each, and `ALL` in the order of their declaration.
macro_rules! codes {
    ($($name:ident = $id:literal, $summary:literal, cause: $cause:literal, remedy: $remedy:literal;)*) => {
        $(
            #[doc = concat!("`", $id, "`: ", $summary)]
            pub static $name: $crate::diagnostic::code::Code =
                $crate::diagnostic::code::Code { id: $id, summary: $summary, cause: $cause, remedy: $remedy };
        )*
        /// All codes of this letter, in order.
        pub static ALL: &[&$crate::diagnostic::code::Code] = &[$(&$name),*];
    };
}
pub(crate) use codes;
