use crate::{TypeOf, TypeOfBranch};
use sf_core::{FieldPath, ObjectName};

/// `TYPEOF relationship …`: fields by the type of a polymorphic parent, to select. At least one
/// [`when`](TypeOf::when) must follow.
///
/// ```
/// use sf_core::{SObject, field, models::{Account, Opportunity}, object};
/// use sf_soql::{prelude::*, type_of};
/// let what = type_of(field!("What"))
///     .when(Account::OBJECT, [Account::PHONE, Account::NAME])
///     .when(Opportunity::OBJECT, [Opportunity::AMOUNT])
///     .otherwise([field!("Name")]);
/// let query = Query::from(object!("Event")).select([field!("Id")]).select([what]);
/// assert_eq!(
///     query.to_soql()?.as_str(),
///     "SELECT Id, TYPEOF What WHEN Account THEN Phone, Name WHEN Opportunity THEN Amount ELSE Name END FROM Event"
/// );
/// # Ok::<(), sf_soql::Problems>(())
/// ```
pub fn type_of(relationship: impl Into<FieldPath>) -> TypeOf {
    TypeOf { relationship: relationship.into(), branches: Vec::new(), otherwise: Vec::new(), alias: None }
}

impl TypeOf {
    /// `WHEN object THEN fields`
    #[must_use]
    pub fn when<F: Into<FieldPath>>(
        mut self,
        object: ObjectName,
        fields: impl IntoIterator<Item = F>,
    ) -> TypeOf {
        self.branches.push(TypeOfBranch { object, fields: fields.into_iter().map(Into::into).collect() });
        self
    }

    /// `ELSE fields`, of a parent of any other type. Added to what is there.
    #[must_use]
    pub fn otherwise<F: Into<FieldPath>>(mut self, fields: impl IntoIterator<Item = F>) -> TypeOf {
        self.otherwise.extend(fields.into_iter().map(Into::into));
        self
    }
}
