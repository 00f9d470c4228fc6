//! Consistency of a plan document: its changes and operations agree, and its operations are in an executable order.
//!
//! A plan file is untrusted input. Readers rely on these checks instead of repeating them.

use foldhash::fast::RandomState;
use indexmap::{IndexMap, IndexSet};

use crate::model::{Change, ChangeEndpoints, ChangeId, Operation, OperationKind, Plan};

/// Checks that every operation belongs to a change of the same person, that every change is what its operations do, and
/// that no operation waits for a later one.
///
/// # Errors
/// The first contradiction.
pub(super) fn check(plan: &Plan) -> Result<(), String> {
    let mut changes: IndexMap<&ChangeId, (&Change, ChangeEndpoints<'_>), RandomState> = IndexMap::default();
    for change in &plan.changes {
        if changes.insert(&change.id, (change, ChangeEndpoints::default())).is_some() {
            return Err(format!("the change `{}` occurs twice", change.id));
        }
    }
    let mut seen = IndexSet::with_hasher(RandomState::default());
    for operation in &plan.operations {
        let id = &operation.id;
        if let Some(missing) = operation.after.iter().find(|id| !seen.contains(id)) {
            return Err(format!("`{id}` waits for `{missing}`, which does not precede it"));
        }
        if !seen.insert(id) {
            return Err(format!("the operation `{id}` occurs twice"));
        }
        if (operation.kind == OperationKind::Change) != operation.to.is_some() {
            return Err(format!("`{id}` is a `{}`, which contradicts its `to`", operation.kind.as_str()));
        }
        let Some((change, endpoints)) = changes.get_mut(&operation.change) else {
            return Err(format!("`{id}` belongs to `{}`, which is not in the plan", operation.change));
        };
        if let Some(field) = differing_field(operation, change) {
            return Err(format!("`{id}` and its change `{}` differ in `{field}`", change.id));
        }
        endpoints.add(operation);
    }
    for change in &plan.changes {
        let Some((_, endpoints)) = changes.get(&change.id) else { continue };
        let id = &change.id;
        if !endpoints.allows(change.effect) {
            return Err(format!("the operations of `{id}` cannot have the effect `{}`", change.effect.as_str()));
        }
        if (endpoints.from(), endpoints.to()) != (change.from.as_ref(), change.to.as_ref()) {
            return Err(format!("the operations of `{id}` contradict its `from` and `to`"));
        }
    }
    Ok(())
}

/// Returns the first field in which an operation contradicts its change.
fn differing_field(operation: &Operation, change: &Change) -> Option<&'static str> {
    let fields = [
        ("tenant", operation.tenant == change.tenant),
        ("person", operation.person == change.person),
        ("account", operation.account == change.account),
        ("effect", operation.effect == change.effect),
        ("source", operation.source == change.source),
    ];
    fields.into_iter().find(|(_, is_equal)| !is_equal).map(|(field, _)| field)
}

#[cfg(test)]
pub(crate) mod tests;
