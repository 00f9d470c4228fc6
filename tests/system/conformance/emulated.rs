//! Adapters of vendor APIs, each with an emulator of the vendor.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use reseat::emulator::config::{DropPoint, FaultEffect, FaultRule, OperationConfig, RateConfig};
use reseat::emulator::{Emulator, EmulatorConfig, EmulatorSettings, LoggedRequest, TenantAction};
use reseat::model::{ChangeKind, Observation};
use serde_json::Value;
use tokio::runtime::Runtime;

use super::profile::Profile;
use super::rig::{Rig, Start, Trouble};
use super::start::observation;

/// The key that the emulator requires.
const SECRET: &str = "conformance-7f3a9c";

/// The requests of an API.
pub(crate) struct Wire {
    /// The fault pattern of the requests that list people.
    pub(crate) list: &'static str,
    /// The fault pattern of the requests that change something.
    pub(crate) write: &'static str,
    /// Returns whether a request changes something.
    pub(crate) is_write: fn(&LoggedRequest) -> bool,
}

struct Emulated {
    wire: &'static Wire,
    /// Whether a change replaces the whole person.
    replaces: bool,
    /// It ends after the emulator.
    emulator: Option<Emulator>,
    runtime: Runtime,
    knobs: EmulatorConfig,
}

pub(crate) fn build(profile: &'static Profile, start: Start) -> Box<dyn Rig> {
    let wire = profile.wire.expect("an emulated tenant has a wire");
    let mut knobs = EmulatorConfig { key: Some(SECRET.to_owned()), ..EmulatorConfig::default() };
    // The duration of a walk is irrelevant.
    knobs.rates = RateConfig { limits: Some(Vec::new()), ..RateConfig::default() };
    knobs.page_size = Some(100);
    let takes = start.takes_ms.max(20);
    knobs.operations = Some(OperationConfig { min_ms: takes, max_ms: takes, ..OperationConfig::default() });
    if profile.vendor == "generic" {
        knobs.exclusive = vec![profile.licenses.map(Into::into).to_vec()];
        knobs.change = Some(ChangeKind::RemoveThenAssign);
    }
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
    let settings = EmulatorSettings {
        state: Some(observation(profile, &start)),
        config: knobs.clone(),
        ..EmulatorSettings::for_vendor(profile.vendor)
    };
    let emulator = runtime.block_on(Emulator::start(settings)).expect("the emulator starts");
    Box::new(Emulated { wire, replaces: profile.replaces, emulator: Some(emulator), runtime, knobs })
}

impl Emulated {
    fn emulator(&self) -> &Emulator {
        self.emulator.as_ref().expect("the emulator lives as long as the rig")
    }

    fn turn(&self, knobs: EmulatorConfig) {
        self.emulator().set_config(knobs).expect("the knobs make sense");
    }
}

impl Drop for Emulated {
    fn drop(&mut self) {
        if let Some(emulator) = self.emulator.take() {
            drop(self.runtime.block_on(emulator.stop()));
        }
    }
}

impl Rig for Emulated {
    fn adapter(&self) -> String {
        let (adapter, url) = (self.emulator().adapter(), self.emulator().base_url());
        let name = if adapter == "api" { "base_url" } else { "url" };
        format!("{{ {adapter}: {{ {name}: \"{url}\", key: {{ env: TENANT_KEY }} }} }}")
    }

    fn truth(&mut self) -> Observation {
        self.emulator().state()
    }

    fn act(&mut self, actions: &[TenantAction]) {
        self.emulator().apply_actions(actions).expect("it can happen");
    }

    fn trouble(&mut self, trouble: Trouble) -> bool {
        let mut knobs = self.knobs.clone();
        let fault = |on: &str, nth: u64, times: u64, then: FaultEffect| FaultRule {
            on: on.to_owned(),
            nth,
            times,
            percent: 100,
            then,
        };
        let Wire { list, write, .. } = self.wire;
        match trouble {
            Trouble::SecondPage => {
                let refuse = FaultEffect::Refuse { status: 503, code: None, wait: None, dialect: None };
                knobs.faults.push(fault(list, 2, 0, refuse));
            }
            Trouble::Throttle(times) => {
                let refuse = FaultEffect::Refuse { status: 429, code: None, wait: Some(1), dialect: None };
                knobs.faults.push(fault(write, 1, times, refuse));
            }
            Trouble::LoseAnswer => knobs.faults.push(fault(write, 1, 1, FaultEffect::Drop(DropPoint::After))),
            Trouble::WrongRole => knobs.wrong_role = true,
            Trouble::WrongAccount => knobs.wrong_account = true,
            Trouble::KeyExpires(requests) => knobs.key_requests = Some(requests),
            Trouble::Unknown if self.emulator().adapter() == "bridge" => return false,
            Trouble::Unknown => {
                // A person with an unknown state is correctly left alone.
                knobs.unknown_words = self.replaces;
                knobs.extra_fields = true;
            }
            Trouble::Garbage => knobs.faults.push(fault(list, 1, 0, FaultEffect::Garble)),
            Trouble::GarbledAnswer => knobs.faults.push(fault(write, 1, 1, FaultEffect::Garble)),
            Trouble::MutationWhilePaging => {
                let happens = vec![
                    TenantAction::Delete { id: "u-bo".into() },
                    TenantAction::Add { id: "u-new".into(), email: "new@acme.example".into(), licenses: Vec::new() },
                ];
                knobs.faults.push(fault(list, 2, 1, FaultEffect::Before(happens)));
            }
        }
        self.turn(knobs);
        true
    }

    fn heal(&mut self) {
        self.turn(self.knobs.clone());
    }

    fn beside(&mut self, id: &str) -> Option<String> {
        if !self.replaces {
            return None;
        }
        let base = self.emulator().base_url();
        let (origin, prefix) = base.trim_start_matches("http://").split_once('/').expect("a path follows");
        let mut stream = TcpStream::connect(origin).expect("the emulator listens");
        let request = format!(
            "GET /{prefix}/users/{id} HTTP/1.1\r\nHost: {origin}\r\nx-api-key: {SECRET}\r\n\
             Accept: application/vnd.users.v1+json\r\nConnection: close\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).expect("a request can be sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer comes");
        let (head, body) = answer.split_once("\r\n\r\n").expect("a body follows");
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        let mut user: Value = serde_json::from_str(body).expect("it is JSON");
        // Licenses change, extensions follow, and a change counts as a change.
        for (part, fields) in [
            ("serviceInfo", &["licenses", "extensions"][..]),
            ("basicInfo", &["lastUpdatedTime"]),
            ("assignmentInfo", &["ringGroups", "ucCallQueues"]),
        ] {
            if let Some(part) = user[part].as_object_mut() {
                part.retain(|name, _| !fields.contains(&name.as_str()));
            }
        }
        Some(user.to_string())
    }

    fn rested(&mut self) -> Option<Duration> {
        let requests = self.emulator().requests();
        let mut writes = requests.iter().filter(|request| (self.wire.is_write)(request));
        let refused = writes.by_ref().filter(|write| write.status == Some(429)).last()?;
        // Other requests may have been in flight at the same moment.
        let again = |write: &&LoggedRequest| write.path == refused.path && write.number > refused.number;
        let (refused, next) = (refused.at, requests.iter().find(again)?.at);
        Some(Duration::try_from(next.duration_since(refused)).unwrap_or_default())
    }

    fn secret(&self) -> Option<&str> {
        Some(SECRET)
    }

    fn writes(&mut self) -> Option<usize> {
        Some(self.emulator().requests().iter().filter(|request| (self.wire.is_write)(request)).count())
    }
}
