//! Messages for events of a run, one line each.

use smol_str::SmolStr;

use crate::apply::Event;
use crate::model::Outcome;
use crate::report::escape::escape;

/// A message, with a key if it may be repeated often.
pub(super) struct EventMessage {
    pub(super) line: String,
    /// Messages with the same key are rate-limited.
    pub(super) rate_limit_key: Option<(&'static str, SmolStr)>,
}

/// Returns the message for an event, if it has one.
pub(super) fn message_for(event: &Event) -> Option<EventMessage> {
    let once = |line: String| Some(EventMessage { line, rate_limit_key: None });
    let often = |kind: &'static str, of: &SmolStr, line: String| {
        Some(EventMessage { line, rate_limit_key: Some((kind, of.clone())) })
    };
    match event {
        Event::Recovering { run, operations } => once(format!(
            "recovering {}, which was interrupted: reading back {}",
            escape(run),
            crate::report::run::count_operations(*operations)
        )),
        Event::Recovered { run, operation, person, outcome, message } => {
            let why = message.as_ref().map_or_else(String::new, |message| format!(" ({})", escape(message)));
            let result = match outcome {
                // Operations without effect are normal after an interruption.
                Outcome::Failed => {
                    format!("not applied; `reseat resume` or the next plan sends it again{why}")
                }
                _ => format!("{}{why}", outcome.as_str()),
            };
            once(format!("recovered `{}` of {} ({}): {result}", escape(&operation.0), escape(run), escape(person)))
        }
        Event::HandedOver { tenant, operations, document: Some(document) } => once(format!(
            "`{}`: {} to do manually, as described in {}",
            escape(tenant),
            crate::report::run::count_operations(*operations),
            escape(document)
        )),
        Event::Busy { tenant, reason } => {
            once(format!("waiting: `{}` refuses changes ({})", escape(tenant), escape(reason)))
        }
        Event::Available { tenant } => once(format!("`{}` accepts changes again", escape(tenant))),
        Event::Throttled { tenant, pause, in_flight } => often(
            "throttled",
            tenant,
            format!("waiting: `{}` is rate-limited for {pause:.1?}; then {in_flight} in flight", escape(tenant)),
        ),
        Event::Retry { operation, attempt, of, pause, reason } => often(
            "retry",
            &SmolStr::default(),
            format!(
                "retrying `{}` in {pause:.1?}, attempt {attempt} of {of}: {}",
                escape(&operation.0),
                escape(reason)
            ),
        ),
        Event::BreakerOpened { tenant, removals_only, failures, pause, reason } => {
            let what = if *removals_only { "no removals" } else { "no operations" };
            let line = format!(
                "`{}` failed {failures} times in a row: sending {what} for {pause:.0?} ({})",
                escape(tenant),
                escape(reason)
            );
            often("breaker", tenant, line)
        }
        Event::BreakerClosed { tenant } => often("works", tenant, format!("`{}` works again", escape(tenant))),
        Event::PoolShort { tenant, reason, waiting, .. } => {
            once(format!("`{}`: {}; {waiting} wait for a seat", escape(tenant), escape(reason)))
        }
        Event::LockLost { in_flight } => {
            once(format!("lost the lock: sending nothing more; waiting for {in_flight} in flight"))
        }
        Event::RolledBack { tenant, person, license, .. } => once(format!(
            "rolled back: {} has `{}` again, because assigning the new license failed",
            escape(person),
            escape(&format!("{tenant}/{license}"))
        )),
        Event::Stranded(stranded) => {
            once(format!("{} is left without a license: {}", escape(&stranded.person), escape(&stranded.reason)))
        }
        Event::Draining { closing, .. } if *closing > 0 => {
            let closing = crate::report::run::count_operations(*closing);
            once(format!("draining: sending {closing} more, so that nobody is left between two licenses"))
        }
        // The message about the signal lists what is in flight.
        Event::Draining { .. }
        | Event::Started { .. }
        | Event::Sent { .. }
        | Event::HandedOver { document: None, .. }
        | Event::Waiting { .. }
        | Event::Done { .. }
        | Event::Ended { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::OperationId;

    fn recovered(outcome: Outcome, message: Option<&str>) -> String {
        let event = Event::Recovered {
            run: "run-1".into(),
            operation: OperationId("op-1".into()),
            person: "ana@acme.example".into(),
            outcome,
            message: message.map(str::to_owned),
        };
        message_for(&event).unwrap().line
    }

    #[test]
    fn operation_without_effect_is_reported_as_to_be_resent() {
        assert_eq!(
            recovered(Outcome::Failed, Some("without effect: the run ended before `op-1` was answered")),
            "recovered `op-1` of run-1 (ana@acme.example): not applied; `reseat resume` or the next plan sends it again \
             (without effect: the run ended before `op-1` was answered)"
        );
        assert_eq!(recovered(Outcome::Applied, None), "recovered `op-1` of run-1 (ana@acme.example): applied");
    }
}
