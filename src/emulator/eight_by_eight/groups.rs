//! Ring groups, call queues and user groups: memberships with ids.
//!
//! An observation contains a membership as text. `ring-group/ID` and `call-queue/ID/TYPE` are the texts of reseat's adapter,
//! `user-group/ID` is a user group, and any other text is the name of a ring group. Every text survives a round trip.

use std::collections::BTreeMap;

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};
use smol_str::SmolStr;

use crate::emulator::random::stable_id;
use crate::model::Observation;

/// The prefixes of the texts, and the fields of the groups.
pub(super) const KINDS: [(&str, &str); 3] =
    [("ring-group", "ringGroups"), ("call-queue", "ucCallQueues"), ("user-group", "userGroups")];

/// The parts of a membership.
struct MembershipParts {
    /// The index in [`KINDS`].
    kind: usize,
    id: String,
    name: String,
    member_type: Option<String>,
}

fn parse_membership(membership: &str) -> MembershipParts {
    let decode = |text: &str| percent_decode_str(text).decode_utf8().map_or_else(|_| text.to_owned(), Into::into);
    let mut words = membership.split('/');
    let kind = words.next().and_then(|word| KINDS.iter().position(|(known, _)| *known == word));
    match (kind, words.next().filter(|id| !id.is_empty()), words.next(), words.next()) {
        (Some(kind), Some(id), member_type, None) => {
            let id = decode(id);
            let member_type =
                member_type.map(decode).or_else(|| (KINDS[kind].0 == "call-queue").then(|| "PRIMARY".to_owned()));
            MembershipParts { kind, name: format!("Group {id}"), id, member_type }
        }
        _ => MembershipParts {
            kind: 0,
            id: stable_id("ring group", membership),
            name: membership.to_owned(),
            member_type: None,
        },
    }
}

/// All groups that ever had a member.
pub(super) struct KnownGroups {
    known: BTreeMap<(usize, String), SmolStr>,
}

impl KnownGroups {
    pub(super) fn new(state: &Observation) -> Self {
        let mut groups = Self { known: BTreeMap::new() };
        for account in &state.accounts {
            groups.register(&account.memberships);
        }
        groups
    }

    /// Adds the groups of further memberships.
    pub(super) fn register(&mut self, memberships: &[SmolStr]) {
        for membership in memberships {
            let MembershipParts { kind, id, .. } = parse_membership(membership);
            self.known.entry((kind, id)).or_insert_with(|| membership.clone());
        }
    }

    /// Returns the memberships of a list.
    ///
    /// # Errors
    /// If an entry names an unknown group.
    pub(super) fn resolve(&self, kind: usize, list: &Value) -> Result<Vec<SmolStr>, String> {
        let entries = list.as_array().map(Vec::as_slice).unwrap_or_default();
        entries
            .iter()
            .map(|entry| {
                let (id, name) = (entry["id"].as_str(), entry["name"].as_str());
                let found = match id {
                    Some(id) => self.known.get(&(kind, id.to_owned())),
                    None => self
                        .known
                        .iter()
                        .find(|((own, _), text)| *own == kind && Some(&*parse_membership(text).name) == name)
                        .map(|(_, text)| text),
                };
                let text = found.ok_or_else(|| {
                    format!("unknown group: {}", id.or(name).unwrap_or("neither id nor name is given"))
                })?;
                // The type belongs to the member, not to the group.
                let (sent, own) = (entry["memberType"].as_str(), parse_membership(text));
                Ok(match sent {
                    Some(sent) if own.member_type.as_deref().is_some_and(|own| own != sent) => {
                        let head = text.split('/').take(2).collect::<Vec<_>>().join("/");
                        SmolStr::new(format!("{head}/{sent}"))
                    }
                    Some(_) | None => text.clone(),
                })
            })
            .collect()
    }
}

/// Returns the memberships of that kind as JSON.
pub(super) fn groups_json(kind: usize, memberships: &[SmolStr]) -> Value {
    let of_kind = memberships.iter().map(|membership| parse_membership(membership)).filter(|parts| parts.kind == kind);
    let entry = |parts: MembershipParts| {
        let mut entry = Map::new();
        entry.insert("id".to_owned(), parts.id.into());
        entry.insert("name".to_owned(), parts.name.into());
        if let Some(member_type) = parts.member_type {
            entry.insert("memberType".to_owned(), member_type.into());
        }
        Value::Object(entry)
    };
    Value::Array(of_kind.map(entry).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn texts_survive_a_round_trip() {
        let texts =
            ["Reception", "a/b", "ring-group/rg%2F1", "call-queue/q-1/SECONDARY", "user-group/7"].map(SmolStr::new);
        let mut groups = KnownGroups { known: BTreeMap::new() };
        groups.register(&texts);
        for (kind, count) in [(0, 3), (1, 1), (2, 1)] {
            let list = groups_json(kind, &texts);
            let back = groups.resolve(kind, &list).unwrap();
            assert_eq!(back.len(), count);
            assert!(back.iter().all(|text| texts.contains(text)), "{back:?}");
        }
        assert_eq!(groups_json(0, &texts)[2]["id"], "rg/1");
        let primary = json!([{ "id": "q-1", "memberType": "PRIMARY" }]);
        assert_eq!(groups.resolve(1, &primary).unwrap(), ["call-queue/q-1/PRIMARY"]);
        assert_eq!(groups.resolve(0, &json!([{ "name": "Reception" }])).unwrap(), ["Reception"]);
        assert!(groups.resolve(0, &json!([{ "id": "nowhere" }])).is_err());
    }
}
