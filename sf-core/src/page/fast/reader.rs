//! The scanner as serde's data format. Each method calls the same method of the visitor as serde_json's does.
use super::{
    Declined,
    access::{Elements, Entries, RawEntry, Variant},
    scan::{Scanner, Text},
};
use crate::raw;
use serde::{
    Deserializer,
    de::{
        Visitor,
        value::{BorrowedStrDeserializer, StringDeserializer},
    },
};

impl<'de> Scanner<'de> {
    #[inline]
    pub(super) fn visit_string<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, Declined> {
        match self.string()? {
            Text::Plain(text) => visitor.visit_borrowed_str(text),
            Text::Unescaped(text) => visitor.visit_string(text),
        }
    }

    #[inline]
    fn visit_number<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, Declined> {
        let (text, short) = self.number()?;
        match (short, text.strip_prefix('-')) {
            (true, None) => visitor.visit_u64(decimal(text)),
            (true, Some(digits)) if digits != "0" => visitor.visit_i64(-(decimal(digits) as i64)),
            // Fractions, exponents and long ones: to the last bit as serde_json reads them.
            _ => from_json(text, |json| json.deserialize_any(visitor)),
        }
    }

    #[inline]
    fn visit_array<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, Declined> {
        self.open()?;
        let value = visitor.visit_seq(Elements::new(self))?;
        self.close(b']', value)
    }

    #[inline]
    fn visit_object<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, Declined> {
        self.open()?;
        let value = visitor.visit_map(Entries::new(self))?;
        self.close(b'}', value)
    }

    #[inline]
    pub(super) fn open(&mut self) -> Result<(), Declined> {
        self.skip();
        self.levels = self.levels.checked_sub(1).ok_or(Declined)?;
        Ok(())
    }

    #[inline]
    pub(super) fn close<T>(&mut self, end: u8, value: T) -> Result<T, Declined> {
        self.levels += 1;
        self.expect(end)?;
        Ok(value)
    }
}

/// At most 18 digits.
#[inline]
fn decimal(digits: &str) -> u64 {
    digits.bytes().fold(0, |value, digit| value * 10 + u64::from(digit - b'0'))
}

/// The whole of a text as serde_json reads it.
fn from_json<'de, T>(
    text: &'de str,
    read: impl FnOnce(&mut serde_json::Deserializer<serde_json::de::StrRead<'de>>) -> serde_json::Result<T>,
) -> Result<T, Declined> {
    let mut json = serde_json::Deserializer::from_str(text);
    let value = read(&mut json).map_err(|_| Declined)?;
    json.end().map_err(|_| Declined)?;
    Ok(value)
}

macro_rules! numbers {
    ($($method:ident)*) => { $(
        #[inline]
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Declined> {
            match self.peek() {
                Some(b'-' | b'0'..=b'9') => self.visit_number(visitor),
                _ => Err(Declined),
            }
        }
    )* };
}

/// Those that serde_json reads in ways of their own.
macro_rules! rare_numbers {
    ($($method:ident)*) => { $(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Declined> {
            match self.peek() {
                Some(b'-' | b'0'..=b'9') => from_json(self.number()?.0, |json| json.$method(visitor)),
                _ => Err(Declined),
            }
        }
    )* };
}

impl<'de> Deserializer<'de> for &mut Scanner<'de> {
    type Error = Declined;

    #[inline]
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Declined> {
        match self.peek().ok_or(Declined)? {
            b'"' => self.visit_string(visitor),
            b'-' | b'0'..=b'9' => self.visit_number(visitor),
            b'{' => self.visit_object(visitor),
            b'[' => self.visit_array(visitor),
            b'n' => {
                self.word("null")?;
                visitor.visit_unit()
            }
            _ => self.deserialize_bool(visitor),
        }
    }

    #[inline]
    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Declined> {
        match self.peek() {
            Some(b't') => {
                self.word("true")?;
                visitor.visit_bool(true)
            }
            _ => {
                self.word("false")?;
                visitor.visit_bool(false)
            }
        }
    }

    numbers! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_f64
    }
    rare_numbers! { deserialize_f32 deserialize_i128 deserialize_u128 }

    #[inline]
    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Declined> {
        match self.peek() {
            Some(b'"') => self.visit_string(visitor),
            _ => Err(Declined),
        }
    }

    #[inline]
    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Declined> {
        self.deserialize_str(visitor)
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Declined> {
        self.deserialize_str(visitor)
    }

    #[inline]
    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Declined> {
        self.deserialize_str(visitor)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Declined> {
        from_json(self.value()?, |json| json.deserialize_bytes(visitor))
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Declined> {
        self.deserialize_bytes(visitor)
    }

    #[inline]
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Declined> {
        match self.peek() {
            Some(b'n') => {
                self.word("null")?;
                visitor.visit_none()
            }
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Declined> {
        self.peek();
        self.word("null")?;
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Declined> {
        self.deserialize_unit(visitor)
    }

    #[inline]
    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Declined> {
        if name == raw::TOKEN {
            return visitor.visit_map(RawEntry::new(self.value()?));
        }
        visitor.visit_newtype_struct(self)
    }

    #[inline]
    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Declined> {
        match self.peek() {
            Some(b'[') => self.visit_array(visitor),
            _ => Err(Declined),
        }
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Declined> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Declined> {
        self.deserialize_seq(visitor)
    }

    #[inline]
    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Declined> {
        match self.peek() {
            Some(b'{') => self.visit_object(visitor),
            _ => Err(Declined),
        }
    }

    #[inline]
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Declined> {
        match self.peek() {
            Some(b'{') => self.visit_object(visitor),
            Some(b'[') => self.visit_array(visitor),
            _ => Err(Declined),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Declined> {
        match self.peek() {
            Some(b'"') => match self.string()? {
                Text::Plain(name) => visitor.visit_enum(BorrowedStrDeserializer::new(name)),
                Text::Unescaped(name) => visitor.visit_enum(StringDeserializer::new(name)),
            },
            Some(b'{') => {
                self.open()?;
                let value = visitor.visit_enum(Variant::new(self))?;
                self.close(b'}', value)
            }
            _ => Err(Declined),
        }
    }

    #[inline]
    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Declined> {
        self.value()?;
        visitor.visit_unit()
    }
}
