//! The vocabulary that every other part shares: what is wished, what is there, what is planned, what came of it.
//!
//! It stands at the bottom so that parts which must not know each other (the planner and the adapters) can meet here.
//! What must hold: plain data, no input or output, no vendor's name, one word a concept.

mod adapter_settings;
mod age;
mod asked;
mod audit;
mod budget;
mod consent;
mod desired;
mod digest;
mod freeze;
mod money;
mod name;
mod observation;
mod outcome;
mod past;
mod people_set;
mod plan;
mod policy_test;
mod run;
mod setback;
mod settings;

pub use adapter_settings::{AdapterSettings, ApiSettings, ExecSettings, RunbookSettings, SecretRef, SecretUse};
pub use age::{Age, AgeLimits};
pub use asked::Asked;
pub use audit::{AuditEvent, AuditOperation, AuditRecord, Reply, RunState};
pub use budget::Budget;
pub use consent::{ConsentKind, ConsentOrigin, Consented};
pub use desired::{Acknowledgement, Claim, Desired, Ensure, Entry, People, Person, PersonId, TenantDesired};
pub use digest::{Digest, Hashing, canonical_json, canonical_value};
pub use freeze::{Freeze, Recurrence, Zone, thaw};
pub use money::{CostSummary, Monthly, PoolCost};
pub use name::{LicenseRef, NameError, PersonKey, check_name};
pub use observation::{
    API_VERSION, Account, AccountOrigin, Holding, HoldingOrigin, HoldingState, Observation, Pool, PoolStatus,
};
pub use outcome::{Outcome, OutcomeSummary};
pub use past::{Past, Touched};
pub use people_set::{PeopleSet, known_otherwise};
pub use plan::{
    Blocked, Effect, Expects, Held, Inputs, ObservationInput, OnFailure, Operation, OperationId, OperationKind, Plan,
    PlanPool, Summary, Waiting,
};
pub use policy_test::{CaseOutcome, PolicyTest, PolicyTestSummary, RuleOutcome};
pub use run::{OperationOutcome, Run};
pub use setback::{SkipReason, Stranded};
pub use settings::{ChangeKind, Cost, CostPeriod, Mode, PoolSettings, Rate, TenantSettings};
