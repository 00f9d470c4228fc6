//! `M`: the manifest itself, readable without any other file.

use crate::diagnostic::code::codes;

codes! {}
