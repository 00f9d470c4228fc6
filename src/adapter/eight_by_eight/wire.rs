//! The vendor's JSON, as far as reseat reads it.
//!
//! Every field may be missing, and unknown fields are ignored. A PUT is never made from these types, because they would lose
//! unknown fields.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// The media type of users, with the version.
pub(super) const USERS: &str = "application/vnd.users.v1+json";
/// The media type of operations.
pub(super) const OPERATIONS: &str = "application/vnd.operations.v1+json";

/// The most users of a page; ten times the documented maximum.
const PAGE_USERS_MAX: usize = 10_000;

/// A JSON object. Derived types would also accept a list, field by field.
#[derive(Debug)]
pub(super) struct JsonObject<T>(pub(super) T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for JsonObject<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Fields<T> {
            type Value = T;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map))
            }
        }
        deserializer.deserialize_map(Fields(PhantomData)).map(Self)
    }
}

fn object<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<T, D::Error> {
    JsonObject::deserialize(deserializer).map(|object| object.0)
}

fn optional<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    Option::<JsonObject<T>>::deserialize(deserializer).map(|object| object.map(|object| object.0))
}

fn list<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<Vec<T>>, D::Error> {
    let list = Option::<Vec<JsonObject<T>>>::deserialize(deserializer)?;
    Ok(list.map(|list| list.into_iter().map(|object| object.0).collect()))
}

#[derive(Debug, Deserialize)]
pub(super) struct UserPage<'a> {
    #[serde(borrow, default)]
    pub(super) data: Option<RawUsers<'a>>,
    #[serde(default, deserialize_with = "optional")]
    pub(super) pagination: Option<Pagination>,
}

/// The users of a page, each unparsed, so that an invalid one does not affect the others.
#[derive(Debug)]
pub(super) struct RawUsers<'a>(pub(super) Vec<&'a RawValue>);

impl<'de: 'a, 'a> Deserialize<'de> for RawUsers<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct List;
        impl<'de> Visitor<'de> for List {
            type Value = RawUsers<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "a list of at most {PAGE_USERS_MAX} users")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<RawUsers<'de>, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = list.next_element()? {
                    if items.len() == PAGE_USERS_MAX {
                        return Err(serde::de::Error::invalid_length(PAGE_USERS_MAX + 1, &self));
                    }
                    items.push(item);
                }
                Ok(RawUsers(items))
            }
        }
        deserializer.deserialize_seq(List)
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Pagination {
    #[serde(default)]
    pub(super) has_more: Option<bool>,
    #[serde(default)]
    pub(super) next_scroll_id: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireUser {
    #[serde(deserialize_with = "object")]
    pub(super) basic_info: BasicInfo,
    #[serde(default, deserialize_with = "optional")]
    pub(super) service_info: Option<ServiceInfo>,
    #[serde(default, deserialize_with = "optional")]
    pub(super) assignment_info: Option<AssignmentInfo>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct BasicInfo {
    #[serde(default)]
    pub(super) user_id: Option<String>,
    #[serde(default)]
    pub(super) user_name: Option<String>,
    #[serde(default)]
    pub(super) primary_email: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct ServiceInfo {
    #[serde(default, deserialize_with = "list")]
    pub(super) licenses: Option<Vec<WireLicense>>,
}

/// A license unit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct WireLicense {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) country: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AssignmentInfo {
    #[serde(default, deserialize_with = "list")]
    pub(super) ring_groups: Option<Vec<GroupMember>>,
    #[serde(default, deserialize_with = "list")]
    pub(super) uc_call_queues: Option<Vec<GroupMember>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct GroupMember {
    #[serde(default)]
    pub(super) id: Option<String>,
    #[serde(default)]
    pub(super) member_type: Option<String>,
}

/// An operation in progress.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireOperation {
    #[serde(default)]
    pub(super) operation_id: Option<String>,
    #[serde(default)]
    pub(super) status: Option<String>,
    #[serde(default, deserialize_with = "optional")]
    pub(super) error: Option<ProblemDetails>,
}

/// The details of an error.
#[derive(Debug, Default, Deserialize)]
pub(super) struct ProblemDetails {
    #[serde(default)]
    pub(super) status: Option<u16>,
    #[serde(default)]
    pub(super) title: Option<String>,
    #[serde(default)]
    pub(super) detail: Option<String>,
    #[serde(default)]
    pub(super) message: Option<String>,
    #[serde(default, deserialize_with = "list")]
    pub(super) errors: Option<Vec<ProblemError>>,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct ProblemError {
    #[serde(default)]
    pub(super) field: Option<String>,
    #[serde(default)]
    pub(super) code: Option<String>,
    #[serde(default)]
    pub(super) message: Option<String>,
}
