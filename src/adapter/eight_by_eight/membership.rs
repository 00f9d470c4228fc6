//! Memberships as text, as an observation and a plan contain them.
//!
//! The text contains everything that a restore needs.

use std::borrow::Cow;
use std::fmt;

use percent_encoding::{AsciiSet, CONTROLS, PercentEncode, percent_decode_str, utf8_percent_encode};
use serde_json::{Value, json};
use smol_str::{SmolStr, format_smolstr};

use super::wire::{AssignmentInfo, GroupMember};

/// The prefix of each kind, and the vendor's list of it.
const KINDS: [(&str, &str); 2] = [("ring-group", "ringGroups"), ("call-queue", "ucCallQueues")];

/// What is encoded in an id, besides non-ASCII characters.
const RESERVED: &AsciiSet = &CONTROLS.add(b' ').add(b'/').add(b'%');

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Membership {
    /// The index in [`KINDS`].
    kind: usize,
    id: String,
    /// Primary or secondary member of a call queue.
    member_type: Option<String>,
}

impl Membership {
    /// Parses `ring-group/ID`, `call-queue/ID` or `call-queue/ID/TYPE`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('/');
        let word = parts.next()?;
        let kind = KINDS.iter().position(|(known, _)| *known == word)?;
        let id = decode(parts.next()?)?;
        let member_type = parts.next().and_then(decode);
        let membership = Self { kind, id, member_type };
        (!membership.id.is_empty() && membership.to_string() == text).then_some(membership)
    }

    /// Returns the vendor's list of this kind.
    pub(super) fn list(&self) -> &'static str {
        KINDS[self.kind].1
    }

    /// Whether an entry of the vendor's list is this membership.
    pub(super) fn matches(&self, entry: &Value) -> bool {
        let member_type = entry["memberType"].as_str();
        entry["id"].as_str() == Some(&self.id)
            && self.member_type.as_deref().is_none_or(|wanted| member_type == Some(wanted))
    }

    /// Whether an entry of the vendor's list is of the same group.
    pub(super) fn is_same_group(&self, entry: &Value) -> bool {
        entry["id"].as_str() == Some(&self.id)
    }

    /// Returns the entry of the vendor's list.
    pub(super) fn entry(&self) -> Value {
        match &self.member_type {
            Some(member_type) => json!({ "id": self.id, "memberType": member_type }),
            None => json!({ "id": self.id }),
        }
    }
}

impl fmt::Display for Membership {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", KINDS[self.kind].0, encode(&self.id))?;
        self.member_type.as_ref().map_or(Ok(()), |member_type| write!(f, "/{}", encode(member_type)))
    }
}

/// Returns the memberships of a user, sorted; `None` if the response lists none of the kinds.
pub(super) fn memberships(info: Option<&AssignmentInfo>) -> Option<Vec<SmolStr>> {
    let info = info?;
    if info.ring_groups.is_none() && info.uc_call_queues.is_none() {
        return None;
    }
    let lists = [&info.ring_groups, &info.uc_call_queues];
    let all = lists.into_iter().enumerate().flat_map(|(kind, list)| {
        list.iter().flatten().filter_map(move |GroupMember { id, member_type }| {
            let member_type = member_type.clone().filter(|word| !word.is_empty());
            Some(Membership { kind, id: id.clone().filter(|id| !id.is_empty())?, member_type })
        })
    });
    let mut texts: Vec<SmolStr> = all.map(|membership| format_smolstr!("{membership}")).collect();
    texts.sort();
    texts.dedup();
    Some(texts)
}

fn encode(text: &str) -> PercentEncode<'_> {
    utf8_percent_encode(text, RESERVED)
}

fn decode(text: &str) -> Option<String> {
    percent_decode_str(text).decode_utf8().ok().map(Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn text_contains_kind_and_id() {
        let info: AssignmentInfo = serde_json::from_value(json!({
            "ringGroups": [{ "id": "rg-2", "name": "Reception" }, { "id": "rg-1" }, { "name": "no id" }],
            "ucCallQueues": [{ "id": "q/1", "memberType": "SECONDARY" }, { "id": "q2", "memberType": null }],
            "userGroups": [{ "id": "7" }],
        }))
        .unwrap();
        let texts = memberships(Some(&info)).unwrap();
        assert_eq!(texts, ["call-queue/q%2F1/SECONDARY", "call-queue/q2", "ring-group/rg-1", "ring-group/rg-2"]);
        let queue = Membership::parse(&texts[0]).unwrap();
        assert_eq!((queue.list(), queue.entry()), ("ucCallQueues", json!({ "id": "q/1", "memberType": "SECONDARY" })));
    }

    #[test]
    fn missing_lists_are_unknown_not_empty() {
        let told =
            |value: Value| memberships(serde_json::from_value::<Option<AssignmentInfo>>(value).unwrap().as_ref());
        assert_eq!(told(Value::Null), None);
        assert_eq!(told(json!({ "profilePolicy": { "name": "x" }, "ringGroups": null })), None);
        assert_eq!(told(json!({ "ringGroups": [] })), Some(Vec::new()));
    }

    #[test]
    fn other_texts_are_not_memberships() {
        for text in ["", "sales", "ring-group", "ring-group/", "ring-group/a/b/c", "queue/a", "ring-group/%4"] {
            assert_eq!(Membership::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_membership_round_trips(id in ".{1,40}", member_type in prop::option::of("[A-Z]{1,9}"), kind in 0_usize..2) {
            let membership = Membership { kind, id, member_type };
            let text = membership.to_string();
            prop_assert!(!text.chars().any(char::is_control));
            prop_assert_eq!(Membership::parse(&text), Some(membership));
        }

        #[test]
        fn any_text_parses_without_panic(text in ".{0,40}") {
            let _ = Membership::parse(&text);
        }
    }
}
