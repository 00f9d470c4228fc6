//! Building blocks of the manifest's types: values with places, and collections that go on after a fault.
//!
//! In the schema they look like what they hold.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use smol_str::SmolStr;

use crate::diagnostic::{FileId, Location};

/// The newtype name by which [`At`] asks the decoder for a place.
pub(super) const LOCATED_NEWTYPE: &str = "reseat::At";

/// A value and where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Located<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub at: Location,
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Located<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Parts<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Parts<T> {
            type Value = Located<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value with its place")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<Located<T>, A::Error> {
                let value = parts.next_element()?.ok_or_else(|| A::Error::custom("no value"))?;
                Ok(Located { value, at: location(&mut parts)? })
            }
        }

        deserializer.deserialize_newtype_struct(LOCATED_NEWTYPE, Parts(PhantomData))
    }
}

pub(super) fn location<'de, A: SeqAccess<'de>>(parts: &mut A) -> Result<Location, A::Error> {
    let mut next = || parts.next_element::<u32>()?.ok_or_else(|| A::Error::custom("no place"));
    Ok(Location { file: FileId(next()?), line: next()?, column: next()?, length: next()? })
}

/// What a key gives, if it is there and fits; a value that does not fit is reported and counts as not there.
///
/// With `#[serde(default)]` the key may be missing; `null` is the same as missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OptionalField<T>(Option<Located<T>>);

impl<T> Default for OptionalField<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T> OptionalField<T> {
    /// Returns the slot for the value, to merge several files.
    pub(crate) fn slot(&mut self) -> &mut Option<Located<T>> {
        &mut self.0
    }

    /// The value with its place, if there is one.
    pub fn get(&self) -> Option<&Located<T>> {
        self.0.as_ref()
    }

    /// The value, if there is one.
    pub fn value(&self) -> Option<&T> {
        self.0.as_ref().map(|at| &at.value)
    }

    /// The value with its place, taken out.
    pub fn into_inner(self) -> Option<Located<T>> {
        self.0
    }
}

impl<T> From<Option<Located<T>>> for OptionalField<T> {
    fn from(value: Option<Located<T>>) -> Self {
        Self(value)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for OptionalField<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Lenient<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Lenient<T> {
            type Value = OptionalField<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value")
            }

            fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<OptionalField<T>, D::Error> {
                // The decoder reported what is wrong, at its place.
                Ok(OptionalField(Option::<Located<T>>::deserialize(deserializer).ok().flatten()))
            }
        }

        deserializer.deserialize_newtype_struct("Given", Lenient(PhantomData))
    }
}

/// What a key gives that must be there; the same as [`Given`], but nothing is not the same as missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequiredField<T>(Option<Located<T>>);

impl<T> Default for RequiredField<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T> RequiredField<T> {
    /// Returns the slot for the value, to merge several files.
    pub(crate) fn slot(&mut self) -> &mut Option<Located<T>> {
        &mut self.0
    }

    /// The value with its place; none where what is written did not fit and was reported.
    pub fn get(&self) -> Option<&Located<T>> {
        self.0.as_ref()
    }

    /// The value, if there is one.
    pub fn value(&self) -> Option<&T> {
        self.0.as_ref().map(|at| &at.value)
    }

    /// The value with its place, taken out.
    pub fn into_inner(self) -> Option<Located<T>> {
        self.0
    }
}

#[cfg(test)]
impl<T> From<Located<T>> for RequiredField<T> {
    fn from(value: Located<T>) -> Self {
        Self(Some(value))
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for RequiredField<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Lenient<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Lenient<T> {
            type Value = RequiredField<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value")
            }

            fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<RequiredField<T>, D::Error> {
                // The decoder reported what is wrong, at its place.
                Ok(RequiredField(Located::<T>::deserialize(deserializer).ok()))
            }
        }

        deserializer.deserialize_newtype_struct("Needed", Lenient(PhantomData))
    }
}

/// A part of a limit: left as it is by default, lifted by `null`, or set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Override<T> {
    /// Nothing is written: the default holds.
    #[default]
    Default,
    /// `null`: there is no such limit.
    Lifted,
    /// This holds.
    Value(Located<T>),
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Override<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Lenient<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Lenient<T> {
            type Value = Override<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value")
            }

            fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Override<T>, D::Error> {
                // The decoder reported what is wrong, at its place.
                Ok(match Option::<Located<T>>::deserialize(deserializer) {
                    Ok(Some(value)) => Override::Value(value),
                    Ok(None) => Override::Lifted,
                    Err(_) => Override::Default,
                })
            }
        }

        deserializer.deserialize_newtype_struct("Part", Lenient(PhantomData))
    }
}

impl<T: JsonSchema> JsonSchema for Override<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("Nullable_{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Option::<T>::json_schema(generator)
    }
}

/// A list; an item that does not fit is reported and left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LenientList<T>(pub Vec<T>);

impl<T> Default for LenientList<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for LenientList<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct All<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for All<T> {
            type Value = LenientList<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<LenientList<T>, A::Error> {
                let mut list = Vec::new();
                loop {
                    match items.next_element() {
                        Ok(Some(item)) => list.push(item),
                        Ok(None) => return Ok(LenientList(list)),
                        // Reported; the decoder goes on with the next item.
                        Err(_) => {}
                    }
                }
            }
        }

        deserializer.deserialize_seq(All(PhantomData))
    }
}

impl<T> OptionalField<LenientList<T>> {
    /// Returns the items; none if the list is missing.
    pub(crate) fn into_items(self) -> Vec<T> {
        self.0.map(|list| list.value.0).unwrap_or_default()
    }
}

impl<T> RequiredField<LenientList<T>> {
    /// Returns the items; none if the list is missing.
    pub(crate) fn into_items(self) -> Vec<T> {
        self.0.map(|list| list.value.0).unwrap_or_default()
    }
}

impl<T> OptionalField<NamedEntries<T>> {
    /// Returns the entries; none if the table is missing.
    pub(crate) fn into_entries(self) -> Vec<(Located<SmolStr>, Option<T>)> {
        self.0.map(|entries| entries.value.0).unwrap_or_default()
    }
}

/// A map in the order written, its keys with their places; a value that does not fit is reported, and `None`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedEntries<T>(pub Vec<(Located<SmolStr>, Option<T>)>);

impl<T> Default for NamedEntries<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for NamedEntries<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct All<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for All<T> {
            type Value = NamedEntries<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<NamedEntries<T>, A::Error> {
                let mut named = Vec::new();
                while let Some(key) = entries.next_key()? {
                    // What does not fit is reported; the name is kept, so that nobody calls it unknown.
                    named.push((key, entries.next_value().ok()));
                }
                Ok(NamedEntries(named))
            }
        }

        deserializer.deserialize_map(All(PhantomData))
    }
}

macro_rules! looks_like_what_it_holds {
    ($($type:ident),*) => {
        $(impl<T: JsonSchema> JsonSchema for $type<T> {
            fn inline_schema() -> bool {
                T::inline_schema()
            }

            fn schema_name() -> Cow<'static, str> {
                T::schema_name()
            }

            fn schema_id() -> Cow<'static, str> {
                T::schema_id()
            }

            fn json_schema(generator: &mut SchemaGenerator) -> Schema {
                T::json_schema(generator)
            }
        })*
    };
}
looks_like_what_it_holds!(Located, OptionalField, RequiredField);

impl<T: JsonSchema> JsonSchema for LenientList<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("List_of_{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "array", "items": generator.subschema_for::<T>() })
    }
}

impl<T: JsonSchema> JsonSchema for NamedEntries<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("Map_of_{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "object", "additionalProperties": generator.subschema_for::<T>() })
    }
}
