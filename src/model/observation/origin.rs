//! Origins of accounts and holdings, which decide what reseat may change.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use smol_str::SmolStr;

use super::string_enum::StringEnumVisitor;

/// Declares an origin enum with fixed names and `group:NAME`.
macro_rules! origin {
    ($(#[$doc:meta])* $name:ident { $($(#[$word_doc:meta])* $variant:ident = $word:literal),* }, default $default:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $name {
            $($(#[$word_doc])* $variant,)*
            /// Inherited from the group with this name.
            Group(SmolStr),
        }

        impl Default for $name {
            fn default() -> Self {
                Self::$default
            }
        }

        impl $name {
            /// Parses the name in the format.
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
    /// The origin of an account.
    AccountOrigin {
        /// Managed here.
        Managed = "managed",
        /// Created at the vendor; only the vendor's own portal can change it.
        VendorLocal = "vendor-local"
    }, default Managed
}

origin! {
    /// The origin of a holding.
    HoldingOrigin {
        /// Assigned to this person; reseat may change it.
        Direct = "direct",
        /// Assigned automatically by the vendor.
        Auto = "auto",
        /// Derived from something else, such as a phone number.
        Derived = "derived"
    }, default Direct
}
