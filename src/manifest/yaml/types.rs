//! Building blocks of the manifest's types: values with locations, and fields and collections that are lenient to faults.
//!
//! Their schema is that of their content.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use smol_str::SmolStr;

use crate::diagnostic::{FileId, Location};

/// The newtype name by which [`Located`] requests its location from the decoder.
pub(super) const LOCATED_NEWTYPE: &str = "reseat::At";

/// A value and its location.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Located<T> {
    /// The value.
    pub value: T,
    /// Its location.
    pub at: Location,
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Located<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct LocatedVisitor<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for LocatedVisitor<T> {
            type Value = Located<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value with its location")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<Located<T>, A::Error> {
                let value = parts.next_element()?.ok_or_else(|| A::Error::custom("no value"))?;
                Ok(Located { value, at: location(&mut parts)? })
            }
        }

        deserializer.deserialize_newtype_struct(LOCATED_NEWTYPE, LocatedVisitor(PhantomData))
    }
}

pub(super) fn location<'de, A: SeqAccess<'de>>(parts: &mut A) -> Result<Location, A::Error> {
    let mut next = || parts.next_element::<u32>()?.ok_or_else(|| A::Error::custom("no location"));
    Ok(Location { file: FileId(next()?), line: next()?, column: next()?, length: next()? })
}

/// Deserializes a value that is lenient to faults: the decoder reports a value that does not fit, and the result is `None`.
/// A missing key remains an error unless it has a default.
fn lenient<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    struct LenientVisitor<T>(PhantomData<T>);

    impl<'de, T: Deserialize<'de>> Visitor<'de> for LenientVisitor<T> {
        type Value = Option<T>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a value")
        }

        fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<T>, D::Error> {
            Ok(T::deserialize(deserializer).ok())
        }
    }

    deserializer.deserialize_newtype_struct("Lenient", LenientVisitor(PhantomData))
}

macro_rules! fields {
    ($($(#[$doc:meta])* $name:ident;)*) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Debug, PartialEq, Eq)]
            pub struct $name<T>(Option<Located<T>>);

            impl<T> Default for $name<T> {
                fn default() -> Self {
                    Self(None)
                }
            }

            impl<T> $name<T> {
                /// Returns the value with its location.
                pub fn get(&self) -> Option<&Located<T>> {
                    self.0.as_ref()
                }

                /// Returns the value.
                pub fn value(&self) -> Option<&T> {
                    self.0.as_ref().map(|located| &located.value)
                }

                /// Takes the value with its location.
                pub fn into_inner(self) -> Option<Located<T>> {
                    self.0
                }

                /// Returns the slot for the value, to merge several files.
                pub(crate) fn slot(&mut self) -> &mut Option<Located<T>> {
                    &mut self.0
                }
            }

            impl<T> $name<LenientList<T>> {
                /// Returns the items; none if the list is missing.
                pub(crate) fn into_items(self) -> Vec<T> {
                    self.0.map(|list| list.value.0).unwrap_or_default()
                }
            }
        )*
    };
}

fields! {
    /// The value of an optional key. `None` if the key is missing or `null`, or if its value does not fit, which the decoder
    /// reports. Needs `#[serde(default)]`.
    OptionalField;
    /// The value of a required key. `None` if its value does not fit, which the decoder reports, as it does `null`.
    RequiredField;
}

impl<T> From<Option<Located<T>>> for OptionalField<T> {
    fn from(value: Option<Located<T>>) -> Self {
        Self(value)
    }
}

impl<T> OptionalField<NamedEntries<T>> {
    /// Returns the entries; none if the table is missing.
    pub(crate) fn into_entries(self) -> Vec<(Located<SmolStr>, Option<T>)> {
        self.0.map(|entries| entries.value.0).unwrap_or_default()
    }
}

#[cfg(test)]
impl<T> From<Located<T>> for RequiredField<T> {
    fn from(value: Located<T>) -> Self {
        Self(Some(value))
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for OptionalField<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        lenient::<D, Option<Located<T>>>(deserializer).map(|value| Self(value.flatten()))
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for RequiredField<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        lenient::<D, Located<T>>(deserializer).map(Self)
    }
}

/// A part of a limit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Override<T> {
    /// Missing: the default applies.
    #[default]
    Default,
    /// `null`: no limit.
    Lifted,
    /// This value.
    Value(Located<T>),
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Override<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        lenient::<D, Option<Located<T>>>(deserializer).map(|value| match value {
            Some(Some(value)) => Self::Value(value),
            Some(None) => Self::Lifted,
            None => Self::Default,
        })
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

/// A list without the items that do not fit, which the decoder reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LenientList<T>(pub Vec<T>);

impl<T> Default for LenientList<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for LenientList<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ListVisitor<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for ListVisitor<T> {
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
                        // The decoder reported the item and continues with the next one.
                        Err(_) => {}
                    }
                }
            }
        }

        deserializer.deserialize_seq(ListVisitor(PhantomData))
    }
}

/// A map in the order written, with the locations of its keys. A value that does not fit is `None`, and the decoder reports
/// it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedEntries<T>(pub Vec<(Located<SmolStr>, Option<T>)>);

impl<T> Default for NamedEntries<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for NamedEntries<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct EntriesVisitor<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for EntriesVisitor<T> {
            type Value = NamedEntries<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<NamedEntries<T>, A::Error> {
                let mut named = Vec::new();
                while let Some(key) = entries.next_key()? {
                    // Keep the key of an invalid value, so that it is not reported as unknown.
                    named.push((key, entries.next_value().ok()));
                }
                Ok(NamedEntries(named))
            }
        }

        deserializer.deserialize_map(EntriesVisitor(PhantomData))
    }
}

macro_rules! schema_of_content {
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
schema_of_content!(Located, OptionalField, RequiredField);

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
