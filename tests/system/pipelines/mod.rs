//! The pipeline of `examples/pipelines/shell`, from a fork's pull request to a converged tenant, with its own scripts, a
//! real Git remote and an emulated vendor; and attacks from a fork.

mod attacks;
mod company;
mod forge;

use company::Company;

#[test]
fn change_of_a_fork_is_applied_as_reviewed() {
    let Some(company) = Company::new() else { return };
    let head = company.request("x2.yaml", "      - cy@acme.example");
    let planned = company.plan(&head);
    assert_eq!(planned.status, 0, "{}", planned.render());
    assert!(planned.stdout.contains("cy@acme.example"), "{}", planned.render());
    for page in ["plan.md", "plan.html"] {
        assert!(company.sandbox().read(&format!("handed/{page}")).contains("cy@acme.example"), "{page}");
    }
    let forge = forge::Forge::start();
    let commented = company.comment(&head, &forge.url());
    assert_eq!(commented.status, 0, "{}", commented.render());
    assert_eq!(forge.comments().len(), 1, "{:?}", forge.comments());
    company.merge(&head);
    let applied = company.apply("");
    assert_eq!(applied.status, 0, "{}", applied.render());
    assert!(applied.stderr.contains("identical to the reviewed plan"), "{}", applied.render());
    company.assert_converged();
    let again = company.apply("");
    assert_eq!(again.status, 0, "the same job, run again: {}", again.render());
}

#[test]
fn lost_run_is_caught_up_by_the_next_one() {
    let Some(company) = Company::new() else { return };
    let first = company.request("x2.yaml", "      - cy@acme.example");
    assert_eq!(company.plan(&first).status, 0);
    // The second one was planned before the first one was merged, and the run of the first was lost.
    let second = company.request("x4.yaml", "      - flo@acme.example");
    assert_eq!(company.plan(&second).status, 0);
    company.merge(&first);
    company.merge(&second);
    let applied = company.apply("");
    assert_eq!(applied.status, 0, "{}", applied.render());
    company.assert_converged();
}

#[test]
fn unreviewed_change_is_not_applied() {
    let Some(company) = Company::new() else { return };
    let head = company.request("x2.yaml", "      - cy@acme.example");
    assert_eq!(company.plan(&head).status, 0);
    company.merge(&head);
    // Someone pushed to the base branch without a pull request.
    company.push("x4.yaml", "      - flo@acme.example");
    let refused = company.apply("");
    assert_eq!(refused.status, 5, "{}", refused.render());
    assert!(refused.stdout.contains("added") && refused.stdout.contains("flo@acme.example"), "{}", refused.render());
    // Without any reviewed plan, nothing is applied either.
    let without = company.apply("rm plans/*; ");
    assert_eq!(without.status, 5, "{}", without.render());
}

#[test]
fn plan_of_an_unmerged_request_does_not_count() {
    let Some(company) = Company::new() else { return };
    let head = company.request("x2.yaml", "      - cy@acme.example");
    assert_eq!(company.plan(&head).status, 0);
    company.push("x2.yaml", "      - cy@acme.example");
    let refused = company.apply("");
    assert_eq!(refused.status, 5, "the same change, which nobody merged: {}", refused.render());
    let squashed = company.apply(&format!("export RESEAT_MERGED={head}; "));
    assert_eq!(squashed.status, 0, "the forge says that it was merged as another commit: {}", squashed.render());
    company.assert_converged();
}

#[test]
fn comment_is_created_once_and_updated() {
    let Some(company) = Company::new() else { return };
    let head = company.request("x2.yaml", "      - cy@acme.example");
    assert_eq!(company.plan(&head).status, 0);
    let forge = forge::Forge::start();
    for _ in 0..2 {
        let said = company.comment(&head, &forge.url());
        assert_eq!(said.status, 0, "{}", said.render());
    }
    let comments = forge.comments();
    assert_eq!(comments.len(), 1, "one comment, made once: {comments:?}");
    assert_eq!(forge.writes(), 1, "an unchanged comment is not sent again");
    assert!(comments[0].contains("cy@acme.example") && comments[0].contains(&head[..7]), "{comments:?}");
    assert!(comments[0].contains("<https://ci.example/report>"), "{comments:?}");
    let next = company.request("x4.yaml", "      - flo@acme.example");
    assert_eq!(company.plan(&next).status, 0);
    assert_eq!(company.comment(&next, &forge.url()).status, 0);
    let comments = forge.comments();
    assert_eq!((comments.len(), forge.writes()), (1, 2), "{comments:?}");
    assert!(comments[0].contains("flo@acme.example") && comments[0].contains(&next[..7]), "{comments:?}");
    assert!(!comments[0].contains("cy@acme.example"), "{comments:?}");
    assert_eq!(forge.tokens(), ["Bearer canary-forge"], "the forge's token and nothing else");
}

#[test]
fn hook_validates_staged_files_only() {
    let Some(company) = Company::new() else { return };
    let hook = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/pipelines/pre-commit/pre-commit");
    let committed = |line: &str| company.run(&format!("cd admin; cp {hook} .git/hooks/; {line}; git commit -qm more"));
    let broken = committed("echo 'no: section' >> licenses/fax.yaml; git add -A");
    assert_ne!(broken.status, 0, "{}", broken.render());
    assert!(broken.stderr.contains("unknown key") || broken.stdout.contains("unknown key"), "{}", broken.render());
    let staged =
        committed("git reset -q; printf '      - cy@acme.example\\n' >> licenses/x2.yaml; git add licenses/x2.yaml");
    assert_eq!(staged.status, 0, "{}", staged.render());
}
