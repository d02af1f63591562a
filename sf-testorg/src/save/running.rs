//! What the user whose request is answered may do.
use super::FieldAccess;
use crate::{
    AssumedError,
    error::{ApiError, ApiResult},
    guard::{ObjectAccess, Permissions, Rule},
    org::Inner,
    save::{NONE, Saver},
    state::{SObjectType, State},
};
use sf_core::SfId;
use std::collections::BTreeMap;

/// Permissions of one user, those of the profile included. What is not named is allowed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Running {
    objects: BTreeMap<String, ObjectAccess>,
    fields: BTreeMap<(String, String), FieldAccess>,
}

impl Running {
    pub(crate) const UNRESTRICTED: Running = Running { objects: BTreeMap::new(), fields: BTreeMap::new() };

    /// What the org's rules say of this user.
    pub(crate) fn of(state: &State, user: SfId) -> Running {
        let mut running = Running::UNRESTRICTED;
        if !state.has_rules("permissions") {
            return running;
        }
        let profile = state
            .find(user)
            .and_then(|(sobject, row)| row.cells.get(sobject.position("ProfileId")?)?.as_id());
        for id in profile.into_iter().chain([user]) {
            for (_, rule) in state.rules_of("permissions", id.as_str()) {
                if let Rule::Permissions(permissions) = rule
                    && permissions.of == id
                {
                    running.add(permissions);
                }
            }
        }
        running
    }

    fn add(&mut self, permissions: &Permissions) {
        let lower = |name: &str| name.to_ascii_lowercase();
        for (object, access) in &permissions.objects {
            self.objects.insert(lower(object.as_str()), *access);
        }
        for (object, fields) in &permissions.fields {
            for (field, access) in fields {
                self.fields.insert((lower(object.as_str()), lower(field.as_str())), *access);
            }
        }
    }

    pub(crate) fn is_unrestricted(&self) -> bool {
        self.objects.is_empty() && self.fields.is_empty()
    }
    pub(super) fn object(&self, object: &str) -> ObjectAccess {
        if self.objects.is_empty() {
            return ObjectAccess::ALL;
        }
        let access = self.objects.get(&object.to_ascii_lowercase()).copied().unwrap_or(ObjectAccess::ALL);
        if access.read { access } else { ObjectAccess::NONE }
    }
    pub(super) fn field(&self, key: &(String, String)) -> FieldAccess {
        self.fields.get(key).copied().unwrap_or(FieldAccess::Edit)
    }
}

impl Inner {
    /// What follows is done by this user, with the user's permissions.
    pub(crate) fn run_as(&mut self, user: SfId) {
        self.state.set_user(user);
        self.rules.running = Running::of(&self.state, user);
    }
}

impl Saver<'_> {
    /// Who may delete rows of an sObject may bring them back and empty the recycle bin of them.
    pub(super) fn check_may_delete(&self, sobject: &SObjectType) -> ApiResult<()> {
        if self.rules.object_access(&sobject.name).delete { Ok(()) } else { Err(self.insufficient_access()) }
    }

    /// The user may not do this with rows of the sObject.
    pub(super) fn insufficient_access(&self) -> ApiError {
        let message = "insufficient access rights on object id";
        let error = ApiError::row("INSUFFICIENT_ACCESS_OR_READONLY", message, NONE)
            .assumed(AssumedError::InsufficientAccess);
        let status = if self.state.assumptions.guard.insufficient_access_is_403 { 403 } else { 400 };
        ApiError { status, ..error }
    }
}
