use sf_core::{Describe, ObjectName};
use std::borrow::Borrow;
use std::collections::BTreeMap;

/// The objects that statements are checked against: describes that were loaded before. It does no I/O.
///
/// A schema rarely holds the whole org, so what it does not hold is judged in this way:
///
/// - An object that stands in FROM, of the statement or of a subquery of IN, must be there; a problem otherwise.
/// - A relationship must be in the describe of its object. Where it leads to an object that the schema does not hold,
///   the fields behind it are not judged, because nobody knows them.
/// - Unless the schema [is complete](Schema::is_complete): then such a relationship is a problem as well.
///
/// A describe is taken at its word: what it does not say can be filtered, sorted, grouped or queried cannot be, and a
/// field or a child relationship that it does not name is not there. It shows what its user may see, so a field that is
/// hidden from the user is a problem, as it is in the org. Load describes as the org answers them
/// ([`Org::describe`](sf_core::Org::describe)) rather than writing them by hand.
///
/// Implemented for one describe, for lists of them and for maps by name; `Arc<Describe>` serves as well as `Describe`.
pub trait Schema {
    /// The object of that name, without ASCII case.
    fn describe(&self, object: &ObjectName) -> Option<&Describe>;

    /// Whether an object that is not here is not in the org either; see [`Complete`].
    fn is_complete(&self) -> bool {
        false
    }

    /// The names of the objects, only to suggest one of them for a name that is not there.
    fn object_names(&self) -> Vec<&ObjectName> {
        Vec::new()
    }
}

/// A schema that holds every object of the org that its user may see.
///
/// ```
/// use sf_core::{Describe, FieldDescribe, ObjectName, field, object};
/// use sf_soql::{Complete, check};
/// let mut owner = FieldDescribe::new(field!("OwnerId"), "reference");
/// owner.relationship_name = Some("Owner".into());
/// owner.reference_to = vec![object!("User")];
/// let schema = [Describe::new(object!("Account"), [owner])];
/// assert!(check("SELECT Owner.Name FROM Account", &schema).is_ok());
/// assert!(check("SELECT Owner.Name FROM Account", &Complete(&schema)).is_err());
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct Complete<S>(pub S);

impl<S: Schema> Schema for Complete<S> {
    fn describe(&self, object: &ObjectName) -> Option<&Describe> {
        self.0.describe(object)
    }
    fn is_complete(&self) -> bool {
        true
    }
    fn object_names(&self) -> Vec<&ObjectName> {
        self.0.object_names()
    }
}

impl<S: Schema + ?Sized> Schema for &S {
    fn describe(&self, object: &ObjectName) -> Option<&Describe> {
        (**self).describe(object)
    }
    fn is_complete(&self) -> bool {
        (**self).is_complete()
    }
    fn object_names(&self) -> Vec<&ObjectName> {
        (**self).object_names()
    }
}

/// A schema of one object, enough for its filters.
impl Schema for Describe {
    fn describe(&self, object: &ObjectName) -> Option<&Describe> {
        (self.name == *object).then_some(self)
    }
    fn object_names(&self) -> Vec<&ObjectName> {
        vec![&self.name]
    }
}

impl<D: Borrow<Describe>> Schema for [D] {
    fn describe(&self, object: &ObjectName) -> Option<&Describe> {
        self.iter().map(Borrow::borrow).find(|describe| describe.name == *object)
    }
    fn object_names(&self) -> Vec<&ObjectName> {
        self.iter().map(|describe| &describe.borrow().name).collect()
    }
}

impl<D: Borrow<Describe>> Schema for Vec<D> {
    fn describe(&self, object: &ObjectName) -> Option<&Describe> {
        self.as_slice().describe(object)
    }
    fn object_names(&self) -> Vec<&ObjectName> {
        self.as_slice().object_names()
    }
}

impl<D: Borrow<Describe>, const N: usize> Schema for [D; N] {
    fn describe(&self, object: &ObjectName) -> Option<&Describe> {
        self.as_slice().describe(object)
    }
    fn object_names(&self) -> Vec<&ObjectName> {
        self.as_slice().object_names()
    }
}

impl<D: Borrow<Describe>> Schema for BTreeMap<ObjectName, D> {
    fn describe(&self, object: &ObjectName) -> Option<&Describe> {
        self.get(object).map(Borrow::borrow)
    }
    fn object_names(&self) -> Vec<&ObjectName> {
        self.keys().collect()
    }
}
