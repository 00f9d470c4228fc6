//! Plans that must not be applied.

use super::fixture::sealed;
use super::scenario::{InitialState, Scenario};
use crate::apply::preflight::{PreflightError, check, check_findings};
use crate::diagnostic::Finding;
use crate::diagnostic::catalog::apply;
use crate::model::{Digest, OperationId, OperationKind, Plan};

fn plan() -> Plan {
    let mut world = Scenario::new(&InitialState { accounts: &[("u-1", &["reader"])], ..InitialState::default() });
    world.plan_move("u-1", "reader", "editor", &[]);
    world.document()
}

fn verdict(plan: &Plan) -> Result<(), PreflightError> {
    check(plan, &Digest::of_bytes(b"manifest"), &Digest::of_bytes(b"policy"))
}

#[test]
fn unaltered_plan_passes() {
    assert_eq!(verdict(&plan()), Ok(()));
}

#[test]
fn altered_plan_is_refused() {
    let mut altered = plan();
    altered.operations[1].license = "owner".into();
    let refusal = verdict(&altered).unwrap_err();
    assert!(
        matches!(&refusal, PreflightError::Altered(finding) if finding.code == apply::PLAN_ALTERED.id),
        "{refusal:?}"
    );
}

#[test]
fn plan_is_stale_after_a_change_of_manifest_or_policy() {
    let (manifest, policy, other) =
        (Digest::of_bytes(b"manifest"), Digest::of_bytes(b"policy"), Digest::of_bytes(b"other"));
    for (manifest, policy, words) in [
        (&other, &policy, "the manifest changed since the plan"),
        (&manifest, &other, "the policy changed since the plan"),
        (&other, &other, "the manifest and the policy changed since the plan"),
    ] {
        let Err(PreflightError::Stale(finding)) = check(&plan(), manifest, policy) else { panic!("{words}") };
        assert_eq!(finding.message, words);
    }
}

#[test]
fn plan_with_errors_is_denied() {
    let mut denied = plan();
    denied.findings.push(Finding::error(&apply::INVALID_STORE_URL, "no"));
    assert!(matches!(check_findings(&sealed(denied), |_| false), Err(PreflightError::Denied(_))));
}

#[test]
fn plan_without_an_executable_order_is_refused() {
    let faults: [fn(&mut Plan); 4] = [
        |plan| plan.operations.swap(0, 1),
        |plan| plan.operations[1].id = OperationId("op-1".into()),
        |plan| plan.operations[1].after = vec![OperationId("op-9".into())],
        |plan| plan.operations[0].kind = OperationKind::Change,
    ];
    for (index, fault) in faults.into_iter().enumerate() {
        let mut faulty = plan();
        fault(&mut faulty);
        let refusal = verdict(&sealed(faulty)).unwrap_err();
        assert!(
            matches!(&refusal, PreflightError::Altered(finding) if finding.code == apply::PLAN_MALFORMED.id),
            "{index}"
        );
    }
}
