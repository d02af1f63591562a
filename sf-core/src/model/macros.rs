//! The macro that declares a model, and what its expansion calls.
use super::{ColumnType, Extra};
use crate::{Delivery, ErrorKind, Failure, Field, FieldName, Fields, Value};
use serde::{
    Deserializer, Serialize,
    de::{DeserializeSeed, Visitor},
};
use std::{fmt, marker::PhantomData};

/// Declares a model: a struct with an `id`, a [`Field`](crate::Field) for each column, and everything else in
/// `extra`.
///
/// A line is `rust_name / CONSTANT: Type = "API_Name__c" flags`. The constant is a [`Column`](crate::Column), for
/// queries. The type is a [`ColumnType`](crate::ColumnType). The flags are methods of `Column`: `system` (kept by
/// Salesforce, no write sends it; formula fields too), `create_only`, `update_only`, `long_text`. A `children`
/// block names child relationships, read with the method of that name.
///
/// Answers are read without regard to the case of the names. Unknown fields and their digits go to `extra`.
///
/// ```
/// use sf_core::{Field, Number, Operation, SObject, SfId, sobject};
///
/// sobject! {
///     /// A customer success plan.
///     pub struct Plan: "CX_Plan__c" {
///         name / NAME: String = "Name",
///         score / SCORE: Number = "Score__c",
///         account / ACCOUNT: SfId = "Account__c" create_only,
///         health / HEALTH: String = "Health__c" system,
///     }
///     children { STEPS: Step = "Steps__r" }
/// }
/// sobject! {
///     /// A step of a plan.
///     pub struct Step: "CX_Step__c" { name / NAME: String = "Name" }
/// }
///
/// let plan: Plan = serde_json::from_str(
///     r#"{"attributes":{"type":"CX_Plan__c"},"Name":"Grow","Score__c":1.0E7,"Health__c":"Red","Tier__c":null,
///         "Steps__r":{"totalSize":1,"done":true,"records":[{"attributes":{"type":"CX_Step__c"},"Name":"Call"}]}}"#,
/// ).unwrap();
/// assert_eq!(plan.score.value(), Some(&Number::from(10_000_000)));
/// assert_eq!(plan.account, Field::Absent);
/// assert_eq!(plan.children(Plan::STEPS)?.rows[0].name, Field::from("Call"));
/// // What can be sent back:
/// let fields = plan.writable(Operation::Update)?;
/// assert_eq!(serde_json::to_string(&fields).unwrap(), r#"{"Name":"Grow","Score__c":1.0E7,"Tier__c":null}"#);
/// # Ok::<(), sf_core::Failure>(())
/// ```
#[macro_export]
macro_rules! sobject {
    (
        $(#[$meta:meta])*
        $vis:vis struct $Name:ident : $object:literal {
            $(
                $(#[$field_meta:meta])*
                $field:ident / $CONST:ident : $Type:ty = $api:literal $($flag:ident)*
            ),* $(,)?
        }
        $(children {
            $($(#[$child_meta:meta])* $CHILDREN:ident : $Child:ty = $relationship:literal),* $(,)?
        })?
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Default, PartialEq)]
        $vis struct $Name {
            /// The row's id.
            pub id: $crate::Field<$crate::SfId>,
            $(
                #[doc = concat!("`", $api, "`.")]
                $(#[$field_meta])*
                pub $field: $crate::Field<$Type>,
            )*
            /// What the row has beyond these.
            pub extra: $crate::Extra,
        }

        #[allow(dead_code)]
        impl $Name {
            /// The column `Id`.
            pub const ID: $crate::Column = $crate::Column::new("Id", $crate::FieldKind::Reference).system();
            $(
                #[doc = concat!("The column `", $api, "`.")]
                pub const $CONST: $crate::Column =
                    $crate::Column::new($api, <$Type as $crate::ColumnType>::KIND)$(.$flag())*;
            )*
            $($(
                #[doc = concat!("The child relationship `", $relationship, "`.")]
                $(#[$child_meta])*
                pub const $CHILDREN: $crate::ChildRelationship<$Child> =
                    $crate::ChildRelationship::new($relationship);
            )*)?

            /// The rows of a child subquery; none when it was not asked for.
            ///
            /// # Errors
            /// When they are not of the model's type.
            pub fn children<C: $crate::__macro::serde::de::DeserializeOwned>(
                &self,
                relationship: $crate::ChildRelationship<C>,
            ) -> ::std::result::Result<$crate::Children<C>, $crate::Failure> {
                self.extra.children(relationship)
            }
        }

        impl $crate::SObject for $Name {
            const OBJECT: $crate::ObjectName = $crate::ObjectName::from_static($object);
            const COLUMNS: &'static [$crate::Column] = &[$Name::ID, $($Name::$CONST),*];

            fn id(&self) -> ::std::option::Option<$crate::SfId> {
                self.id.value().copied()
            }

            fn writable(
                &self,
                operation: $crate::Operation,
            ) -> ::std::result::Result<$crate::Fields, $crate::Failure> {
                let mut fields = ::std::vec::Vec::new();
                $(
                    if $Name::$CONST.is_writable(operation) && !self.$field.is_absent() {
                        fields.push(($Name::$CONST.name(), $crate::__macro::value_of($api, &self.$field)?));
                    }
                )*
                $crate::__macro::writable(fields, &self.extra)
            }

            fn is_columns_only(&self) -> bool {
                !self.extra.has_writable()
            }

            fn write_columns(&self, operation: $crate::Operation, row: &mut $crate::__macro::RowWriter<'_>) {
                $(
                    if $Name::$CONST.is_writable(operation) {
                        row.column($api, &self.$field);
                    }
                )*
            }
        }

        const _: () = {
            use $crate::__macro::serde::{self, de, ser::SerializeMap as _};
            use ::std::{borrow::Cow, fmt, result::Result};

            impl serde::Serialize for $Name {
                fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                    let mut map = serializer.serialize_map(::std::option::Option::None)?;
                    if !self.id.is_absent() {
                        map.serialize_entry("Id", &self.id)?;
                    }
                    $(
                        if !self.$field.is_absent() {
                            map.serialize_entry($api, &self.$field)?;
                        }
                    )*
                    for (name, json) in self.extra.iter() {
                        map.serialize_entry(name, json)?;
                    }
                    map.end()
                }
            }

            // A key is turned into one of these once, so that a row is one jump table and no key is allocated.
            #[allow(non_camel_case_types, clippy::upper_case_acronyms)]
            #[derive(Clone, Copy)]
            enum Key {
                __Attributes,
                ID,
                $($CONST,)*
                __Other,
            }
            const KEYS: &[(&str, Key)] = &[("attributes", Key::__Attributes), ("Id", Key::ID), $(($api, Key::$CONST)),*];

            fn any_order(name: &str) -> Key {
                match name {
                    "attributes" => Key::__Attributes,
                    "Id" => Key::ID,
                    $($api => Key::$CONST,)*
                    _ => KEYS.iter().find(|key| key.0.eq_ignore_ascii_case(name)).map_or(Key::__Other, |key| key.1),
                }
            }

            // Rows come in the order of the query, which mostly is the model's: the next key is a good guess.
            struct KeySeed<'s, 'de> {
                guess: &'s mut Key,
                other: &'s mut Cow<'de, str>,
            }
            impl<'de> KeySeed<'_, 'de> {
                #[inline]
                fn find(&mut self, name: &str) -> Key {
                    let guessed = match *self.guess {
                        Key::__Attributes => name == "attributes",
                        Key::ID => name == "Id",
                        $(Key::$CONST => name == $api,)*
                        Key::__Other => false,
                    };
                    let key = if guessed { *self.guess } else { any_order(name) };
                    *self.guess = KEYS.get(key as usize + 1).map_or(Key::__Other, |next| next.1);
                    key
                }
            }
            impl<'de> de::DeserializeSeed<'de> for KeySeed<'_, 'de> {
                type Value = Key;
                #[inline]
                fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Key, D::Error> {
                    deserializer.deserialize_identifier(self)
                }
            }
            impl<'de> de::Visitor<'de> for KeySeed<'_, 'de> {
                type Value = Key;
                fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.write_str("a field name")
                }
                #[inline]
                fn visit_borrowed_str<E>(mut self, name: &'de str) -> Result<Key, E> {
                    let key = self.find(name);
                    if let Key::__Other = key {
                        *self.other = Cow::Borrowed(name);
                    }
                    Ok(key)
                }
                fn visit_str<E>(mut self, name: &str) -> Result<Key, E> {
                    let key = self.find(name);
                    if let Key::__Other = key {
                        *self.other = Cow::Owned(name.into());
                    }
                    Ok(key)
                }
            }

            impl<'de> serde::Deserialize<'de> for $Name {
                fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    struct RowVisitor;
                    impl<'de> de::Visitor<'de> for RowVisitor {
                        type Value = $Name;
                        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                            f.write_str(concat!("a row of ", $object))
                        }
                        fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<$Name, A::Error> {
                            let mut row = <$Name as ::std::default::Default>::default();
                            let (mut guess, mut other) = (Key::__Attributes, Cow::Borrowed(""));
                            while let ::std::option::Option::Some(key) =
                                map.next_key_seed(KeySeed { guess: &mut guess, other: &mut other })?
                            {
                                match key {
                                    Key::__Attributes => {
                                        map.next_value::<de::IgnoredAny>()?;
                                    }
                                    Key::ID => row.id = map.next_value()?,
                                    $(
                                        Key::$CONST => {
                                            row.$field =
                                                map.next_value_seed($crate::__macro::ColumnSeed::<$Type>::NEW)?;
                                        }
                                    )*
                                    Key::__Other => row.extra.push(&other, map.next_value()?),
                                }
                            }
                            Ok(row)
                        }
                    }
                    deserializer.deserialize_map(RowVisitor)
                }
            }
        };
    };
}

/// Reads a column by its type's own reader.
#[derive(Debug)]
pub struct ColumnSeed<T>(PhantomData<T>);

impl<T> ColumnSeed<T> {
    #[allow(missing_docs)]
    pub const NEW: ColumnSeed<T> = ColumnSeed(PhantomData);
}

impl<'de, T: ColumnType> DeserializeSeed<'de> for ColumnSeed<T> {
    type Value = Field<T>;
    #[inline]
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Field<T>, D::Error> {
        deserializer.deserialize_option(self)
    }
}

impl<'de, T: ColumnType> Visitor<'de> for ColumnSeed<T> {
    type Value = Field<T>;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a field value")
    }
    #[inline]
    fn visit_none<E>(self) -> Result<Field<T>, E> {
        Ok(Field::Null)
    }
    #[inline]
    fn visit_unit<E>(self) -> Result<Field<T>, E> {
        Ok(Field::Null)
    }
    #[inline]
    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Field<T>, D::Error> {
        T::read(deserializer).map(Field::Value)
    }
}

/// A column's value for a write.
pub fn value_of<T: Serialize>(name: &str, field: &Field<T>) -> Result<Value, Failure> {
    Value::of(field).map_err(|error| {
        let message = format!("{name} cannot be written: {error}");
        Failure::new(ErrorKind::InvalidInput, Delivery::NotSent, message)
    })
}

/// Columns and what can be sent of the rest.
pub fn writable(columns: Vec<(FieldName, Value)>, extra: &Extra) -> Result<Fields, Failure> {
    let mut fields: Fields = columns.into_iter().collect();
    extra.writable(&mut fields)?;
    Ok(fields)
}
