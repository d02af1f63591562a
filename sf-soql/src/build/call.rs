//! What a query computes, with the type of the result.

use crate::{Function, Identifier, Item, Operand};
use serde::de::{DeserializeOwned, value::UnitDeserializer};
use sf_core::{Delivery, Error, ErrorKind, Failure, Field, Record, Result};
use std::{fmt, marker::PhantomData};

/// A function of a field, whose result is a `T`: made by [`functions`](crate::functions). It stands wherever a field
/// may stand; under a name of its own, the result can be read from the rows, see [`Named`].
pub struct Call<T> {
    operand: Operand,
    result: PhantomData<fn() -> T>,
}

impl<T> Call<T> {
    pub(crate) fn new(function: Function, argument: impl Into<Operand>) -> Call<T> {
        Call { operand: Operand::call(function, argument), result: PhantomData }
    }

    /// The same function with another type of result. The type says how it is read, nothing of the query: let it be
    /// an `Option` where the org may answer null.
    ///
    /// ```
    /// use sf_core::field;
    /// use sf_soql::functions::{Call, max};
    /// let last: Call<Option<chrono::NaiveDate>> = max(field!("CloseDate")).typed();
    /// ```
    #[must_use]
    pub fn typed<U>(self) -> Call<U> {
        Call { operand: self.operand, result: PhantomData }
    }

    /// Under this name, which is its key in the rows.
    #[must_use]
    pub fn named(self, name: &str) -> Named<T> {
        Named::new(self.operand, name)
    }
}

/// A selected value under a name of its own: `SUM(Amount) total`. The org takes names in grouped and aggregate
/// queries only.
///
/// ```
/// use sf_core::{Number, Record, models::Opportunity, object};
/// use sf_soql::{functions::*, prelude::*};
/// let stage = Opportunity::STAGE_NAME.named::<Option<String>>("stage");
/// let total = sum(Opportunity::AMOUNT).named("total");
/// let deals = count(Opportunity::ID).named("deals");
/// let query = Query::from(object!("Opportunity"))
///     .select_one(&stage)
///     .select_one(&total)
///     .select_one(&deals)
///     .group_by([&stage])
///     .having(deals.gt(1))
///     .order_by(total.desc());
/// assert_eq!(
///     query.to_soql()?.as_str(),
///     "SELECT StageName stage, SUM(Amount) total, COUNT(Id) deals FROM Opportunity \
///      GROUP BY StageName HAVING COUNT(Id) > 1 ORDER BY SUM(Amount) DESC"
/// );
///
/// // A row as the org answers it.
/// let row = r#"{"attributes":{"type":"AggregateResult"},"stage":"Closed Won","total":3.5E7,"deals":2}"#;
/// let row: Record = serde_json::from_str(row)?;
/// assert_eq!(stage.read(&row)?.as_deref(), Some("Closed Won"));
/// assert_eq!(total.read(&row)?, Some(Number::from(35_000_000)));
/// assert_eq!(deals.read(&row)?, 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Without a name there is nothing to read by: the org calls such values `expr0`, `expr1` and so on, in the order of
/// the values without name (SOQL reference, "Using Aliases with GROUP BY").
///
/// ```compile_fail
/// # use sf_core::{Record, models::Opportunity};
/// # fn first(row: Record) -> sf_core::Result<()> {
/// let total = sf_soql::functions::sum(Opportunity::AMOUNT);
/// total.read(&row)?;
/// # Ok(()) }
/// ```
pub struct Named<T> {
    operand: Operand,
    name: Identifier,
    result: PhantomData<fn() -> T>,
}

impl<T> Named<T> {
    pub(super) fn new(operand: Operand, name: &str) -> Named<T> {
        Named { operand, name: Identifier::unchecked(name), result: PhantomData }
    }

    /// The key in the rows.
    pub fn name(&self) -> &str {
        self.name.as_str()
    }
}

impl<T: DeserializeOwned> Named<T> {
    /// The value in a row of the query.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`] when the row has no such key, so the query did not select it; when it is null and `T`
    /// is no `Option`; when it is not a `T`.
    pub fn read(&self, row: &Record) -> Result<T> {
        let name = self.name();
        let wrong =
            |message: String| Err(Error::new(Failure::new(ErrorKind::Decode, Delivery::Refused, message)));
        match row.get::<T>(name)? {
            Field::Value(value) => Ok(value),
            Field::Null => match T::deserialize(UnitDeserializer::<serde::de::value::Error>::new()) {
                Ok(nothing) => Ok(nothing),
                Err(_) => wrong(format!("{} {name} is null; read it as an `Option`", row.object)),
            },
            Field::Absent => {
                let names: Vec<&str> = row.fields.names().map(sf_core::FieldName::as_str).collect();
                let keys = if names.is_empty() { "nothing".to_owned() } else { names.join(", ") };
                wrong(format!("the row of {} has no `{name}` but {keys}: select it in the query", row.object))
            }
        }
    }
}

impl<T> From<Call<T>> for Operand {
    fn from(call: Call<T>) -> Operand {
        call.operand
    }
}
impl<T> From<&Named<T>> for Operand {
    /// Without the name: it has no meaning in GROUP BY, HAVING and ORDER BY.
    fn from(named: &Named<T>) -> Operand {
        named.operand.clone()
    }
}
impl<T> From<Call<T>> for Item {
    fn from(call: Call<T>) -> Item {
        call.operand.into()
    }
}
impl<T> From<&Named<T>> for Item {
    fn from(named: &Named<T>) -> Item {
        Item::Value { value: named.operand.clone(), alias: Some(named.name.clone()) }
    }
}

impl<T> Clone for Call<T> {
    fn clone(&self) -> Self {
        Call { operand: self.operand.clone(), result: PhantomData }
    }
}
impl<T> Clone for Named<T> {
    fn clone(&self) -> Self {
        Named { operand: self.operand.clone(), name: self.name.clone(), result: PhantomData }
    }
}
impl<T> fmt::Debug for Call<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Call").field(&self.operand).finish()
    }
}
impl<T> fmt::Debug for Named<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Named").field(&self.operand).field(&self.name).finish()
    }
}

#[cfg(test)]
mod tests {
    use crate::{functions::*, prelude::*};
    use sf_core::{Number, Record, Value, field, object};

    fn row(fields: &str) -> Record {
        serde_json::from_str(&format!(r#"{{"attributes":{{"type":"AggregateResult"}}{fields}}}"#)).unwrap()
    }

    #[test]
    fn null_is_none_and_only_none() {
        let row = row(r#","a":null,"b":null,"c":null"#);
        assert_eq!(sum(field!("X")).named("a").read(&row).unwrap(), None);
        assert_eq!(max(field!("X")).named("b").read(&row).unwrap(), None);
        let error = count(field!("X")).named("c").read(&row).unwrap_err();
        assert_eq!(error.kind(), sf_core::ErrorKind::Decode);
        assert!(error.to_string().contains("c is null; read it as an `Option`"), "{error}");
    }

    #[test]
    fn another_type_and_a_missing_key_are_told() {
        let row = row(r#","total":"x","Stage":"y""#);
        let error = sum(field!("X")).named("TOTAL").read(&row).unwrap_err();
        assert!(error.to_string().contains("TOTAL is not of the type asked for"), "{error}");
        let error = sum(field!("X")).named("other").read(&row).unwrap_err();
        assert!(error.to_string().contains("has no `other` but total, Stage: select it"), "{error}");
        let error = sum(field!("X")).named("a.b").read(&Record::new(object!("A"))).unwrap_err();
        assert!(error.to_string().contains("has no `a.b` but nothing"), "{error}");
        assert_eq!(field!("S").named::<String>("stage").read(&row).unwrap(), "y");
    }

    #[test]
    fn values_keep_what_the_wire_wrote() {
        let row = row(r#","n":12345678901234567.89,"d":"2026-01-31","v":true,"i":3"#);
        let n = avg(field!("X")).named("n").read(&row).unwrap().unwrap();
        assert_eq!(n.as_str(), "12345678901234567.89");
        let day = max(field!("X")).typed::<Option<chrono::NaiveDate>>().named("d").read(&row).unwrap();
        assert_eq!(day, chrono::NaiveDate::from_ymd_opt(2026, 1, 31));
        assert_eq!(min(field!("X")).named("v").read(&row).unwrap(), Some(Value::Bool(true)));
        assert_eq!(calendar_year(field!("X")).named("i").read(&row).unwrap(), Some(3));
        let own = function(field!("MY_FN"), field!("X")).named("i");
        assert_eq!(own.read(&row).unwrap(), Some(Value::Number(Number::from(3))));
    }

    #[test]
    fn a_name_that_is_none_is_a_problem_of_the_query() {
        let bad = sum(field!("X")).named("x FROM B");
        let query = Query::from(object!("A")).select_one(&bad);
        assert_eq!(query.to_soql().unwrap_err().iter().next().unwrap().message, "`x FROM B` is not a name");
    }
}
