//! The YAML files that people edit, and the only user of a YAML reader.
