//! `A`: what comes from a tenant or a state file.

use crate::diagnostic::code::codes;

codes! {}
