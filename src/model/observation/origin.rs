//! Where accounts and holdings come from, which decides what is ours to change.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use smol_str::SmolStr;

use super::string_enum::StringEnumVisitor;

/// Declares an origin: fixed words, and `group:NAME`.
macro_rules! origin {
    ($(#[$doc:meta])* $name:ident { $($(#[$word_doc:meta])* $variant:ident = $word:literal),* }, default $default:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $name {
            $($(#[$word_doc])* $variant,)*
            /// Through the group of that name; the group would have to be changed instead.
            Group(SmolStr),
        }

        impl Default for $name {
            fn default() -> Self {
                Self::$default
            }
        }

        impl $name {
            /// The origin of that text, if it is one.
            pub fn parse(text: &str) -> Option<Self> {
                match text {
                    $($word => Some(Self::$variant),)*
                    _ => text
                        .strip_prefix("group:")
                        .filter(|group| !group.is_empty())
                        .map(|group| Self::Group(SmolStr::new(group))),
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                match self {
                    $(Self::$variant => f.write_str($word),)*
                    Self::Group(group) => write!(f, "group:{group}"),
                }
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let expected = concat!($("`", $word, "`, ",)* "or `group:NAME`");
                deserializer.deserialize_str(StringEnumVisitor(expected, Self::parse))
            }
        }

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "string", "pattern": concat!("^(", $($word, "|",)* "group:.+)$") })
            }
        }
    };
}

origin! {
    /// Whether an account may be changed here.
    AccountOrigin {
        /// It may.
        Managed = "managed",
        /// It was made at the vendor, and only the vendor's own portal changes it.
        VendorLocal = "vendor-local"
    }, default Managed
}

origin! {
    /// Where a holding comes from.
    HoldingOrigin {
        /// Given to this person: ours to change.
        Direct = "direct",
        /// The vendor gives it by a rule of its own.
        Auto = "auto",
        /// It follows something else, such as a phone number.
        Derived = "derived"
    }, default Direct
}
