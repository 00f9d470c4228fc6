//! How people become members of groups, for `reseat why`.
//!
//! Groups are kept as written, which is small: a long list of members stays in its file's text.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use smol_str::SmolStr;

use super::schema::GroupEntry;
use super::yaml::{PeopleList, PeoplePart, group_of};
use crate::diagnostic::{Files, Location};
use crate::model::{People, PersonId, PersonKey};

/// The groups of a manifest as written, and their members.
#[derive(Clone, Debug, Default)]
pub struct GroupMemberships {
    /// The groups as written, with locations.
    pub(super) declared: BTreeMap<SmolStr, (Location, GroupEntry)>,
    /// The members of each group, sorted.
    pub(super) members: BTreeMap<SmolStr, Vec<PersonId>>,
}

/// Why a person is a member of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MembershipReason {
    /// The group lists the person.
    Name,
    /// The group lists another group of the person.
    Group(SmolStr),
    /// The group's expression is true for the person.
    Condition(SmolStr),
}

/// One step from a group to a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MembershipStep {
    /// The group.
    pub group: SmolStr,
    /// Why the person is a member.
    pub reason: MembershipReason,
    /// The location of the reason.
    pub source: Location,
}

impl GroupMemberships {
    /// Returns the shortest path from a group to a person, or nothing if they are not a member. The last step is the group that
    /// lists the person or whose expression is true for them.
    pub fn path_to(&self, group: &str, person: PersonId, people: &People, files: &Files) -> Vec<MembershipStep> {
        let mut seen: BTreeSet<SmolStr> = BTreeSet::new();
        let mut open: VecDeque<(SmolStr, Vec<MembershipStep>)> = VecDeque::from([(SmolStr::new(group), Vec::new())]);
        while let Some((name, path)) = open.pop_front() {
            let written = self.declared.get(&name).filter(|_| self.contains(&name, person));
            let Some((_, group)) = written.filter(|_| seen.insert(name.clone())) else { continue };
            let to = |by: MembershipReason, source: Location| {
                let mut path = path.clone();
                path.push(MembershipStep { group: name.clone(), reason: by, source });
                path
            };
            if let Some(at) = member_location(group, person, people, files) {
                return to(MembershipReason::Name, at);
            }
            let inner = nested_groups(group);
            let leads = inner.iter().any(|(inner, _)| self.contains(inner, person));
            if let Some(condition) = group.condition.get().filter(|_| !leads) {
                return to(MembershipReason::Condition(condition.value.clone()), condition.at);
            }
            open.extend(inner.into_iter().map(|(inner, at)| {
                let path = to(MembershipReason::Group(inner.clone()), at);
                (inner, path)
            }));
        }
        Vec::new()
    }

    fn contains(&self, group: &str, person: PersonId) -> bool {
        self.members.get(group).is_some_and(|members| members.binary_search(&person).is_ok())
    }
}

/// Returns the groups that a group lists, with locations.
fn nested_groups(group: &GroupEntry) -> Vec<(SmolStr, Location)> {
    let items = pieces(group.members.value()).iter().filter_map(|piece| match piece {
        PeoplePart::Item(item) => Some((SmolStr::new(group_of(&item.value)?), item.at)),
        PeoplePart::Run(_) => None,
    });
    items.collect()
}

/// Returns the location of a person in the list of members.
fn member_location(group: &GroupEntry, person: PersonId, people: &People, files: &Files) -> Option<Location> {
    let is_it = |text: &str| PersonKey::parse(text).is_ok_and(|key| people.find(&key.into_inner()) == Some(person));
    pieces(group.members.value()).iter().find_map(|piece| match piece {
        PeoplePart::Item(item) => (group_of(&item.value).is_none() && is_it(&item.value)).then_some(item.at),
        PeoplePart::Run(run) => {
            let text = &files.get(run.at.file)?.text;
            run.items(text).find(|(item, _)| is_it(item)).map(|(_, at)| at)
        }
    })
}

fn pieces(list: Option<&PeopleList>) -> &[PeoplePart] {
    list.map(|list| list.0.as_slice()).unwrap_or_default()
}
