//! The forms of what is printed, and which verb prints which.
//!
//! Every verb prints text for people and JSON for programs. What some print beyond that stands in one table, so that the
//! command line refuses what a verb does not print before anything is read.

use clap::ValueEnum;

use super::args::Command;
use super::error::CliError;

/// What can be given as the form of what is printed; not every verb knows each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum OutputFormat {
    /// For people.
    Text,
    /// For programs.
    Json,
    /// JUnit's XML, for CI servers; `validate` and `policy test` only.
    Junit,
    /// SARIF 2.1.0, for code scanning; `validate` only.
    Sarif,
    /// Annotations for GitHub's workflows; `validate` only.
    Github,
    /// The comment on a pull request; `plan` and `show` only.
    Markdown,
    /// What people would do in the vendor's console; `plan` and `show` only.
    Runbook,
    /// A page that needs nothing else; `plan` and `show` only.
    Html,
    /// For Graphviz; `graph` only.
    Dot,
    /// For forges, which draw it in comments and files; `graph` only.
    Mermaid,
    /// A picture; `graph` only.
    Svg,
}

/// The forms of a verb that prints text and JSON only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DocumentFormat {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
}

impl OutputFormat {
    /// Every form with the verbs that print it; none are those that every verb prints.
    const COMMANDS: [(Self, &'static [&'static str]); 11] = [
        (Self::Text, &[]),
        (Self::Json, &[]),
        (Self::Junit, &["validate", "policy test"]),
        (Self::Sarif, &["validate"]),
        (Self::Github, &["validate"]),
        (Self::Markdown, &["plan", "show"]),
        (Self::Runbook, &["plan", "show"]),
        (Self::Html, &["plan", "show"]),
        (Self::Dot, &["graph"]),
        (Self::Mermaid, &["graph"]),
        (Self::Svg, &["graph"]),
    ];

    /// What is typed.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "json",
            Self::Junit => "junit",
            Self::Sarif => "sarif",
            Self::Github => "github",
            Self::Markdown => "markdown",
            Self::Runbook => "runbook",
            Self::Html => "html",
            Self::Dot => "dot",
            Self::Mermaid => "mermaid",
            Self::Svg => "svg",
        }
    }

    /// How findings are told where a verb is stopped by them: only JSON is read by programs.
    pub(crate) fn for_findings(self) -> DocumentFormat {
        if self == Self::Json { DocumentFormat::Json } else { DocumentFormat::Text }
    }

    /// Refuses a form that the verb does not print.
    pub(crate) fn check_supported(self, verb: &Command) -> Result<(), CliError> {
        let name = verb.name();
        let prints = |verbs: &[&str]| verbs.is_empty() || verbs.contains(&name);
        if Self::COMMANDS.iter().any(|(form, verbs)| *form == self && prints(verbs)) {
            return Ok(());
        }
        let forms: Vec<_> = Self::COMMANDS.iter().filter(|(_, verbs)| prints(verbs)).map(|(form, _)| *form).collect();
        let words: Vec<_> = forms.iter().map(|form| format!("`{}`", form.as_str())).collect();
        let help = format!("`{name}` prints {}", words.join(", "));
        Err(CliError::usage(format!("`{name}` does not print `{}`", self.as_str())).with_help(help))
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::cli::args::CommandLine;

    #[test]
    fn format_table_lists_every_format_with_existing_commands() {
        for form in OutputFormat::value_variants() {
            assert_eq!(form.to_possible_value().unwrap().get_name(), form.as_str());
            let verbs =
                OutputFormat::COMMANDS.iter().find(|(other, _)| other == form).expect("every form is in the table").1;
            for verb in verbs {
                let mut command = CommandLine::command();
                for word in verb.split(' ') {
                    command = command.find_subcommand(word).expect("a verb").clone();
                }
            }
        }
    }
}
