//! Output formats: one set per group of commands.

use clap::ValueEnum;

/// The formats of most commands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum DocumentFormat {
    /// Text for people
    #[default]
    Text,
    /// JSON for programs
    Json,
}

/// The formats of `plan` and `show`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum PlanFormat {
    /// Text for people
    #[default]
    Text,
    /// JSON for programs
    Json,
    /// Comment for a pull request
    Markdown,
    /// Self-contained HTML page
    Html,
    /// Manual steps in the vendors' consoles
    Runbook,
}

/// The formats of `validate`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ValidateFormat {
    /// Text for people
    #[default]
    Text,
    /// JSON for programs
    Json,
    /// JUnit XML for CI servers
    Junit,
    /// SARIF 2.1.0 for code scanning
    Sarif,
    /// Annotations of GitHub Actions
    Github,
}

/// The formats of `policy test`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum PolicyTestFormat {
    /// Text for people
    #[default]
    Text,
    /// JSON for programs
    Json,
    /// JUnit XML for CI servers
    Junit,
}

/// The formats of `graph`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum GraphFormat {
    /// Text for people
    #[default]
    Text,
    /// JSON for programs
    Json,
    /// Graphviz
    Dot,
    /// Mermaid, which forges draw in comments and files
    Mermaid,
    /// SVG image
    Svg,
}
