//! Memberships as texts that stand in an observation and a plan, and can be given back by whoever reads the plan.
//!
//! What must hold: a text holds everything that giving back needs; what was read as a text comes back as it was.

use std::fmt;

use serde_json::{Value, json};
use smol_str::{SmolStr, format_smolstr};

use super::wire::{AssignmentInfo, GroupMember};

/// What stands before the id of each kind, and where the vendor keeps it.
const KINDS: [(&str, &str); 2] = [("ring-group", "ringGroups"), ("call-queue", "ucCallQueues")];

/// A membership.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Membership {
    /// The place in [`KINDS`].
    kind: usize,
    id: String,
    /// Primary or secondary member, of a call queue.
    member_type: Option<String>,
}

impl Membership {
    /// Reads `ring-group/ID`, `call-queue/ID` or `call-queue/ID/TYPE`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('/');
        let word = parts.next()?;
        let kind = KINDS.iter().position(|(known, _)| *known == word)?;
        let id = decode(parts.next()?)?;
        let member_type = match parts.next() {
            None => None,
            Some(text) => Some(decode(text)?),
        };
        (parts.next().is_none() && !id.is_empty()).then_some(Self { kind, id, member_type })
    }

    /// The list of the vendor's that it stands in.
    pub(super) fn list(&self) -> &'static str {
        KINDS[self.kind].1
    }

    /// Whether an entry of that list is this membership.
    pub(super) fn matches(&self, entry: &Value) -> bool {
        let member_type = entry["memberType"].as_str();
        entry["id"].as_str() == Some(&self.id)
            && self.member_type.as_deref().is_none_or(|wanted| member_type == Some(wanted))
    }

    /// Whether an entry of that list is of the same group, whatever the part in it.
    pub(super) fn is_same_group(&self, entry: &Value) -> bool {
        entry["id"].as_str() == Some(&self.id)
    }

    /// The entry as the vendor wants it.
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

/// All memberships of a user, sorted; `None` where the answer does not tell of any.
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

/// Whether the character stands as it is.
fn is_unreserved(character: char) -> bool {
    !character.is_control() && !character.is_whitespace() && !matches!(character, '/' | '%')
}

fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if is_unreserved(character) {
            out.push(character);
        } else {
            let mut bytes = [0; 4];
            out.extend(character.encode_utf8(&mut bytes).bytes().map(|byte| format!("%{byte:02X}")));
        }
    }
    out
}

fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next()?, rest.next()?];
            bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn texts_name_the_kind_and_the_id() {
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
    fn what_is_not_told_is_not_nothing() {
        let told =
            |value: Value| memberships(serde_json::from_value::<Option<AssignmentInfo>>(value).unwrap().as_ref());
        assert_eq!(told(Value::Null), None);
        assert_eq!(told(json!({ "profilePolicy": { "name": "x" }, "ringGroups": null })), None);
        assert_eq!(told(json!({ "ringGroups": [] })), Some(Vec::new()));
    }

    #[test]
    fn other_texts_are_no_memberships() {
        for text in ["", "sales", "ring-group", "ring-group/", "ring-group/a/b/c", "queue/a", "ring-group/%4"] {
            assert_eq!(Membership::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_id_comes_back(id in ".{1,40}", member_type in prop::option::of("[A-Z]{1,9}"), kind in 0_usize..2) {
            let membership = Membership { kind, id, member_type };
            let text = membership.to_string();
            prop_assert!(!text.chars().any(char::is_control));
            prop_assert_eq!(Membership::parse(&text), Some(membership));
        }

        #[test]
        fn no_text_breaks_it(text in ".{0,40}") {
            let _ = Membership::parse(&text);
        }
    }
}
