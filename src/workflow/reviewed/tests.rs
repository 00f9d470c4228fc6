//! Whether a fresh plan was reviewed: what goes on, what is done already, and what stops it.

use super::*;
use crate::model::{Account, AccountOrigin, ChangeId, Expects, HoldingOrigin, Observation, OperationId};

/// Returns the operation `kind license [to]` of a person in the tenant `wiki`.
fn operation(person: &str, step: &str, effect: Effect) -> Operation {
    let words: Vec<_> = step.split(' ').collect();
    let kind = match words[0] {
        "cancel" => OperationKind::Cancel,
        "remove" => OperationKind::Remove,
        "change" => OperationKind::Change,
        "assign" => OperationKind::Assign,
        "restore" => OperationKind::Restore,
        "release" => OperationKind::Release,
        other => panic!("{other}"),
    };
    Operation {
        id: OperationId(format!("{person} {step}").into()),
        change: ChangeId(person.into()),
        kind,
        effect,
        tenant: "wiki".into(),
        person: person.into(),
        account: person.into(),
        license: words[1].into(),
        to: words.get(2).map(|to| (*to).into()),
        after: Vec::new(),
        parked: false,
        loses: Vec::new(),
        keeps: Vec::new(),
        follow_ups: Vec::new(),
        memberships: Vec::new(),
        expects: Expects { holdings: Digest::of_bytes(b"") },
        on_failure: None,
        why: String::new(),
        source: None,
    }
}

fn plan(operations: Vec<Operation>) -> Plan {
    let content = Digest::of_json(&operations).unwrap();
    let text = format!(
        r#"{{ "format": "reseat-plan/1", "digest": "{content}", "content": "{content}", "created_at": "2026-11-21T12:00:00Z",
        "tool": "reseat", "at": "2026-11-21", "inputs": {{ "manifest": "{content}", "policy": "{content}", "observations": {{}} }},
        "summary": {{ "cancel": 0, "remove": 0, "change": 0, "assign": 0, "release": 0, "restore": 0, "gains": 0, "moves": 0,
        "losses": 0, "blocked": 0, "waiting": 0, "held": 0, "parked": 0, "unmanaged": 0 }}, "changes": [], "operations": [], "blocked": [],
        "waiting": [], "held": [], "pools": [], "findings": [] }}"#
    );
    Plan { operations, ..serde_json::from_str(&text).unwrap() }
}

/// What people hold: `ana: X2 X4`.
fn observed(complete: bool, people: &[(&str, &str)]) -> Observations {
    let mut observation = Observation::empty("wiki", "generic", "2026-11-21T10:00:00Z".parse().unwrap());
    observation.complete = complete;
    for (person, licenses) in people {
        let holding = |license: &str| Holding {
            license: license.trim_end_matches('?').into(),
            state: if license.ends_with('?') { HoldingState::Pending } else { HoldingState::Active },
            origin: HoldingOrigin::default(),
            trial: false,
            expires: None,
            due: None,
        };
        observation.accounts.push(Account {
            id: (*person).into(),
            email: (*person).into(),
            login: None,
            origin: AccountOrigin::default(),
            memberships: Vec::new(),
            holdings: licenses.split_whitespace().map(holding).collect(),
        });
    }
    [("wiki".into(), observation)].into_iter().collect()
}

fn reviewed_plan(operations: Vec<Operation>) -> ReviewedPlan {
    ReviewedPlan::Plan(Box::new(plan(operations)))
}

/// `Ok` with how much is done, or who differs and how.
fn compare(fresh: Vec<Operation>, seen: &Observations, reviewed: &[ReviewedPlan]) -> Result<usize, Vec<String>> {
    match compare_with_reviewed(&plan(fresh), seen, reviewed) {
        ReviewMatch::Identical | ReviewMatch::Empty => Ok(0),
        ReviewMatch::Remainder { done } => Ok(done),
        ReviewMatch::Differs(drift) => {
            Err(drift.people.iter().map(|one| format!("{:?} {}", one.kind, one.person)).collect())
        }
    }
}

/// A move at a vendor that removes first, which destroys something.
fn move_operations(person: &str) -> Vec<Operation> {
    let mut remove = operation(person, "remove X2", Effect::Move);
    remove.loses = vec!["voicemail".to_owned()];
    vec![remove, operation(person, "assign X4", Effect::Move)]
}

#[test]
fn equal_content_is_identical() {
    let reviewed = [ReviewedPlan::Content(Digest::of_bytes(b"x")), reviewed_plan(move_operations("ana"))];
    assert!(matches!(
        compare_with_reviewed(&plan(move_operations("ana")), &Observations::new(), &reviewed),
        ReviewMatch::Identical
    ));
    let content = [ReviewedPlan::Content(plan(move_operations("ana")).content)];
    assert!(matches!(
        compare_with_reviewed(&plan(move_operations("ana")), &Observations::new(), &content),
        ReviewMatch::Identical
    ));
}

#[test]
fn digest_alone_allows_only_equal_content() {
    let content = [ReviewedPlan::Content(plan(move_operations("ana")).content)];
    assert!(matches!(compare_with_reviewed(&plan(vec![]), &Observations::new(), &content), ReviewMatch::Empty));
    let ReviewMatch::Differs(drift) =
        compare_with_reviewed(&plan(move_operations("bo")), &Observations::new(), &content)
    else {
        panic!()
    };
    assert_eq!(drift.people, []);
    assert_eq!(drift.findings[0].code, codes::PLAN_DIFFERS_FROM_REVIEW.id);
}

#[test]
fn unreviewed_person_differs() {
    let seen = observed(true, &[("ana", "X2"), ("bo", "X2")]);
    let fresh = [move_operations("ana"), move_operations("bo")].concat();
    assert_eq!(compare(fresh, &seen, &[reviewed_plan(move_operations("ana"))]), Err(vec!["Added bo".to_owned()]));
}

#[test]
fn operation_already_in_effect_does_not_differ() {
    let reviewed = [reviewed_plan([move_operations("ana"), move_operations("bo")].concat())];
    let all = observed(true, &[("ana", "X4"), ("bo", "X4")]);
    assert_eq!(compare(vec![], &all, &reviewed), Ok(4));
    let one = observed(true, &[("ana", "X4"), ("bo", "X2")]);
    assert_eq!(compare(move_operations("bo"), &one, &reviewed), Ok(2));
    let accepted = observed(true, &[("ana", "X4?"), ("bo", "X2")]);
    assert_eq!(
        compare(move_operations("bo"), &accepted, &reviewed),
        Ok(2),
        "a request that was accepted holds its seat"
    );
}

#[test]
fn interrupted_move_continues_as_its_remaining_gain() {
    let seen = observed(true, &[("ana", "")]);
    let rest = vec![operation("ana", "assign X4", Effect::Gain)];
    assert_eq!(compare(rest, &seen, &[reviewed_plan(move_operations("ana"))]), Ok(1));
}

#[test]
fn operation_neither_planned_nor_in_effect_is_gone() {
    let reviewed =
        [reviewed_plan([vec![operation("ana", "remove fax", Effect::Loss)], move_operations("bo")].concat())];
    // The review accepted ana's loss beside bo's move, which cannot happen any more.
    let seen = observed(true, &[("ana", "fax"), ("bo", "X2")]);
    let fresh = vec![operation("ana", "remove fax", Effect::Loss)];
    assert_eq!(compare(fresh, &seen, &reviewed), Err(vec!["Gone bo".to_owned()]));
    assert_eq!(compare(vec![], &seen, &reviewed), Err(vec!["Gone ana".to_owned(), "Gone bo".to_owned()]));
}

#[test]
fn half_a_move_differs() {
    // The assignment of X4 is gone: the remainder would be a loss.
    let seen = observed(true, &[("ana", "X2")]);
    let mut loss = operation("ana", "remove X2", Effect::Loss);
    loss.loses = vec!["voicemail".to_owned()];
    assert_eq!(
        compare(vec![loss], &seen, &[reviewed_plan(move_operations("ana"))]),
        Err(vec!["Different ana".to_owned()])
    );
    // So would the same removal without its second half, whatever the plan calls it.
    let half = move_operations("ana").into_iter().take(1).collect();
    assert_eq!(compare(half, &seen, &[reviewed_plan(move_operations("ana"))]), Err(vec!["Different ana".to_owned()]));
}

#[test]
fn worse_effect_differs() {
    let seen = observed(true, &[("ana", "X2")]);
    let different = Err(vec!["Different ana".to_owned()]);
    let reviewed = [reviewed_plan(move_operations("ana"))];
    let with = |change: fn(&mut Operation)| {
        let mut fresh = move_operations("ana");
        change(&mut fresh[0]);
        compare(fresh, &seen, &reviewed)
    };
    assert_eq!(with(|first| first.loses.push("greetings".to_owned())), different);
    assert_eq!(with(|first| first.parked = true), different);
    assert_eq!(with(|first| first.account = "somebody-else".into()), different);
    assert_eq!(with(|first| first.license = "X8".into()), different);
    assert_eq!(with(|first| first.loses.clear()), Ok(0), "less is destroyed than was reviewed");
}

#[test]
fn unread_part_proves_nothing() {
    let reviewed = [reviewed_plan(vec![operation("ana", "remove X2", Effect::Loss)])];
    assert_eq!(compare(vec![], &observed(true, &[]), &reviewed), Ok(1), "a missing account holds nothing");
    assert_eq!(compare(vec![], &observed(false, &[]), &reviewed), Err(vec!["Gone ana".to_owned()]));
}

#[test]
fn parked_person_is_matched_in_both_steps() {
    let mut first = operation("ana", "change power floor", Effect::Move);
    first.parked = true;
    let both = vec![first.clone(), operation("ana", "change floor business", Effect::Move)];
    let reviewed = [reviewed_plan(both)];
    let rest = vec![operation("ana", "change floor business", Effect::Gain)];
    assert_eq!(compare(rest, &observed(true, &[("ana", "floor")]), &reviewed), Ok(1));
    assert_eq!(compare(vec![], &observed(true, &[("ana", "business")]), &reviewed), Ok(2));
    assert_eq!(compare(vec![], &observed(true, &[("ana", "floor")]), &reviewed), Err(vec!["Gone ana".to_owned()]));
}

#[test]
fn skipped_runs_are_combined() {
    let seen = observed(true, &[("ana", "X2"), ("bo", "X2")]);
    let reviewed = [reviewed_plan(move_operations("ana")), reviewed_plan(move_operations("bo"))];
    let fresh = [move_operations("ana"), move_operations("bo")].concat();
    assert_eq!(compare(fresh.clone(), &seen, &reviewed), Ok(0));
    assert_eq!(compare(fresh, &seen, &reviewed[..1]), Err(vec!["Added bo".to_owned()]));
    // The later request takes back what the earlier one did.
    let given = reviewed_plan(vec![operation("ana", "assign fax", Effect::Gain)]);
    let taken = reviewed_plan(vec![operation("ana", "remove fax", Effect::Loss)]);
    assert_eq!(compare(vec![], &observed(true, &[("ana", "X2")]), &[given, taken]), Ok(1));
}

#[test]
fn difference_in_left_out_changes_only_is_accepted() {
    let seen = observed(true, &[("ana", "X2")]);
    let mut fresh = plan(move_operations("ana"));
    fresh.content = Digest::of_bytes(b"one person waits");
    assert!(matches!(
        compare_with_reviewed(&fresh, &seen, &[reviewed_plan(move_operations("ana"))]),
        ReviewMatch::Remainder { done: 0 }
    ));
}

#[test]
fn read_accepts_folders_files_and_digests() {
    let folder = tempfile::tempdir().unwrap();
    let text = |path: &Path| vec![path.to_str().unwrap().to_owned()];
    let empty = read(&text(folder.path())).unwrap_err();
    assert_eq!(empty.into_findings()[0].code, codes::PLAN_UNREADABLE.id);
    fs::write(folder.path().join("a.json"), "{}").unwrap();
    assert!(read(&text(folder.path())).is_err(), "an invalid plan file is an error");
    let digest = Digest::of_bytes(b"x");
    assert!(
        matches!(&read(&[digest.to_string()]).unwrap()[..], [ReviewedPlan::Content(content)] if *content == digest)
    );
    assert!(read(&[digest.as_str()[..70].to_owned()]).is_err(), "a truncated digest is invalid");
}
