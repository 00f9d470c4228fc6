//! `P`: what policy holds or denies.

use crate::diagnostic::code::codes;

codes! {}
