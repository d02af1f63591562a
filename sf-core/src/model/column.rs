//! Columns and child relationships of a model.
use crate::{
    FieldKind, FieldName, FieldPath, Number, ObjectName, Operation, SfId, Timestamp, protocol::bulk::CsvCell,
};
use chrono::Datelike;
use serde::{Deserializer, Serialize, de::DeserializeOwned};
use std::{fmt, marker::PhantomData};

/// A field of a model, known at compile time. `Copy`, so that `[Account::ID, Account::NAME]` is an array.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    name: &'static str,
    kind: FieldKind,
    access: Access,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Access {
    Free,
    CreateOnly,
    UpdateOnly,
    System,
}

impl Column {
    /// A column that can be read and written.
    ///
    /// # Panics
    /// When the name is no API name; in a const context it then does not compile.
    pub const fn new(name: &'static str, kind: FieldKind) -> Column {
        assert!(crate::name::valid(name, false), "not a Salesforce API name");
        Column { name, kind, access: Access::Free }
    }

    /// Kept by Salesforce: no write sends it.
    #[must_use]
    pub const fn system(mut self) -> Column {
        self.access = Access::System;
        self
    }

    /// Can be given to a new row only; an update leaves it out.
    #[must_use]
    pub const fn create_only(mut self) -> Column {
        self.access = Access::CreateOnly;
        self
    }

    /// Cannot be given to a new row; an insert leaves it out.
    #[must_use]
    pub const fn update_only(mut self) -> Column {
        self.access = Access::UpdateOnly;
        self
    }

    /// Text of more than 255 characters, which cannot be filtered or sorted.
    #[must_use]
    pub const fn long_text(mut self) -> Column {
        self.kind = FieldKind::LongText;
        self
    }

    /// The API name.
    pub const fn name(&self) -> FieldName {
        FieldName::checked(self.name)
    }

    pub(crate) const fn name_str(&self) -> &'static str {
        self.name
    }

    /// The family of its type.
    pub const fn kind(&self) -> FieldKind {
        self.kind
    }

    /// Whether Salesforce keeps it.
    pub const fn is_system(&self) -> bool {
        matches!(self.access, Access::System)
    }

    /// Whether the operation sends it.
    pub const fn is_writable(&self, operation: Operation) -> bool {
        match self.access {
            Access::Free => true,
            Access::CreateOnly => !matches!(operation, Operation::Update),
            Access::UpdateOnly => !matches!(operation, Operation::Insert),
            Access::System => false,
        }
    }
}

impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name)
    }
}

impl From<Column> for FieldName {
    fn from(column: Column) -> FieldName {
        column.name()
    }
}

impl From<Column> for FieldPath {
    fn from(column: Column) -> FieldPath {
        column.name().into()
    }
}

/// A child relationship of a model: its name and the type of its rows.
pub struct ChildRelationship<C> {
    name: &'static str,
    rows: PhantomData<fn() -> C>,
}

impl<C> ChildRelationship<C> {
    /// A relationship by its name as describe gives it (`Opportunities`, `CX_Plans__r`).
    ///
    /// # Panics
    /// When the name is no API name; in a const context it then does not compile.
    pub const fn new(name: &'static str) -> Self {
        assert!(crate::name::valid(name, false), "not a Salesforce API name");
        ChildRelationship { name, rows: PhantomData }
    }

    /// The relationship's name.
    pub const fn name(&self) -> ObjectName {
        ObjectName::checked(self.name)
    }
}

impl<C> Clone for ChildRelationship<C> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<C> Copy for ChildRelationship<C> {}

impl<C> fmt::Debug for ChildRelationship<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ChildRelationship").field(&self.name).finish()
    }
}

/// A Rust type that a column of a model can have. [`picklist!`](crate::picklist) implements it for an open enum.
pub trait ColumnType: Serialize + DeserializeOwned {
    /// The family of field types that it stands for.
    const KIND: FieldKind;

    /// Reads a value that is not null; for types whose serde is slow.
    #[doc(hidden)]
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::deserialize(deserializer)
    }

    /// Writes a value into a cell of CSV; for types that need no detour over JSON.
    #[doc(hidden)]
    fn csv(&self, cell: &mut CsvCell<'_>) {
        cell.json(self);
    }
}

macro_rules! column_types {
    ($($Type:ty => $Kind:ident, $csv:expr;)*) => { $(
        impl ColumnType for $Type {
            const KIND: FieldKind = FieldKind::$Kind;
            #[inline]
            fn csv(&self, cell: &mut CsvCell<'_>) {
                let write: fn(&$Type, &mut CsvCell<'_>) = $csv;
                write(self, cell);
            }
        }
    )* };
}
column_types! {
    String => Text, |text, cell| cell.text(text);
    bool => Boolean, |set, cell| cell.plain(if *set { "true" } else { "false" });
    i32 => Integer, |n, cell| cell.integer(i64::from(*n));
    i64 => Integer, |n, cell| cell.integer(*n);
    Number => Number, |n, cell| cell.number(n);
    Timestamp => DateTime, |at, cell| at.written(|text| cell.plain(text));
    chrono::NaiveTime => Time, |time, cell| cell.json(time);
    SfId => Reference, |id, cell| cell.plain(id.as_str());
}

impl ColumnType for chrono::NaiveDate {
    const KIND: FieldKind = FieldKind::Date;

    fn csv(&self, cell: &mut CsvCell<'_>) {
        // Other years have no four digits; the org refuses them in its words.
        let Some(year) = u32::try_from(self.year()).ok().filter(|year| *year < 10_000) else {
            return cell.json(self);
        };
        let digit = |n: u32| char::from(b'0' + u8::try_from(n % 10).unwrap_or_default());
        for n in [year / 1_000, year / 100, year / 10, year] {
            cell.digit(digit(n));
        }
        for n in [self.month(), self.day()] {
            cell.digit('-');
            cell.digit(digit(n / 10));
            cell.digit(digit(n));
        }
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct DateVisitor;
        impl serde::de::Visitor<'_> for DateVisitor {
            type Value = chrono::NaiveDate;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a date like 2026-01-02")
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<chrono::NaiveDate, E> {
                crate::time::read_date(text.as_bytes())
                    .ok_or_else(|| E::invalid_value(serde::de::Unexpected::Str(text), &self))
            }
        }
        deserializer.deserialize_str(DateVisitor)
    }
}
