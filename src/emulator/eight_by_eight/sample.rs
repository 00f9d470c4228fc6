//! A small fictional tenant.

use crate::emulator::fixtures::{account, derived, observation, pool};
use crate::model::{Holding, Observation};

/// Returns five users, three licenses, a number that follows its owner, and one pool without a free seat.
pub(super) fn sample_tenant() -> Observation {
    let mut ana =
        account("u-1", "ana@acme.example", vec![Holding::active("X2-SYNTHETIC-US"), derived("DID-SYNTHETIC-US")]);
    ana.memberships = vec!["call-queue/synthetic-sales/PRIMARY".into(), "ring-group/synthetic-reception".into()];
    let mut bo = account("u-2", "bo@acme.example", vec![Holding::active("X4-SYNTHETIC-US")]);
    bo.memberships = vec!["ring-group/synthetic-reception".into()];
    let accounts = vec![
        ana,
        bo,
        account("u-3", "cy@acme.example", vec![Holding::active("X2-SYNTHETIC-US")]),
        account("u-4", "di@acme.example", vec![Holding::active("X8-SYNTHETIC-US")]),
        account("u-5", "ed@acme.example", Vec::new()),
    ];
    let pools = vec![pool("X2-SYNTHETIC-US", 5), pool("X4-SYNTHETIC-US", 3), pool("X8-SYNTHETIC-US", 1)];
    observation("phones", "8x8", pools, accounts)
}
