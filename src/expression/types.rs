//! Static types of expressions.

use super::scope::{Field, FieldType, Variable};
use super::text_format::TextFormat;

/// The type of a part of an expression, as far as known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ValueType {
    /// Unknown; never an error.
    Any,
    Null,
    Bool,
    Number,
    Text,
    /// One of these texts.
    Enum(&'static [&'static str]),
    /// A text with that format.
    Formatted(TextFormat),
    Bytes,
    List(Box<ValueType>),
    Map,
    Variable(&'static Variable),
    /// A type as a value.
    TypeName,
    /// `null` or a value of that type.
    Nullable(Box<ValueType>),
}

impl ValueType {
    /// Returns the type of a declared field.
    pub(super) fn from_field(field: &Field) -> Self {
        let own = match field.field_type {
            FieldType::Any => return Self::Any,
            FieldType::Bool => Self::Bool,
            FieldType::Number => Self::Number,
            FieldType::Text => Self::Text,
            FieldType::Enum(words) => Self::Enum(words),
            FieldType::Formatted(form) => Self::Formatted(form),
            FieldType::ListOf(form) => Self::List(Box::new(Self::Formatted(form))),
            FieldType::TextList => Self::List(Box::new(Self::Text)),
            FieldType::TextMap => Self::Map,
        };
        if field.nullable { Self::Nullable(Box::new(own)) } else { own }
    }

    /// Returns the type without `null`.
    pub(super) fn non_null(&self) -> &Self {
        match self {
            Self::Nullable(own) => own,
            own => own,
        }
    }

    /// Returns whether the type is a text of any format.
    fn is_text(&self) -> bool {
        matches!(self, Self::Text | Self::Enum(_) | Self::Formatted(_))
    }

    /// Returns whether values of both types can be equal.
    pub(super) fn can_equal(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Any, _) | (_, Self::Any) => true,
            (Self::Nullable(_), Self::Null | Self::Nullable(_)) | (Self::Null, Self::Nullable(_)) => true,
            (Self::Nullable(own), other) | (other, Self::Nullable(own)) => own.can_equal(other),
            (one, other) if one.is_text() && other.is_text() => true,
            (Self::Map | Self::Variable(_), Self::Map | Self::Variable(_)) => true,
            (Self::List(a), Self::List(b)) => a.can_equal(b),
            (one, other) => one == other,
        }
    }

    /// Returns whether a value can be true or false.
    pub(super) fn may_be_bool(&self) -> bool {
        matches!(self.non_null(), Self::Any | Self::Bool)
    }

    /// Returns whether a value can be a text.
    pub(super) fn may_be_text(&self) -> bool {
        matches!(self.non_null(), Self::Any) || self.non_null().is_text()
    }

    /// Returns whether a value can be a number.
    pub(super) fn may_be_number(&self) -> bool {
        matches!(self.non_null(), Self::Any | Self::Number)
    }

    /// Returns a type that includes both.
    pub(super) fn union(self, other: Self) -> Self {
        match (self, other) {
            (one, other) if one == other => one,
            (Self::Null, Self::Any) | (Self::Any, Self::Null) => Self::Any,
            (Self::Null, own @ Self::Nullable(_)) | (own @ Self::Nullable(_), Self::Null) => own,
            (Self::Null, own) | (own, Self::Null) => Self::Nullable(Box::new(own)),
            (one, other) if one.is_text() && other.is_text() => Self::Text,
            _ => Self::Any,
        }
    }

    /// Returns the type of the items in a loop.
    pub(super) fn item_type(&self) -> Self {
        match self.non_null() {
            Self::List(item) => (**item).clone(),
            Self::Map | Self::Variable(_) => Self::Text,
            _ => Self::Any,
        }
    }

    /// Describes the type, with an article.
    pub(super) fn describe(&self) -> String {
        match self {
            Self::Any => "a value".to_owned(),
            Self::Null => "`null`".to_owned(),
            Self::Bool => "a Boolean".to_owned(),
            Self::Number => "a number".to_owned(),
            Self::Text | Self::Enum(_) | Self::Formatted(_) => "a text".to_owned(),
            Self::Bytes => "bytes".to_owned(),
            Self::List(_) => "a list".to_owned(),
            Self::Map => "a map".to_owned(),
            Self::Variable(record) => format!("the variable `{}`", record.name),
            Self::TypeName => "a type".to_owned(),
            Self::Nullable(own) => own.describe(),
        }
    }
}
