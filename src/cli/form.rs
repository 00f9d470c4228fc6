//! The forms of what is printed, and which verb prints which.
//!
//! Every verb prints text for people and JSON for programs. What some print beyond that stands in one table, so that the
//! command line refuses what a verb does not print before anything is read.

use clap::ValueEnum;

use super::args::Verb;
use super::failure::Failure;

/// What can be given as the form of what is printed; not every verb knows each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Form {
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
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
}

impl Form {
    /// Every form with the verbs that print it; none are those that every verb prints.
    const VERBS: [(Self, &'static [&'static str]); 11] = [
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
    pub(crate) fn word(self) -> &'static str {
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
    pub(crate) fn of_findings(self) -> Format {
        if self == Self::Json { Format::Json } else { Format::Text }
    }

    /// Refuses a form that the verb does not print.
    pub(crate) fn check(self, verb: &Verb) -> Result<(), Failure> {
        let name = verb.name();
        let prints = |verbs: &[&str]| verbs.is_empty() || verbs.contains(&name);
        if Self::VERBS.iter().any(|(form, verbs)| *form == self && prints(verbs)) {
            return Ok(());
        }
        let forms: Vec<_> = Self::VERBS.iter().filter(|(_, verbs)| prints(verbs)).map(|(form, _)| *form).collect();
        let words: Vec<_> = forms.iter().map(|form| format!("`{}`", form.word())).collect();
        let help = format!("`{name}` prints {}", words.join(", "));
        Err(Failure::usage(format!("`{name}` does not print `{}`", self.word())).help(help))
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::cli::args::Cli;

    #[test]
    fn every_form_has_its_verbs_and_every_verb_is_one() {
        for form in Form::value_variants() {
            assert_eq!(form.to_possible_value().unwrap().get_name(), form.word());
            let verbs = Form::VERBS.iter().find(|(other, _)| other == form).expect("every form is in the table").1;
            for verb in verbs {
                let mut command = Cli::command();
                for word in verb.split(' ') {
                    command = command.find_subcommand(word).expect("a verb").clone();
                }
            }
        }
    }
}
