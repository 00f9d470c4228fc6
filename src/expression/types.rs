//! What is known of a value before there is one.

use super::form::Form;
use super::scope::{Field, Kind, Record};

/// The type of a part of an expression, as far as it can be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Type {
    /// Nobody knows; never a reason to complain.
    Any,
    Null,
    Truth,
    Number,
    Text,
    /// A text that is one of these words.
    Word(&'static [&'static str]),
    /// A text of that form.
    Formed(Form),
    Bytes,
    List(Box<Type>),
    Map,
    Record(&'static Record),
    /// The type of a value.
    Name,
    /// `null`, or that.
    OrNull(Box<Type>),
}

impl Type {
    /// The type of a declared field.
    pub(super) fn of_field(field: &Field) -> Self {
        let own = match field.kind {
            Kind::Any => return Self::Any,
            Kind::Truth => Self::Truth,
            Kind::Number => Self::Number,
            Kind::Text => Self::Text,
            Kind::Word(words) => Self::Word(words),
            Kind::Formed(form) => Self::Formed(form),
            Kind::ListOf(form) => Self::List(Box::new(Self::Formed(form))),
            Kind::Texts => Self::List(Box::new(Self::Text)),
            Kind::TextMap => Self::Map,
        };
        if field.nullable { Self::OrNull(Box::new(own)) } else { own }
    }

    /// The type without `null`.
    pub(super) fn given(&self) -> &Self {
        match self {
            Self::OrNull(own) => own,
            own => own,
        }
    }

    /// Whether it is a text, of whatever form.
    fn is_text(&self) -> bool {
        matches!(self, Self::Text | Self::Word(_) | Self::Formed(_))
    }

    /// Whether values of both can be equal.
    pub(super) fn meets(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Any, _) | (_, Self::Any) => true,
            (Self::OrNull(_), Self::Null | Self::OrNull(_)) | (Self::Null, Self::OrNull(_)) => true,
            (Self::OrNull(own), other) | (other, Self::OrNull(own)) => own.meets(other),
            (one, other) if one.is_text() && other.is_text() => true,
            (Self::Map | Self::Record(_), Self::Map | Self::Record(_)) => true,
            (Self::List(a), Self::List(b)) => a.meets(b),
            (one, other) => one == other,
        }
    }

    /// Whether it can be a truth value.
    pub(super) fn may_be_truth(&self) -> bool {
        matches!(self.given(), Self::Any | Self::Truth)
    }

    /// Whether it can be a text.
    pub(super) fn may_be_text(&self) -> bool {
        matches!(self.given(), Self::Any) || self.given().is_text()
    }

    /// Whether it can be a number.
    pub(super) fn may_be_number(&self) -> bool {
        matches!(self.given(), Self::Any | Self::Number)
    }

    /// What both are.
    pub(super) fn or(self, other: Self) -> Self {
        match (self, other) {
            (one, other) if one == other => one,
            (Self::Null, Self::Any) | (Self::Any, Self::Null) => Self::Any,
            (Self::Null, own @ Self::OrNull(_)) | (own @ Self::OrNull(_), Self::Null) => own,
            (Self::Null, own) | (own, Self::Null) => Self::OrNull(Box::new(own)),
            (one, other) if one.is_text() && other.is_text() => Self::Text,
            _ => Self::Any,
        }
    }

    /// The type of an item, where it is looped over.
    pub(super) fn item(&self) -> Self {
        match self.given() {
            Self::List(item) => (**item).clone(),
            Self::Map | Self::Record(_) => Self::Text,
            _ => Self::Any,
        }
    }

    /// It in words, with an article.
    pub(super) fn in_words(&self) -> String {
        match self {
            Self::Any => "a value".to_owned(),
            Self::Null => "`null`".to_owned(),
            Self::Truth => "a truth value".to_owned(),
            Self::Number => "a number".to_owned(),
            Self::Text | Self::Word(_) | Self::Formed(_) => "a text".to_owned(),
            Self::Bytes => "bytes".to_owned(),
            Self::List(_) => "a list".to_owned(),
            Self::Map => "a map".to_owned(),
            Self::Record(record) => format!("`{}` as a whole", record.name),
            Self::Name => "a type".to_owned(),
            Self::OrNull(own) => own.in_words(),
        }
    }
}
