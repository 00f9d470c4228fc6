//! Shared domain types: desired state, observed state, plan and outcomes.
//!
//! They are plain data without input or output, and name no vendor. The planner and the adapters meet only here.

mod adapter_settings;
mod age;
mod audit;
mod budget;
mod change;
mod consent;
mod desired;
mod digest;
mod freeze;
mod left_out;
mod money;
mod name;
mod observation;
mod operation;
mod outcome;
mod people_set;
mod plan;
mod policy;
mod policy_test;
mod request_source;
mod run;
mod settings;
mod skip_reason;
mod usage_history;

pub use adapter_settings::{AdapterSettings, ApiSettings, ExecSettings, RunbookSettings, SecretRef, SecretUse};
pub use age::{Age, AgeLimits};
pub use audit::{AuditEvent, AuditOperation, AuditRecord, RecordedReply, RunState};
pub use budget::MonthlyBudget;
pub use change::{Change, ChangeEndpoints, ChangeId, Effect};
pub use consent::{ConsentKind, ConsentOrigin, ConsentRecord};
pub use desired::{Acknowledgement, Claim, Desired, DesiredEntry, Ensure, People, Person, PersonId, TenantDesired};
pub use digest::{Digest, DigestBuilder, canonical_json, canonical_value};
pub use freeze::{FreezeWindow, NamedTimeZone, Recurrence, end_of_freeze};
pub use left_out::{Blocked, Held, Waiting};
pub use money::{CostSummary, MonthlyAmount, PoolCost};
pub use name::{LicenseRef, NameError, PersonKey, validate_name};
pub use observation::{
    API_VERSION, Account, AccountOrigin, Holding, HoldingOrigin, HoldingState, Observation, Pool, PoolStatus,
};
pub use operation::{Expects, OnFailure, Operation, OperationId, OperationKind};
pub use outcome::{Outcome, OutcomeSummary};
pub use people_set::{PeopleSet, find_renamed};
pub use plan::{Inputs, ObservationInput, Plan, PlanPool, Summary};
pub use policy::{
    Approval, BUILT_IN_RULE_NAMES, ChangeLimit, CustomRule, ExpectedResult, ExpiryPolicy, LicenseExclusion,
    LicenseRequirement, LicenseRule, Policy, PolicyLayer, RequiredFields, RollingWindow, RuleCase, RuleTarget,
    TeamPolicy, Waiver, WaiverScope,
};
pub use policy_test::{CaseOutcome, PolicyTestReport, PolicyTestSummary, RuleOutcome};
pub use request_source::RequestSource;
pub use run::{OperationOutcome, Run};
pub use settings::{ChangeKind, Mode, PoolSettings, PricePeriod, RateLimit, SeatPrice, TenantSettings};
pub use skip_reason::{SkipReason, StrandedPerson};
pub use usage_history::{LimitUsage, UsageHistory};
