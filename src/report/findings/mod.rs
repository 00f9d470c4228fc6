//! Reports of findings, one module per format.

mod github;
mod junit;
mod sarif;
mod severity;
mod text;

pub use self::github::github_annotations;
pub use self::junit::junit;
pub use self::sarif::{SarifLog, sarif};
pub use self::severity::{severity_name, summarize_severities};
pub use self::text::text;
