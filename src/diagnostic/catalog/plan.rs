//! `L`: what the planner leaves out, and why.

use crate::diagnostic::code::codes;

codes! {}
