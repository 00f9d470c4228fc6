//! One attribute of all people, as numbers.
//!
//! A million people have a handful of departments: each distinct value gets a number, and rules compare numbers. A person is looked up
//! on first use, because most rules exclude most people by their first attribute.

use std::collections::BTreeMap;

use foldhash::fast::RandomState;
use indexmap::IndexSet;
use serde_json::Value as Json;
use smol_str::SmolStr;

use crate::model::{People, Person, PersonId};

/// A missing attribute; its number is 0.
const NULL: Json = Json::Null;
/// Not looked up yet.
const UNKNOWN: u32 = u32::MAX;

/// Descriptions of people, indexed by ID for rules that check most people.
pub(super) struct PersonLookup<'a> {
    people: &'a People,
    all: Option<Vec<Option<&'a Person>>>,
}

impl<'a> PersonLookup<'a> {
    fn get(&self, person: PersonId) -> Option<&'a Person> {
        match &self.all {
            Some(all) => all.get(person.0 as usize).copied().flatten(),
            None => self.people.description(person),
        }
    }
}

/// The values of one attribute.
pub(super) struct AttributeColumn<'a> {
    name: SmolStr,
    values: IndexSet<&'a Json, RandomState>,
    /// The number of each person's value.
    value_ids: Vec<u32>,
}

impl<'a> AttributeColumn<'a> {
    fn new(name: SmolStr) -> Self {
        Self { name, values: IndexSet::from_iter([&NULL]), value_ids: Vec::new() }
    }

    /// Returns the number of a person's value.
    pub(super) fn value_id(&mut self, descriptions: &PersonLookup<'a>, person: Option<PersonId>) -> u32 {
        let Some(person) = person else { return 0 };
        let index = person.0 as usize;
        if let Some(number) = self.value_ids.get(index).filter(|number| **number != UNKNOWN) {
            return *number;
        }
        let value = descriptions.get(person).and_then(|description| description.attributes.get(&self.name));
        let number = value.map_or(0, |value| u32::try_from(self.values.insert_full(value).0).unwrap_or_default());
        if descriptions.all.is_some() {
            if self.value_ids.is_empty() {
                self.value_ids = vec![UNKNOWN; descriptions.people.len()];
            }
            if let Some(slot) = self.value_ids.get_mut(index) {
                *slot = number;
            }
        }
        number
    }

    /// Returns the value with that number.
    pub(super) fn value(&self, number: u32) -> &'a Json {
        self.values.get_index(number as usize).copied().unwrap_or(&NULL)
    }
}

/// The attributes used by rules.
pub(super) struct AttributeColumns<'a> {
    lookup: PersonLookup<'a>,
    columns: BTreeMap<SmolStr, AttributeColumn<'a>>,
}

impl<'a> AttributeColumns<'a> {
    pub(super) fn new(people: &'a People) -> Self {
        Self { lookup: PersonLookup { people, all: None }, columns: BTreeMap::new() }
    }

    /// Returns the descriptions of people, indexed if `wide`.
    pub(super) fn person_lookup(&mut self, wide: bool) -> &PersonLookup<'a> {
        if wide && self.lookup.all.is_none() {
            let mut all = vec![None; self.lookup.people.len()];
            for (person, description) in self.lookup.people.described() {
                if let Some(slot) = all.get_mut(person.0 as usize) {
                    *slot = Some(description);
                }
            }
            self.lookup.all = Some(all);
        }
        &self.lookup
    }

    /// Takes a column out, so that several can be used at the same time.
    pub(super) fn take(&mut self, name: &SmolStr) -> AttributeColumn<'a> {
        self.columns.remove(name).unwrap_or_else(|| AttributeColumn::new(name.clone()))
    }

    /// Puts a column back.
    pub(super) fn put(&mut self, column: AttributeColumn<'a>) {
        self.columns.insert(column.name.clone(), column);
    }
}
