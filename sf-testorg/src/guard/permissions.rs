//! What users may do.
use crate::FieldAccess;
use serde::{Deserialize, Serialize};
use sf_core::{FieldName, ObjectName, SfId};
use std::collections::BTreeMap;

/// What a user may do with the rows of an sObject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct ObjectAccess {
    /// Rows can be created.
    pub create: bool,
    /// Rows can be read. Without it the sObject does not exist for the user, and the others do not count.
    pub read: bool,
    /// Rows can be changed; leads can be converted.
    pub edit: bool,
    /// Rows can be deleted, lost in a merge (which needs `edit` too), brought back, and emptied out of the recycle bin.
    pub delete: bool,
}

impl ObjectAccess {
    /// Everything.
    pub const ALL: ObjectAccess = ObjectAccess { create: true, read: true, edit: true, delete: true };
    /// Nothing but reading.
    pub const READ: ObjectAccess = ObjectAccess { create: false, read: true, edit: false, delete: false };
    /// Nothing.
    pub const NONE: ObjectAccess = ObjectAccess { create: false, read: false, edit: false, delete: false };

    /// Whether rows can be created, too.
    #[must_use]
    pub const fn create(mut self, create: bool) -> ObjectAccess {
        self.create = create;
        self
    }
    /// Whether rows can be changed, too.
    #[must_use]
    pub const fn edit(mut self, edit: bool) -> ObjectAccess {
        self.edit = edit;
        self
    }
    /// Whether rows can be deleted, too.
    #[must_use]
    pub const fn delete(mut self, delete: bool) -> ObjectAccess {
        self.delete = delete;
        self
    }
}

impl Default for ObjectAccess {
    fn default() -> ObjectAccess {
        ObjectAccess::NONE
    }
}

/// Object permissions and field-level security of one user, or of all users of a profile; what it does not name is allowed. What a user's own
/// says goes before what the profile's says. Which rows a user sees (sharing) is not simulated: all of them.
///
/// ```
/// use sf_core::{field, object};
/// use sf_testorg::{FieldAccess, TestOrg, guard::{ObjectAccess, Permissions}};
///
/// let org = TestOrg::demo();
/// let user = org.credentials().user_id.parse().unwrap();
/// let permissions = Permissions::of(user)
///     .object(object!("Lead"), ObjectAccess::NONE)
///     .field(object!("Account"), field!("AnnualRevenue"), FieldAccess::Read);
/// org.add_rule(permissions)?;
/// # Ok::<(), sf_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Permissions {
    /// A user or a profile; permissions of the same take the place of these.
    pub of: SfId,
    /// sObjects that are not wholly allowed.
    #[serde(default)]
    pub objects: BTreeMap<ObjectName, ObjectAccess>,
    /// Fields that are not wholly allowed, by sObject. Required and system fields are read in any case in a real org; here each is as it is said.
    #[serde(default)]
    pub fields: BTreeMap<ObjectName, BTreeMap<FieldName, FieldAccess>>,
}

impl Permissions {
    /// Of a user or a profile: everything, so far.
    pub fn of(user_or_profile: SfId) -> Permissions {
        Permissions { of: user_or_profile, objects: BTreeMap::new(), fields: BTreeMap::new() }
    }
    /// What may be done with an sObject.
    #[must_use]
    pub fn object(mut self, object: ObjectName, access: ObjectAccess) -> Permissions {
        self.objects.insert(object, access);
        self
    }
    /// What may be done with a field.
    #[must_use]
    pub fn field(mut self, object: ObjectName, field: FieldName, access: FieldAccess) -> Permissions {
        self.fields.entry(object).or_default().insert(field, access);
        self
    }
}
