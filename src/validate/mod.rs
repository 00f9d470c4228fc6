//! What is wrong with a manifest that can be read.
