//! `R`: names that lead nowhere or to the wrong place.

use crate::diagnostic::code::codes;

codes! {}
