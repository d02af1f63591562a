//! What is inside arrays and objects.
use super::{Declined, scan::Scanner};
use crate::raw;
use serde::{
    Deserializer,
    de::{
        DeserializeSeed, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor,
        value::BorrowedStrDeserializer,
    },
    forward_to_deserialize_any,
};

/// The elements of an array, whose bracket is taken.
pub(super) struct Elements<'s, 'de> {
    scanner: &'s mut Scanner<'de>,
    first: bool,
}

impl<'s, 'de> Elements<'s, 'de> {
    pub(super) fn new(scanner: &'s mut Scanner<'de>) -> Self {
        Elements { scanner, first: true }
    }
}

impl<'de> SeqAccess<'de> for Elements<'_, 'de> {
    type Error = Declined;

    #[inline]
    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Declined> {
        if self.scanner.peek() == Some(b']') {
            return Ok(None);
        }
        if !self.first {
            self.scanner.expect(b',')?;
            if self.scanner.peek() == Some(b']') {
                return Err(self.scanner.broken());
            }
        }
        self.first = false;
        seed.deserialize(&mut *self.scanner).map(Some)
    }
}

/// The entries of an object, whose brace is taken.
pub(super) struct Entries<'s, 'de> {
    scanner: &'s mut Scanner<'de>,
    first: bool,
}

impl<'s, 'de> Entries<'s, 'de> {
    pub(super) fn new(scanner: &'s mut Scanner<'de>) -> Self {
        Entries { scanner, first: true }
    }
}

impl<'de> MapAccess<'de> for Entries<'_, 'de> {
    type Error = Declined;

    #[inline]
    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Declined> {
        match self.scanner.peek() {
            Some(b'}') => return Ok(None),
            Some(b',') if !self.first => {
                self.scanner.skip();
                if self.scanner.peek() != Some(b'"') {
                    return Err(Declined);
                }
            }
            Some(b'"') if self.first => {}
            _ => return Err(Declined),
        }
        self.first = false;
        seed.deserialize(EntryKey(self.scanner)).map(Some)
    }

    #[inline]
    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Declined> {
        self.scanner.expect(b':')?;
        seed.deserialize(&mut *self.scanner)
    }
}

/// A key, of which the quote has been seen. Keys that are to be numbers or the like are serde_json's.
struct EntryKey<'s, 'de>(&'s mut Scanner<'de>);

macro_rules! declined_keys {
    ($($method:ident)*) => { $(
        fn $method<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Declined> {
            Err(Declined)
        }
    )* };
}

impl<'de> Deserializer<'de> for EntryKey<'_, 'de> {
    type Error = Declined;

    #[inline]
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Declined> {
        self.0.visit_string(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Declined> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Declined> {
        if name == raw::TOKEN {
            return Err(Declined);
        }
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Declined> {
        self.0.deserialize_enum(name, variants, visitor)
    }

    declined_keys! {
        deserialize_bool deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128 deserialize_f32
        deserialize_f64 deserialize_bytes deserialize_byte_buf
    }

    forward_to_deserialize_any! {
        char str string unit unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

/// The one entry of an object that stands for a variant with content; its brace is taken.
pub(super) struct Variant<'s, 'de>(&'s mut Scanner<'de>);

impl<'s, 'de> Variant<'s, 'de> {
    pub(super) fn new(scanner: &'s mut Scanner<'de>) -> Self {
        Variant(scanner)
    }
}

impl<'de> EnumAccess<'de> for Variant<'_, 'de> {
    type Error = Declined;
    type Variant = Self;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self), Declined> {
        let name = seed.deserialize(&mut *self.0)?;
        self.0.expect(b':')?;
        Ok((name, self))
    }
}

impl<'de> VariantAccess<'de> for Variant<'_, 'de> {
    type Error = Declined;

    fn unit_variant(self) -> Result<(), Declined> {
        serde::Deserialize::deserialize(self.0)
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, Declined> {
        seed.deserialize(self.0)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Declined> {
        self.0.deserialize_seq(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Declined> {
        self.0.deserialize_struct("", fields, visitor)
    }
}

/// The text of a value as serde_json's raw values want it: an object with one entry of a private name.
pub(super) struct RawEntry<'de>(Option<&'de str>);

impl<'de> RawEntry<'de> {
    pub(super) fn new(text: &'de str) -> Self {
        RawEntry(Some(text))
    }
}

impl<'de> MapAccess<'de> for RawEntry<'de> {
    type Error = Declined;

    #[inline]
    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Declined> {
        match self.0 {
            Some(_) => seed.deserialize(BorrowedStrDeserializer::new(raw::TOKEN)).map(Some),
            None => Ok(None),
        }
    }

    #[inline]
    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Declined> {
        seed.deserialize(BorrowedStrDeserializer::new(self.0.take().ok_or(Declined)?))
    }
}
