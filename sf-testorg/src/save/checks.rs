//! What the org refuses, with its words.
use super::{FieldAccess, NONE, Saver, coerce, convert};
use crate::{
    assumptions::AssumedError,
    error::{ApiError, ApiResult},
    json::Json,
    state::{Cell, FieldType, Kind, Row, SObjectType},
};
use sf_core::SfId;

pub(super) fn no_such_column(sobject: &SObjectType, field: &str) -> ApiError {
    ApiError::row(
        "INVALID_FIELD",
        format!("No such column '{field}' on sobject of type {}", sobject.name),
        NONE,
    )
}

impl Saver<'_> {
    /// Names to positions, values to cells; all fields that may not be written are named at once.
    pub(super) fn read_fields(
        &self,
        sobject: &SObjectType,
        fields: &[(String, Json)],
        creating: bool,
    ) -> ApiResult<Vec<(usize, Cell)>> {
        let mut changes: Vec<(usize, Cell)> = Vec::new();
        let mut refused = Vec::new();
        for (name, json) in fields {
            if name == "attributes" {
                continue;
            }
            let parent = match (json, sobject.position(name)) {
                (Json::Object(parent), None) => Some(parent),
                _ => None,
            };
            let named = match parent {
                Some(_) => sobject.relationship(name),
                None => sobject.position(name),
            };
            let at = named
                .filter(|at| self.rules.is_visible(&sobject.name, &sobject.fields[*at].name))
                .ok_or_else(|| no_such_column(sobject, name))?;
            let field = &sobject.fields[at];
            let writable = if creating { field.createable } else { field.updateable };
            if !writable
                || field.auto_number
                || self.rules.access(&sobject.name, &field.name) < FieldAccess::Edit
            {
                refused.push(field.name.clone());
                continue;
            }
            let cell = match parent {
                Some(parent) => self.parent_by_external_id(field, parent)?,
                None => coerce(field, json, &self.state.assumptions.values)?,
            };
            match changes.iter_mut().find(|(known, _)| *known == at) {
                // [inferred] code and text
                Some(_) if !self.state.assumptions.rest.last_duplicate_key_wins => {
                    let message = format!("Duplicate field specified: {}", field.name);
                    return Err(ApiError::row("INVALID_FIELD", message, [&field.name]));
                }
                Some(change) => change.1 = cell,
                None => changes.push((at, cell)),
            }
        }
        if refused.is_empty() {
            return Ok(changes);
        }
        let message = format!(
            "Unable to create/update fields: {}. Please check the security settings of this field and verify that \
             it is read/write for your profile or permission set.",
            refused.join(", ")
        );
        Err(ApiError::row("INVALID_FIELD_FOR_INSERT_UPDATE", message, refused))
    }

    /// `"Owner": {"Username": "ann@acme.example"}`: the lookup by one external id of its target.
    fn parent_by_external_id(&self, field: &FieldType, parent: &[(String, Json)]) -> ApiResult<Cell> {
        let named = parent
            .iter()
            .find(|(n, _)| n == "attributes")
            .and_then(|(_, a)| a.get("type"))
            .and_then(Json::text)
            .or(field.reference_to.first().map(String::as_str))
            .unwrap_or_default();
        let target = self.sobject(named)?;
        let Some((key, value)) = parent.iter().find(|(n, _)| n != "attributes") else {
            return Ok(Cell::Null);
        };
        let key_at = self.external_id(&target, key)?;
        let cell = coerce(&target.fields[key_at], value, &self.state.assumptions.values)?;
        let found = if key_at == target.system.id {
            cell.as_id().into_iter().collect()
        } else {
            self.with_value(&target, key_at, &cell)
        };
        match found.as_slice() {
            [id] => Ok(Cell::Id(*id)),
            _ => {
                let mut shown = String::new();
                value.write(&mut shown);
                let message = format!(
                    "Foreign key external ID: {} not found for field {} in entity {}",
                    shown.trim_matches('"'),
                    target.fields[key_at].name,
                    target.name
                );
                let error = ApiError::row("INVALID_FIELD", message, NONE);
                Err(error.assumed(AssumedError::ForeignKeyNotFound))
            }
        }
    }

    pub(super) fn check_row(
        &self,
        sobject: &SObjectType,
        before: Option<&Row>,
        cells: &[Cell],
        given: &[usize],
    ) -> ApiResult<()> {
        let missing: Vec<&str> = sobject
            .fields
            .iter()
            .enumerate()
            .filter(|(at, f)| cells[*at].is_null() && is_missing(f, before.is_none(), given.contains(at)))
            .map(|(_, f)| f.name.as_str())
            .collect();
        if !missing.is_empty() {
            let message = format!("Required fields are missing: [{}]", missing.join(", "));
            let error = ApiError::row("REQUIRED_FIELD_MISSING", message, missing);
            return Err(if before.is_some() { error.assumed(AssumedError::NulledRequired) } else { error });
        }
        for (at, field) in sobject.fields.iter().enumerate() {
            let cell = &cells[at];
            let unchanged = before.is_some_and(|row| row.cells[at] == *cell);
            if cell.is_null() || unchanged {
                continue;
            }
            match field.kind() {
                Kind::Picklist | Kind::MultiPicklist if field.restricted_picklist => {
                    check_picklist(field, cell)?
                }
                Kind::Reference if given.contains(&at) => self.check_lookup(sobject, field, cell)?,
                _ => {}
            }
            if sobject.name == "User" && field.name == "Username" {
                self.check_username(sobject, at, cell, before.map(|row| row.id))?;
            }
            if field.unique {
                self.check_unique(sobject, at, cell, before.map(|row| row.id))?;
            }
        }
        if matches!(sobject.name.as_str(), "Task" | "Event") {
            check_activity(sobject, cells)?;
        }
        self.check_file(sobject, before, cells, given)?;
        Ok(())
    }

    fn check_lookup(&self, sobject: &SObjectType, field: &FieldType, cell: &Cell) -> ApiResult<()> {
        let Some(id) = cell.as_id() else { return Ok(()) };
        let target = self.state.schema().by_prefix(id.key_prefix());
        let is_allowed =
            target.is_some_and(|t| field.reference_to.iter().any(|r| r.eq_ignore_ascii_case(&t.name)));
        let is_custom = target.is_some_and(|t| t.name.ends_with("__c"))
            && super::content::takes_any_record(sobject, &field.name);
        if !is_allowed && !is_custom && !field.reference_to.is_empty() {
            let message = format!("{}: id value of incorrect type: {id}", field.label);
            return Err(ApiError::row("MALFORMED_ID", message, [&field.name]));
        }
        if target.is_some_and(|t| !self.rules.object_access(&t.name).read) {
            let short = &id.as_str()[..15];
            let message = format!("insufficient access rights on cross-reference id: {short}");
            return Err(ApiError::row("INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY", message, NONE));
        }
        match self.state.find(id) {
            Some((target, row)) if !row.is_deleted(target) => {
                if convert::is_converted(target, row) {
                    return Err(convert::converted_lead());
                }
                let is_inactive = target.name == "User"
                    && target.position("IsActive").is_some_and(|at| row.cells[at] == Cell::Bool(false));
                if is_inactive && field.name == "OwnerId" {
                    return Err(inactive_owner(sobject, id));
                }
                let of_another = target.name == "RecordType"
                    && target
                        .position("SobjectType")
                        .is_some_and(|at| row.cells[at].as_text() != Some(sobject.name.as_str()));
                if of_another {
                    let message = format!("{}: this ID value isn't valid for the user: {id}", field.label);
                    return Err(ApiError::row("INVALID_CROSS_REFERENCE_KEY", message, [&field.name]));
                }
                Ok(())
            }
            _ => {
                Err(ApiError::row("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", [&field.name]))
            }
        }
    }

    /// Unique over all orgs, although its describe does not say so.
    fn check_username(
        &self,
        sobject: &SObjectType,
        at: usize,
        cell: &Cell,
        own: Option<SfId>,
    ) -> ApiResult<()> {
        if self.with_value(sobject, at, cell).into_iter().all(|id| Some(id) == own) {
            return Ok(());
        }
        let message = "Duplicate Username.<br>The username already exists in this or another Salesforce organization. \
                       Usernames must be unique across all Salesforce organizations.";
        let error = ApiError::row("DUPLICATE_USERNAME", message, ["Username"]);
        Err(error.assumed(AssumedError::DuplicateUsername))
    }

    pub(super) fn check_unique(
        &self,
        sobject: &SObjectType,
        at: usize,
        cell: &Cell,
        own: Option<SfId>,
    ) -> ApiResult<()> {
        let field = &sobject.fields[at];
        let Some(other) = self.with_value(sobject, at, cell).into_iter().find(|id| Some(*id) != own) else {
            return Ok(());
        };
        // The message names the row by its 15 characters.
        let short = &other.as_str()[..15];
        let message =
            format!("duplicate value found: {} duplicates value on record with id: {short}", field.name);
        Err(ApiError::row("DUPLICATE_VALUE", message, NONE))
    }
}

/// On create what describe requires; on update whatever was set to null and may not be.
fn is_missing(field: &FieldType, creating: bool, given: bool) -> bool {
    if creating { field.is_required() } else { given && !field.nillable && field.kind() != Kind::Boolean }
}

fn check_picklist(field: &FieldType, cell: &Cell) -> ApiResult<()> {
    let Some(text) = cell.as_text() else { return Ok(()) };
    let listed = |value: &str| field.picklist_values.iter().any(|v| v.active && v.value == value);
    let bad = match field.kind() {
        Kind::MultiPicklist => text.split(';').find(|v| !listed(v)),
        _ => Some(text).filter(|v| !listed(v)),
    };
    match bad {
        None => Ok(()),
        Some(value) => {
            let message = format!("{}: bad value for restricted picklist field: {value}", field.label);
            Err(ApiError::row("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", message, [&field.name]))
        }
    }
}

/// A task or event about a lead cannot also be about something else.
fn check_activity(sobject: &SObjectType, cells: &[Cell]) -> ApiResult<()> {
    let id = |field: &str| sobject.position(field).and_then(|at| cells[at].as_id());
    if id("WhoId").is_some_and(|who| who.key_prefix() == "00Q") && id("WhatId").is_some() {
        let message = "Related To ID: A lead cannot be combined with a related record: leave WhatId empty";
        return Err(ApiError::row("FIELD_INTEGRITY_EXCEPTION", message, ["WhatId"]));
    }
    Ok(())
}

pub(super) fn inactive_owner(sobject: &SObjectType, id: SfId) -> ApiError {
    let short = &id.as_str()[..15];
    let object = sobject.name.to_ascii_lowercase();
    let message = format!("operation performed with inactive user [{short}] as owner of {object}");
    ApiError::row("INACTIVE_OWNER_OR_USER", message, ["OwnerId"]).assumed(AssumedError::InactiveOwner)
}
