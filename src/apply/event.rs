//! Progress events of a run.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Serialize, Serializer};
use smol_str::SmolStr;

use crate::model::{OperationId, Outcome, OutcomeSummary, StrandedPerson};

/// A progress event of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    /// Recovery of an interrupted run begins: its unanswered operations are read back.
    #[serde(rename = "settling")]
    Recovering {
        /// The interrupted run.
        #[serde(rename = "settles")]
        run: SmolStr,
        /// The number of unanswered operations.
        operations: usize,
    },
    /// An unanswered operation of an interrupted run was read back.
    #[serde(rename = "settled")]
    Recovered {
        /// The interrupted run.
        #[serde(rename = "settles")]
        run: SmolStr,
        /// The operation in that run's plan.
        operation: OperationId,
        /// The person.
        person: SmolStr,
        /// Its outcome.
        outcome: Outcome,
        /// Why.
        message: Option<String>,
    },
    /// The run started.
    Started {
        /// The run.
        #[serde(skip)]
        run: SmolStr,
        /// The number of operations in the plan.
        operations: usize,
    },
    /// An operation is about to be sent.
    Sent {
        /// The operation.
        operation: OperationId,
    },
    /// The open steps of a tenant were handed over to people.
    HandedOver {
        /// The tenant.
        tenant: SmolStr,
        /// The number of operations.
        operations: usize,
        /// The document that lists them; null if a person was asked.
        document: Option<String>,
    },
    /// An operation was sent, and its effect is awaited.
    Waiting {
        /// The operation.
        operation: OperationId,
    },
    /// A tenant is busy; the run waits.
    Busy {
        /// The tenant.
        tenant: SmolStr,
        /// The vendor's reason.
        reason: String,
    },
    /// A tenant that was busy accepts changes again.
    #[serde(rename = "free")]
    Available {
        /// The tenant.
        tenant: SmolStr,
    },
    /// A tenant throttles requests; nothing is sent to it for a while.
    Throttled {
        /// The tenant.
        tenant: SmolStr,
        /// How long nothing is sent.
        #[serde(rename = "pause_seconds", serialize_with = "serialize_seconds")]
        #[schemars(with = "f64")]
        pause: Duration,
        /// How many operations may be in flight afterwards.
        in_flight: u32,
    },
    /// An operation had no effect, and is retried.
    Retry {
        /// The operation.
        operation: OperationId,
        /// The number of the next attempt, from 2.
        attempt: u32,
        /// The maximum number of attempts.
        of: u32,
        /// The pause before the attempt.
        #[serde(rename = "pause_seconds", serialize_with = "serialize_seconds")]
        #[schemars(with = "f64")]
        pause: Duration,
        /// The vendor's answer.
        reason: String,
    },
    /// A tenant keeps failing; some or all of its operations are held back.
    BreakerOpened {
        /// The tenant.
        tenant: SmolStr,
        /// Whether only removals are held back.
        removals_only: bool,
        /// The number of consecutive failures.
        failures: u32,
        /// The pause before the next probe.
        #[serde(rename = "pause_seconds", serialize_with = "serialize_seconds")]
        #[schemars(with = "f64")]
        pause: Duration,
        /// The vendor's last answer.
        reason: String,
    },
    /// A tenant that kept failing works again.
    BreakerClosed {
        /// The tenant.
        tenant: SmolStr,
    },
    /// A pool has fewer free seats than the plan expected.
    PoolShort {
        /// The tenant.
        tenant: SmolStr,
        /// The pool's license.
        license: SmolStr,
        /// What changed since the plan.
        reason: String,
        /// The number of changes that wait for a seat.
        waiting: usize,
    },
    /// The run drains: nothing new is sent.
    Draining {
        /// The number of operations in flight.
        in_flight: usize,
        /// The number of operations that are still sent, so that nobody is left between two licenses.
        closing: usize,
    },
    /// Another run took the lock; nothing more is sent or recorded.
    LockLost {
        /// The number of operations in flight.
        in_flight: usize,
    },
    /// The new license failed; the person has the old one again, or it is requested.
    #[serde(rename = "gave-back")]
    RolledBack {
        /// The operation that failed.
        operation: OperationId,
        /// The tenant.
        tenant: SmolStr,
        /// The person.
        person: SmolStr,
        /// The old license.
        license: SmolStr,
    },
    /// A person is left without a license.
    Stranded(StrandedPerson),
    /// An operation has an outcome.
    Done {
        /// The operation.
        operation: OperationId,
        /// Its outcome.
        outcome: Outcome,
        /// Why.
        message: Option<String>,
    },
    /// The run ended.
    Ended {
        /// The number of operations by outcome.
        summary: OutcomeSummary,
        /// The number of people who are left without a license.
        stranded: usize,
        /// Whether a stop or the deadline left operations out.
        stopped: bool,
    },
}

/// One line of the event stream.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct EventLine<'a> {
    /// The time of the event.
    pub at: Timestamp,
    /// The current run; null until it starts.
    pub run: Option<&'a SmolStr>,
    /// The event.
    #[serde(flatten)]
    pub event: &'a Event,
}

fn serialize_seconds<S: Serializer>(pause: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(pause.as_secs_f64())
}

/// A receiver of events; it is called from several threads and must not block.
#[derive(Clone)]
pub struct EventSink(Arc<dyn Fn(&Event) + Send + Sync>);

impl EventSink {
    /// Calls the function with each event.
    pub fn new(watch: impl Fn(&Event) + Send + Sync + 'static) -> Self {
        Self(Arc::new(watch))
    }

    /// Discards all events.
    pub fn discard() -> Self {
        Self::new(|_| {})
    }

    /// Sends an event to the receiver.
    pub fn emit(&self, event: &Event) {
        (self.0)(event);
    }
}

impl fmt::Debug for EventSink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EventSink")
    }
}
