//! One attribute of everybody, as numbers.
//!
//! A million people have a handful of departments: each value gets a number, and a rule then deals with numbers.

use std::collections::BTreeMap;

use foldhash::fast::RandomState;
use indexmap::IndexSet;
use serde_json::Value as Json;
use smol_str::SmolStr;

use crate::model::{People, PersonId};

/// What is missing has this number.
const NULL: Json = Json::Null;

/// The values of one attribute.
pub(super) struct Column<'a> {
    name: SmolStr,
    values: IndexSet<&'a Json, RandomState>,
    /// The value of everybody who is described, where all were asked at once.
    of_all: Option<Vec<u32>>,
}

impl<'a> Column<'a> {
    fn new(name: SmolStr, people: &'a People, all: bool) -> Self {
        let mut column = Self { name, values: IndexSet::default(), of_all: None };
        column.values.insert(&NULL);
        if all {
            let mut of_all = vec![0; people.len()];
            for (person, description) in people.described() {
                if let Some(value) = description.attributes.get(&column.name)
                    && let Some(slot) = of_all.get_mut(person.0 as usize)
                {
                    *slot = column.number(value);
                }
            }
            column.of_all = Some(of_all);
        }
        column
    }

    fn number(&mut self, value: &'a Json) -> u32 {
        u32::try_from(self.values.insert_full(value).0).unwrap_or(u32::MAX)
    }

    /// The number of a person's value.
    pub(super) fn of(&mut self, people: &'a People, person: Option<PersonId>) -> u32 {
        let Some(person) = person else { return 0 };
        if let Some(of_all) = &self.of_all {
            return of_all.get(person.0 as usize).copied().unwrap_or_default();
        }
        match people.description(person).and_then(|description| description.attributes.get(&self.name)) {
            Some(value) => self.number(value),
            None => 0,
        }
    }

    /// The value of that number.
    pub(super) fn value(&self, number: u32) -> &'a Json {
        self.values.get_index(number as usize).copied().unwrap_or(&NULL)
    }
}

/// The attributes that rules have asked for.
pub(super) struct Columns<'a> {
    people: &'a People,
    columns: BTreeMap<SmolStr, Column<'a>>,
}

impl<'a> Columns<'a> {
    pub(super) fn new(people: &'a People) -> Self {
        Self { people, columns: BTreeMap::new() }
    }

    /// The people whose attributes they are.
    pub(super) fn people(&self) -> &'a People {
        self.people
    }

    /// Takes a column out, in order to use several at once; with `all`, everybody is asked now.
    pub(super) fn take(&mut self, name: &SmolStr, all: bool) -> Column<'a> {
        match self.columns.remove(name) {
            Some(column) if column.of_all.is_some() || !all => column,
            _ => Column::new(name.clone(), self.people, all),
        }
    }

    /// Puts a column back.
    pub(super) fn put(&mut self, column: Column<'a>) {
        self.columns.insert(column.name.clone(), column);
    }
}
