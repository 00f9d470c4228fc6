//! Whether a fresh plan was reviewed: what goes on, what is done already, and what stops it.

use super::*;
use crate::model::{Account, AccountOrigin, Expects, HoldingOrigin, Observation, OperationId};

/// `kind license [to]` of somebody at the tenant `wiki`, with that effect.
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
        "losses": 0, "blocked": 0, "waiting": 0, "held": 0, "parked": 0, "unmanaged": 0 }}, "operations": [], "blocked": [],
        "waiting": [], "held": [], "pools": [], "findings": [] }}"#
    );
    Plan { operations, ..serde_json::from_str(&text).unwrap() }
}

/// What people hold: `ana: X2 X4`.
fn observed(complete: bool, people: &[(&str, &str)]) -> Observations {
    let mut observation = Observation::blank("wiki", "generic", "2026-11-21T10:00:00Z".parse().unwrap());
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

fn whole(operations: Vec<Operation>) -> Reviewed {
    Reviewed::Plan(Box::new(plan(operations)))
}

/// `Ok` with how much is done, or who differs and how.
fn judged(fresh: Vec<Operation>, seen: &Observations, reviewed: &[Reviewed]) -> Result<usize, Vec<String>> {
    match judge(&plan(fresh), seen, reviewed) {
        Verdict::Same | Verdict::Nothing => Ok(0),
        Verdict::Rest { done } => Ok(done),
        Verdict::Differs(drift) => {
            Err(drift.people.iter().map(|one| format!("{:?} {}", one.kind, one.person)).collect())
        }
    }
}

/// A move at a vendor that removes first, which destroys something.
fn moved(person: &str) -> Vec<Operation> {
    let mut remove = operation(person, "remove X2", Effect::Move);
    remove.loses = vec!["voicemail".to_owned()];
    vec![remove, operation(person, "assign X4", Effect::Move)]
}

#[test]
fn same_content_is_the_same_whatever_is_around_it() {
    let reviewed = [Reviewed::Content(Digest::of_bytes(b"x")), whole(moved("ana"))];
    assert!(matches!(judge(&plan(moved("ana")), &Observations::new(), &reviewed), Verdict::Same));
    let content = [Reviewed::Content(plan(moved("ana")).content)];
    assert!(matches!(judge(&plan(moved("ana")), &Observations::new(), &content), Verdict::Same));
}

#[test]
fn digest_alone_allows_that_very_content_and_nothing() {
    let content = [Reviewed::Content(plan(moved("ana")).content)];
    assert!(matches!(judge(&plan(vec![]), &Observations::new(), &content), Verdict::Nothing));
    let Verdict::Differs(drift) = judge(&plan(moved("bo")), &Observations::new(), &content) else { panic!() };
    assert_eq!(drift.people, []);
    assert_eq!(drift.findings[0].code, codes::NOT_REVIEWED.id);
}

#[test]
fn somebody_whom_nobody_reviewed_differs() {
    let seen = observed(true, &[("ana", "X2"), ("bo", "X2")]);
    let fresh = [moved("ana"), moved("bo")].concat();
    assert_eq!(judged(fresh, &seen, &[whole(moved("ana"))]), Err(vec!["Added bo".to_owned()]));
}

#[test]
fn what_is_in_effect_already_does_not_differ() {
    let reviewed = [whole([moved("ana"), moved("bo")].concat())];
    let all = observed(true, &[("ana", "X4"), ("bo", "X4")]);
    assert_eq!(judged(vec![], &all, &reviewed), Ok(4));
    let one = observed(true, &[("ana", "X4"), ("bo", "X2")]);
    assert_eq!(judged(moved("bo"), &one, &reviewed), Ok(2));
    let accepted = observed(true, &[("ana", "X4?"), ("bo", "X2")]);
    assert_eq!(judged(moved("bo"), &accepted, &reviewed), Ok(2), "a request that was accepted holds its seat");
}

#[test]
fn broken_off_move_goes_on_as_the_gain_that_is_left() {
    let seen = observed(true, &[("ana", "")]);
    let rest = vec![operation("ana", "assign X4", Effect::Gain)];
    assert_eq!(judged(rest, &seen, &[whole(moved("ana"))]), Ok(1));
}

#[test]
fn what_is_neither_planned_nor_in_effect_is_gone() {
    let reviewed = [whole([vec![operation("ana", "remove fax", Effect::Loss)], moved("bo")].concat())];
    // Somebody said yes to ana's loss beside bo's move, which is not possible any more.
    let seen = observed(true, &[("ana", "fax"), ("bo", "X2")]);
    let fresh = vec![operation("ana", "remove fax", Effect::Loss)];
    assert_eq!(judged(fresh, &seen, &reviewed), Err(vec!["Gone bo".to_owned()]));
    assert_eq!(judged(vec![], &seen, &reviewed), Err(vec!["Gone ana".to_owned(), "Gone bo".to_owned()]));
}

#[test]
fn half_a_move_is_not_what_was_reviewed() {
    // The wish for X4 went away: what is left would take the seat for nothing.
    let seen = observed(true, &[("ana", "X2")]);
    let mut loss = operation("ana", "remove X2", Effect::Loss);
    loss.loses = vec!["voicemail".to_owned()];
    assert_eq!(judged(vec![loss], &seen, &[whole(moved("ana"))]), Err(vec!["Different ana".to_owned()]));
    // So would the same removal without its second half, whatever the plan calls it.
    let half = moved("ana").into_iter().take(1).collect();
    assert_eq!(judged(half, &seen, &[whole(moved("ana"))]), Err(vec!["Different ana".to_owned()]));
}

#[test]
fn worse_for_the_person_is_different() {
    let seen = observed(true, &[("ana", "X2")]);
    let different = Err(vec!["Different ana".to_owned()]);
    let reviewed = [whole(moved("ana"))];
    let with = |change: fn(&mut Operation)| {
        let mut fresh = moved("ana");
        change(&mut fresh[0]);
        judged(fresh, &seen, &reviewed)
    };
    assert_eq!(with(|first| first.loses.push("greetings".to_owned())), different);
    assert_eq!(with(|first| first.parked = true), different);
    assert_eq!(with(|first| first.account = "somebody-else".into()), different);
    assert_eq!(with(|first| first.license = "X8".into()), different);
    assert_eq!(with(|first| first.loses.clear()), Ok(0), "less is destroyed than was reviewed");
}

#[test]
fn part_that_could_not_be_read_proves_nothing() {
    let reviewed = [whole(vec![operation("ana", "remove X2", Effect::Loss)])];
    assert_eq!(judged(vec![], &observed(true, &[]), &reviewed), Ok(1), "whoever has no account holds nothing");
    assert_eq!(judged(vec![], &observed(false, &[]), &reviewed), Err(vec!["Gone ana".to_owned()]));
}

#[test]
fn parked_person_is_followed_through_both_steps() {
    let mut first = operation("ana", "change power floor", Effect::Move);
    first.parked = true;
    let both = vec![first.clone(), operation("ana", "change floor business", Effect::Move)];
    let reviewed = [whole(both)];
    let rest = vec![operation("ana", "change floor business", Effect::Gain)];
    assert_eq!(judged(rest, &observed(true, &[("ana", "floor")]), &reviewed), Ok(1));
    assert_eq!(judged(vec![], &observed(true, &[("ana", "business")]), &reviewed), Ok(2));
    assert_eq!(judged(vec![], &observed(true, &[("ana", "floor")]), &reviewed), Err(vec!["Gone ana".to_owned()]));
}

#[test]
fn runs_that_were_skipped_are_caught_up_together() {
    let seen = observed(true, &[("ana", "X2"), ("bo", "X2")]);
    let reviewed = [whole(moved("ana")), whole(moved("bo"))];
    let fresh = [moved("ana"), moved("bo")].concat();
    assert_eq!(judged(fresh.clone(), &seen, &reviewed), Ok(0));
    assert_eq!(judged(fresh, &seen, &reviewed[..1]), Err(vec!["Added bo".to_owned()]));
    // The later request takes back what the earlier one did.
    let given = whole(vec![operation("ana", "assign fax", Effect::Gain)]);
    let taken = whole(vec![operation("ana", "remove fax", Effect::Loss)]);
    assert_eq!(judged(vec![], &observed(true, &[("ana", "X2")]), &[given, taken]), Ok(1));
}

#[test]
fn only_what_is_left_out_differs() {
    let seen = observed(true, &[("ana", "X2")]);
    let mut fresh = plan(moved("ana"));
    fresh.content = Digest::of_bytes(b"somebody waits");
    assert!(matches!(judge(&fresh, &seen, &[whole(moved("ana"))]), Verdict::Rest { done: 0 }));
}

#[test]
fn folders_files_and_digests_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let text = |path: &Path| vec![path.to_str().unwrap().to_owned()];
    let empty = read(&text(folder.path())).unwrap_err();
    assert_eq!(empty.findings[0].code, codes::PLAN_UNREADABLE.id);
    fs::write(folder.path().join("a.json"), "{}").unwrap();
    assert!(read(&text(folder.path())).is_err(), "what is no plan is told and not passed over");
    let digest = Digest::of_bytes(b"x");
    assert!(matches!(&read(&[digest.to_string()]).unwrap()[..], [Reviewed::Content(content)] if *content == digest));
    assert!(read(&[digest.as_str()[..70].to_owned()]).is_err(), "a digest that was cut is no digest");
}
