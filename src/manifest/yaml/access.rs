//! What the decoder gives to serde: items, entries, alternatives, places and pieces, one after the other.

use serde::de::value::{BorrowedStrDeserializer, SeqDeserializer, U32Deserializer};
use serde::de::{
    self, DeserializeSeed, Deserializer as _, EnumAccess, IntoDeserializer as _, MapAccess, SeqAccess, VariantAccess,
    Visitor,
};

use super::decode::{Decoder, Fault, Sink};
use super::node::{Node, Run, Value};
use super::tree::shown;
use crate::diagnostic::catalog::manifest as codes;
use crate::diagnostic::{Location, did_you_mean};

/// The items of a list; one that does not fit is reported, and the next call gives the next one.
pub(super) struct Items<'n> {
    pub(super) items: std::slice::Iter<'n, Node>,
    pub(super) sink: &'n Sink,
}

impl<'de, 'n: 'de> SeqAccess<'de> for Items<'n> {
    type Error = Fault;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Fault> {
        let Some(node) = self.items.next() else { return Ok(None) };
        let decoder = Decoder { node, sink: self.sink };
        decoder.placed(seed.deserialize(decoder)).map(Some)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.items.len())
    }
}

/// The entries of a map, or the known ones where the fields are given.
pub(super) struct Entries<'n> {
    pub(super) entries: std::slice::Iter<'n, (Node, Node)>,
    pub(super) value: Option<&'n Node>,
    pub(super) fields: Option<&'static [&'static str]>,
    pub(super) sink: &'n Sink,
}

impl<'de, 'n: 'de> MapAccess<'de> for Entries<'n> {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Fault> {
        for (key, value) in self.entries.by_ref() {
            let decoder = Decoder { node: key, sink: self.sink };
            let Ok(text) = decoder.text() else { continue };
            if let Some(fields) = self.fields
                && !fields.contains(&text)
            {
                let message = format!("unknown key `{}`", shown(text));
                self.sink.report(key.at, &codes::UNKNOWN_KEY, message, did_you_mean(text, fields));
                continue;
            }
            self.value = Some(value);
            return decoder.placed(seed.deserialize(decoder)).map(Some);
        }
        Ok(None)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Fault> {
        let Some(node) = self.value.take() else { return Err(de::Error::custom("a value without a key")) };
        let decoder = Decoder { node, sink: self.sink };
        decoder.placed(seed.deserialize(decoder))
    }
}

/// One of several alternatives: a word, or a key with what belongs to it.
pub(super) struct Choice<'n> {
    pub(super) word: Decoder<'n>,
    pub(super) value: Option<&'n Node>,
}

impl<'de, 'n: 'de> EnumAccess<'de> for Choice<'n> {
    type Error = Fault;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Fault> {
        seed.deserialize(self.word).map(|value| (value, self))
    }
}

impl<'n> Choice<'n> {
    fn value(&self) -> Result<Decoder<'n>, Fault> {
        match self.value {
            Some(node) => Ok(Decoder { node, sink: self.word.sink }),
            None => {
                let text = self.word.text()?;
                let help = Some(format!("write `{{ {text}: ... }}`"));
                let message = format!("`{text}` needs a value");
                Err(self.word.sink.report(self.word.node.at, &codes::WRONG_TYPE, message, help))
            }
        }
    }
}

impl<'de, 'n: 'de> VariantAccess<'de> for Choice<'n> {
    type Error = Fault;

    fn unit_variant(self) -> Result<(), Fault> {
        match self.value {
            None => Ok(()),
            Some(node) => Err(Decoder { node, sink: self.word.sink }.wrong("nothing")),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Fault> {
        let decoder = self.value()?;
        decoder.placed(seed.deserialize(decoder))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Fault> {
        self.value()?.deserialize_seq(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(self, fields: &'static [&'static str], visitor: V) -> Result<V::Value, Fault> {
        self.value()?.deserialize_struct("", fields, visitor)
    }
}

/// A value followed by its place: file, line, column and length.
pub(super) struct Placed<'n> {
    pub(super) decoder: Decoder<'n>,
    pub(super) given: u8,
}

impl<'de, 'n: 'de> SeqAccess<'de> for Placed<'n> {
    type Error = Fault;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Fault> {
        let at = self.decoder.node.at;
        let number = match self.given {
            0 => None,
            1 => Some(at.file.0),
            2 => Some(at.line),
            3 => Some(at.column),
            4 => Some(at.length),
            _ => return Ok(None),
        };
        self.given += 1;
        match number {
            None => self.decoder.placed(seed.deserialize(self.decoder)).map(Some),
            Some(number) => seed.deserialize(number.into_deserializer()).map(Some),
        }
    }
}

/// The pieces of a list of people: single items as text and place, runs as numbers only.
pub(super) struct Pieces<'n> {
    pub(super) items: std::slice::Iter<'n, Node>,
    pub(super) sink: &'n Sink,
}

impl<'de, 'n: 'de> SeqAccess<'de> for Pieces<'n> {
    type Error = Fault;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Fault> {
        for node in self.items.by_ref() {
            let at = |at: Location| [at.file.0, at.line, at.column, at.length];
            let (text, numbers) = match &node.value {
                Value::Run(Run { start, end, count, at: first }) => {
                    ("", [&at(*first)[..], &[*start, *end, *count]].concat())
                }
                _ => match (Decoder { node, sink: self.sink }).text() {
                    Ok(text) => (text, at(node.at).to_vec()),
                    Err(_) => continue,
                },
            };
            let piece = Piece { text: Some(text), numbers: numbers.into_iter() };
            return seed.deserialize(de::value::SeqAccessDeserializer::new(piece)).map(Some);
        }
        Ok(None)
    }
}

struct Piece<'n> {
    text: Option<&'n str>,
    numbers: std::vec::IntoIter<u32>,
}

impl<'de, 'n: 'de> SeqAccess<'de> for Piece<'n> {
    type Error = Fault;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Fault> {
        if let Some(text) = self.text.take() {
            return seed.deserialize(BorrowedStrDeserializer::new(text)).map(Some);
        }
        let mut rest = SeqDeserializer::<_, Fault>::new(self.numbers.by_ref().take(1).map(number));
        rest.next_element_seed(seed)
    }
}

fn number(number: u32) -> U32Deserializer<Fault> {
    number.into_deserializer()
}
