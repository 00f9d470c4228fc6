//! `X`: what happens while a plan is carried out.

use crate::diagnostic::code::codes;

codes! {}
