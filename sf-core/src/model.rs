use crate::{Children, Failure, Field, FieldKind, FieldName, FieldPath, ObjectName, SfId, Value};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::value::RawValue;
use std::marker::PhantomData;

/// A type that is a row of one object. `sobject!` writes the implementation; serde plus these lines do too.
pub trait SObject: Serialize + DeserializeOwned + Default + Send + Sync + 'static {
    const OBJECT: ObjectName;
    /// What a query selects when it names no field.
    const COLUMNS: &'static [Column];
    fn id(&self) -> Option<SfId>;
}

/// A field of a model, known at compile time. `Copy`, so that `[Account::ID, Account::NAME]` is an array.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    name: &'static str,
    kind: FieldKind,
    system: bool,
}
impl Column {
    pub const fn new(name: &'static str, kind: FieldKind) -> Column {
        assert!(crate::name::valid(name, false), "not a Salesforce API name");
        Column { name, kind, system: false }
    }
    /// Kept by Salesforce; `update` leaves it out.
    pub const fn system(mut self) -> Column {
        self.system = true;
        self
    }
    pub fn name(&self) -> FieldName {
        FieldName::from_static(self.name)
    }
    pub fn kind(&self) -> FieldKind {
        self.kind
    }
    pub fn is_system(&self) -> bool {
        self.system
    }
}
impl From<Column> for FieldName {
    fn from(c: Column) -> FieldName {
        c.name()
    }
}
impl From<Column> for FieldPath {
    fn from(c: Column) -> FieldPath {
        c.name().into()
    }
}

/// A child relationship of a model: its name and the type of its rows.
#[derive(Debug)]
pub struct ChildRelationship<C> {
    name: &'static str,
    rows: PhantomData<fn() -> C>,
}
impl<C> Clone for ChildRelationship<C> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<C> Copy for ChildRelationship<C> {}
impl<C> ChildRelationship<C> {
    pub const fn new(name: &'static str) -> Self {
        ChildRelationship { name, rows: PhantomData }
    }
    pub fn name(&self) -> ObjectName {
        ObjectName::from_static(self.name)
    }
}

/// Everything a model has no field for: custom fields, parents, child rows. Digits and order kept.
#[derive(Debug, Clone, Default)]
pub struct Extra(pub(crate) Vec<(String, Box<RawValue>)>);
impl Extra {
    pub fn get<T: DeserializeOwned>(&self, _name: &str) -> Result<Field<T>, Failure> {
        todo!()
    }
    pub fn children<C: DeserializeOwned>(&self, _r: ChildRelationship<C>) -> Result<Children<C>, Failure> {
        todo!()
    }
    pub fn set(&mut self, _field: impl Into<FieldName>, _value: impl Into<Value>) {
        todo!()
    }
    #[doc(hidden)]
    pub fn push(&mut self, k: &str, v: Box<RawValue>) {
        if k != "attributes" {
            self.0.push((k.into(), v));
        }
    }
    #[doc(hidden)]
    pub fn iter(&self) -> impl Iterator<Item = (&str, &RawValue)> {
        self.0.iter().map(|(k, v)| (k.as_str(), v.as_ref()))
    }
}

#[doc(hidden)]
pub trait ColumnType {
    const KIND: FieldKind;
}
macro_rules! kinds { ($($t:ty => $k:ident,)*) => { $(impl ColumnType for $t { const KIND: FieldKind = FieldKind::$k; })* } }
kinds! { String => Text, bool => Boolean, i64 => Integer, crate::Number => Number, chrono::NaiveDate => Date, crate::Timestamp => DateTime, SfId => Reference, crate::models::Industry => Picklist, }

/// Declares a model: every field a [`Field`], an `id`, the rest in `extra`.
#[macro_export]
macro_rules! sobject {
    ($(#[$m:meta])* $vis:vis struct $Name:ident : $object:literal {
        $($(#[$fm:meta])* $field:ident / $CONST:ident : $ty:ty = $api:literal $($system:ident)?),* $(,)?
    } $(children { $($REL:ident : $Child:ty = $rel:literal),* $(,)? })?) => {
        $(#[$m])*
        #[derive(Debug, Clone, Default)]
        $vis struct $Name {
            pub id: $crate::Field<$crate::SfId>,
            $($(#[$fm])* pub $field: $crate::Field<$ty>,)*
            pub extra: $crate::Extra,
        }
        #[allow(missing_docs, dead_code)]
        impl $Name {
            pub const ID: $crate::Column = $crate::Column::new("Id", $crate::FieldKind::Reference).system();
            $(pub const $CONST: $crate::Column = $crate::Column::new($api, <$ty as $crate::__ColumnType>::KIND)$(.$system())?;)*
            $($(pub const $REL: $crate::ChildRelationship<$Child> = $crate::ChildRelationship::new($rel);)*)?
            /// Child rows that the query asked for.
            pub fn children<C: $crate::__macro::serde::de::DeserializeOwned>(&self, r: $crate::ChildRelationship<C>) -> Result<$crate::Children<C>, $crate::Failure> { self.extra.children(r) }
        }
        impl $crate::SObject for $Name {
            const OBJECT: $crate::ObjectName = $crate::ObjectName::from_static($object);
            const COLUMNS: &'static [$crate::Column] = &[$Name::ID, $($Name::$CONST),*];
            fn id(&self) -> Option<$crate::SfId> { self.id.value().copied() }
        }
        const _: () = {
            use $crate::__macro::serde::{self, de::{MapAccess, Visitor}, ser::SerializeMap};
            impl serde::Serialize for $Name {
                fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                    let mut m = s.serialize_map(None)?;
                    if !self.id.is_absent() { m.serialize_entry("Id", &self.id)?; }
                    $(if !self.$field.is_absent() { m.serialize_entry($api, &self.$field)?; })*
                    for (k, v) in self.extra.iter() { m.serialize_entry(k, v)?; }
                    m.end()
                }
            }
            impl<'de> serde::Deserialize<'de> for $Name {
                fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                    struct V;
                    impl<'de> Visitor<'de> for V {
                        type Value = $Name;
                        fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result { f.write_str(concat!("a row of ", $object)) }
                        fn visit_map<A: MapAccess<'de>>(self, mut m: A) -> Result<$Name, A::Error> {
                            let mut row = $Name::default();
                            while let Some(k) = m.next_key::<$crate::__Key>()? {
                                match k.as_str() {
                                    "Id" => row.id = m.next_value()?,
                                    $($api => row.$field = m.next_value()?,)*
                                    "attributes" => { m.next_value::<serde::de::IgnoredAny>()?; }
                                    other => { let v = m.next_value()?; row.extra.push(other, v); }
                                }
                            }
                            Ok(row)
                        }
                    }
                    d.deserialize_map(V)
                }
            }
        };
    };
}
/// A key, borrowed when it can be.
#[doc(hidden)]
pub struct Key<'a>(std::borrow::Cow<'a, str>);
impl Key<'_> {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
impl<'de: 'a, 'a> serde::Deserialize<'de> for Key<'a> {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct V;
        impl<'de> serde::de::Visitor<'de> for V {
            type Value = Key<'de>;
            fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
                f.write_str("a key")
            }
            fn visit_borrowed_str<E>(self, s: &'de str) -> Result<Key<'de>, E> {
                Ok(Key(s.into()))
            }
            fn visit_str<E>(self, s: &str) -> Result<Key<'de>, E> {
                Ok(Key(s.to_owned().into()))
            }
        }
        d.deserialize_str(V)
    }
}
