//! The reference pages in `docs/`, generated from the program's descriptions and from tested examples.
//!
//! `RESEAT_UPDATE=1` generates them again. No page states about a rule or a code what the program does not.
#![expect(clippy::expect_used, reason = "a test that cannot read its corpus has to stop")]

mod commands;
mod manifest;
mod tables;

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use reseat::diagnostic::{Code, catalog};
use reseat::expression::variables::{ASSIGNMENT, OPERATION, PERSON, PLAN, POOL};
use reseat::model::RuleTarget;
use reseat::policy::{DESCRIPTORS, RuleDescriptor, Stage};
use similar::TextDiff;

use crate::support::check;

/// The manually written text above the rules: levels, waivers, approvals, trust and exit codes.
const POLICY_HEAD: &str = include_str!("policy-rules.head");

/// The manually written text above the variables of custom rules.
const CUSTOM_HEAD: &str = include_str!("custom-rules.head");

/// What a custom rule may check, and the fields it sees.
const SUBJECTS: [(RuleTarget, &str); 5] = [
    (RuleTarget::Person, "everybody in the manifest"),
    (RuleTarget::Assignment, "each person of each entry that is not over"),
    (RuleTarget::Operation, "each operation of the plan"),
    (RuleTarget::Pool, "each pool of the plan"),
    (RuleTarget::Plan, "the plan as a whole"),
];

/// The introduction to the codes of a letter.
const LETTERS: [(&str, &str, &[&Code]); 6] = [
    ("Manifest", "Files and values that are invalid on their own.", catalog::manifest::ALL),
    ("Reference", "Names that refer to nothing, or to the wrong object.", catalog::reference::ALL),
    ("Policy", "Held changes, denials, warnings, and settings that are not in force.", catalog::policy::ALL),
    ("Plan", "Changes that a plan leaves out, other results of planning, and undo.", catalog::plan::ALL),
    ("Adapter", "Observations, adapters and forges.", catalog::adapter::ALL),
    ("Apply", "Applying plans, and the store.", catalog::apply::ALL),
];

fn example(code: &str, name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/codes").join(code).join(name);
    fs::read_to_string(&path).expect("each rule has its examples in `tests/codes`").trim_end().to_owned() + "\n"
}

/// Merges repeated descriptions into one, with a count.
fn once(said: &str) -> String {
    let mut blocks: Vec<(String, usize)> = Vec::new();
    for line in said.split_inclusive('\n') {
        match blocks.last_mut() {
            Some((block, _)) if line.starts_with(' ') => block.push_str(line),
            _ => blocks.push((line.to_owned(), 1)),
        }
    }
    blocks.dedup_by(|next, first| {
        next.0 == first.0 && {
            first.1 += 1;
            true
        }
    });
    let shown = blocks.into_iter().map(|(block, times)| match times {
        1 => block,
        times => block.replacen('\n', &format!(" ({times} times)\n"), 1),
    });
    shown.collect()
}

fn rule(page: &mut String, rule: &RuleDescriptor) -> std::fmt::Result {
    let RuleDescriptor { slug, codes, level, stage, checks, rationale: why, remedy: satisfy, example: setting } = *rule;
    let main = codes.first().expect("a rule has a code").id;
    let links: Vec<_> =
        codes.iter().map(|code| format!("[{0}](findings.md#{1})", code.id, code.id.to_lowercase())).collect();
    writeln!(page, "\n## {slug}\n")?;
    writeln!(page, "{checks}\n")?;
    writeln!(page, "- **Why:** {why}")?;
    writeln!(page, "- **Remedy:** {satisfy}")?;
    match level {
        Some(level) => writeln!(page, "- **Level:** `{}` by default.", level.as_str())?,
        None if rule.is_limit() => {
            writeln!(page, "- **Level:** none. Holds losses, and applies the rest of the plan.")?;
        }
        None => writeln!(page, "- **Level:** off by default.")?,
    }
    let checked = match stage {
        Stage::Manifest => "by `validate` and `plan`, on the manifest.",
        Stage::Plan => "by `plan` and `apply`, on the plan.",
        Stage::Apply => "by `plan` on the plan, and by `apply` before sending.",
    };
    writeln!(page, "- **Checked:** {checked}")?;
    if !setting.is_empty() {
        let place = if setting.starts_with("tenants:") { "Set in the manifest" } else { "Set in `policy`" };
        writeln!(page, "- **{place}:** `{setting}`")?;
    }
    writeln!(page, "- **Codes:** {}\n", links.join(", "))?;
    examples(page, main, stage != Stage::Manifest)
}

/// Returns the bad and the good example of a code, with the output.
fn examples(page: &mut String, main: &str, with_state: bool) -> std::fmt::Result {
    let (bad, good) = (example(main, "manifest.yaml"), example(main, "good.yaml"));
    writeln!(page, "Bad:\n\n```yaml\n{bad}```\n")?;
    let state = example(main, "state.yaml");
    let state = state.find("pools:").map_or("", |at| &state[at..]);
    if with_state {
        writeln!(page, "State:\n\n```yaml\n{state}```\n")?;
    }
    writeln!(page, "`plan` says:\n\n```text\n{}```\n", once(&example(main, "expected.txt")))?;
    let change = TextDiff::from_lines(&bad, &good).unified_diff().context_radius(1).to_string();
    writeln!(page, "Good:\n\n```diff\n{change}```")
}

/// Describes custom rules, with an example and all fields.
fn custom_rules(page: &mut String) -> std::fmt::Result {
    page.push_str(CUSTOM_HEAD);
    examples(page, catalog::policy::RULE_VIOLATED.id, true)?;
    writeln!(page, "\n| `on` | looks at | sees |\n|---|---|---|")?;
    for (subject, about) in SUBJECTS {
        writeln!(page, "| `{}` | {about} | {} |", subject.as_str(), subject.scope().list_names())?;
    }
    for record in [&PERSON, &ASSIGNMENT, &OPERATION, &POOL, &PLAN] {
        let others = if record.is_open { "; all others are attributes, `null` where they are missing" } else { "" };
        writeln!(page, "\nFields of `{}`{others}:\n\n| field | holds | is |\n|---|---|---|", record.name)?;
        for field in record.fields {
            writeln!(page, "| `{}` | {} | {} |", field.name, field.describe_type(), field.description)?;
        }
    }
    Ok(())
}

#[test]
fn page_of_the_rules_is_fresh() {
    let mut page = POLICY_HEAD.to_owned();
    page.push_str("| rule | codes | default | checked |\n|---|---|---|---|\n");
    for rule in DESCRIPTORS {
        let RuleDescriptor { slug, codes, level, stage, .. } = rule;
        let codes: Vec<_> = codes.iter().map(|code| code.id).collect();
        let level = level.map_or(if rule.is_limit() { "holds" } else { "off" }, |level| level.as_str());
        let stage = stage.as_str();
        writeln!(page, "| [{slug}](#{slug}) | {} | {level} | {stage} |", codes.join(", "))
            .expect("a string can be written to");
    }
    for descriptor in DESCRIPTORS {
        rule(&mut page, descriptor).expect("a string can be written to");
    }
    custom_rules(&mut page).expect("a string can be written to");
    check("docs/policy-rules.md", &page);
}

#[test]
fn page_of_the_findings_is_fresh() {
    let mut page =
        "# Findings\n\nAll finding codes. A code never changes its meaning. `reseat explain CODE` prints the same \
                    text.\n\nThis page is generated: `RESEAT_UPDATE=1 cargo test --test docs reference`.\n"
            .to_owned();
    for (title, about, codes) in LETTERS {
        let letter = codes.first().map_or("", |code| &code.id[..1]);
        writeln!(page, "\n## {letter}: {title}\n\n{about}").expect("a string can be written to");
        for Code { id, summary, cause, remedy } in codes {
            let rule = RuleDescriptor::find_by_code(id)
                .map_or_else(String::new, |rule| format!("\n\nRule: [{0}](policy-rules.md#{0}).", rule.slug));
            writeln!(page, "\n### {id}\n\n**{summary}**\n\n{cause}\n\n{remedy}{rule}")
                .expect("a string can be written to");
        }
    }
    for code in catalog::all() {
        assert!(page.contains(&format!("### {}\n", code.id)), "{} is not on the page", code.id);
    }
    check("docs/findings.md", &page);
}

#[test]
fn repeated_descriptions_are_counted() {
    assert_eq!(once("a\n  b\na\n  b\nc\n"), "a (2 times)\n  b\nc\n");
}
