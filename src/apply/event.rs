//! What a run tells while it goes on.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Serialize, Serializer};
use smol_str::SmolStr;

use crate::model::{OperationId, Outcome, OutcomeSummary, StrandedPerson};

/// Something that happened in a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    /// A run that died left operations open, and they are being settled by reading.
    Recovering {
        /// The interrupted run.
        #[serde(rename = "settles")]
        run: SmolStr,
        /// How many operations it left open.
        operations: usize,
    },
    /// An operation that an interrupted run left open was settled by reading.
    Recovered {
        /// The interrupted run.
        #[serde(rename = "settles")]
        run: SmolStr,
        /// The operation in that run's plan.
        operation: OperationId,
        /// The person it was for.
        person: SmolStr,
        /// What came of it.
        outcome: Outcome,
        /// Why.
        message: Option<String>,
    },
    /// The run began.
    Started {
        /// Its name.
        #[serde(skip)]
        run: SmolStr,
        /// How many operations the plan has.
        operations: usize,
    },
    /// An operation is about to be sent.
    Sent {
        /// The operation.
        operation: OperationId,
    },
    /// What is open at a tenant was handed over to people.
    HandedOver {
        /// The tenant.
        tenant: SmolStr,
        /// How many operations.
        operations: usize,
        /// The document that they stand in; null where somebody was asked.
        document: Option<String>,
    },
    /// An operation was accepted, and its effect is waited for.
    Waiting {
        /// The operation.
        operation: OperationId,
    },
    /// A tenant takes no changes just now, and is waited for.
    Busy {
        /// The tenant.
        tenant: SmolStr,
        /// Why, as the vendor says it.
        reason: String,
    },
    /// A tenant that was busy takes changes again.
    Available {
        /// The tenant.
        tenant: SmolStr,
    },
    /// A tenant asked for a rest: nothing is sent to it for a while.
    Throttled {
        /// The tenant.
        tenant: SmolStr,
        /// For how long.
        #[serde(rename = "pause_seconds", serialize_with = "serialize_seconds")]
        #[schemars(with = "f64")]
        pause: Duration,
        /// How many requests may be in flight afterwards.
        in_flight: u32,
    },
    /// An operation was refused without effect, and is going to be sent again.
    Retry {
        /// The operation.
        operation: OperationId,
        /// Which attempt comes next, from 2.
        attempt: u32,
        /// How many there are at most.
        of: u32,
        /// After how long it comes.
        #[serde(rename = "pause_seconds", serialize_with = "serialize_seconds")]
        #[schemars(with = "f64")]
        pause: Duration,
        /// What the vendor said.
        reason: String,
    },
    /// A tenant refused so often that some or all operations are kept back from it.
    BreakerOpened {
        /// The tenant.
        tenant: SmolStr,
        /// Whether only what takes something away is kept back.
        removals_only: bool,
        /// How many operations failed one after the other.
        failures: u32,
        /// After how long it is tried again.
        #[serde(rename = "pause_seconds", serialize_with = "serialize_seconds")]
        #[schemars(with = "f64")]
        pause: Duration,
        /// What the vendor said last.
        reason: String,
    },
    /// A tenant that refused too often works again.
    BreakerClosed {
        /// The tenant.
        tenant: SmolStr,
    },
    /// A pool has fewer free seats than the plan counted on.
    PoolShort {
        /// The tenant.
        tenant: SmolStr,
        /// The pool's license.
        license: SmolStr,
        /// What moved since the plan.
        reason: String,
        /// How many changes wait for a seat because of it.
        waiting: usize,
    },
    /// The run ends soon: nothing new is sent.
    Draining {
        /// How many operations are in flight, and are awaited.
        in_flight: usize,
        /// How many operations are sent all the same, so that nobody is left between two licenses.
        closing: usize,
    },
    /// Somebody else has the lock now: nothing more is sent or written.
    LockLost {
        /// How many operations are in flight, and are awaited.
        in_flight: usize,
    },
    /// Somebody whose new license did not come has the old one again, or asked for it.
    RolledBack {
        /// The operation that did not succeed.
        operation: OperationId,
        /// The tenant.
        tenant: SmolStr,
        /// The person.
        person: SmolStr,
        /// The old license.
        license: SmolStr,
    },
    /// Somebody is left without a license.
    Stranded(StrandedPerson),
    /// The fate of an operation is known.
    Done {
        /// The operation.
        operation: OperationId,
        /// Its fate.
        outcome: Outcome,
        /// Why.
        message: Option<String>,
    },
    /// The run ended.
    Ended {
        /// How many operations came to which end.
        summary: OutcomeSummary,
        /// How many people are left without a license.
        stranded: usize,
        /// Whether it was stopped before everything was sent.
        stopped: bool,
    },
}

/// One line of the stream of events that other programs read.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct EventLine<'a> {
    /// When it happened.
    pub at: Timestamp,
    /// The run that is under way; null until it has a name.
    pub run: Option<&'a SmolStr>,
    /// What happened.
    #[serde(flatten)]
    pub event: &'a Event,
}

fn serialize_seconds<S: Serializer>(pause: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(pause.as_secs_f64())
}

/// Whoever wants to be told of events; it is called from several threads and must not block.
#[derive(Clone)]
pub struct EventSink(Arc<dyn Fn(&Event) + Send + Sync>);

impl EventSink {
    /// Calls that function with each event.
    pub fn new(watch: impl Fn(&Event) + Send + Sync + 'static) -> Self {
        Self(Arc::new(watch))
    }

    /// Tells nobody.
    pub fn discard() -> Self {
        Self::new(|_| {})
    }

    /// Tells of an event.
    pub fn emit(&self, event: &Event) {
        (self.0)(event);
    }
}

impl fmt::Debug for EventSink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Watch")
    }
}
