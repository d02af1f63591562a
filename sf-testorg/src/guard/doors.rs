//! How rules get into an org.
use super::Rule;
use crate::{Saving, TestOrg, save::Check, state::SchemaError};
use sf_core::{Delivery, Error, ErrorKind, Failure, FieldName, ObjectName, Result, SfId};
use std::sync::Arc;

impl TestOrg {
    /// Adds a rule from now on, or replaces the one of the same sObject and name. Rows that are there are not looked at again. Gives the rule's
    /// id, which stays when it is replaced. A state file keeps it.
    ///
    /// # Errors
    /// It names something that the org does not have, or a condition cannot be read; the message says which.
    pub fn add_rule(&self, rule: impl Into<Rule>) -> Result<SfId> {
        let rule = rule.into();
        let alters_schema = matches!(rule, Rule::RollUp(_) | Rule::AutoNumber(_));
        let added = self.transact(|state| {
            let start = state.savepoint();
            state.put_rule(rule).inspect_err(|_| state.rollback_to(start))
        });
        if alters_schema {
            self.lock().locators.clear();
        }
        added
            .map_err(|e| Error::from(Failure::invalid_input(format!("the change could not be kept: {e}"))))?
            .map_err(unusable)
    }

    /// The rules of the org with their ids.
    pub fn rules(&self) -> Vec<(SfId, Rule)> {
        self.lock().state.rules().map(|(id, rule)| (id, rule.clone())).collect()
    }

    /// A validation rule as a closure: from now on a row for which `condition` holds is refused with this text, at this field if there is one. Not
    /// kept in a state file.
    ///
    /// ```
    /// use sf_core::{Fields, Write, field, object};
    /// use sf_testorg::TestOrg;
    ///
    /// let org = TestOrg::empty();
    /// org.refuse_when(object!("Account"), "No test accounts.", Some(field!("Name")), |row| {
    ///     row.get("Name").as_str().is_some_and(|name| name.starts_with("Test"))
    /// });
    /// let fields = Fields::new().set(field!("Name"), "Test 1");
    /// let error = org.apply(Write::Insert { object: object!("Account"), fields }).unwrap_err();
    /// assert_eq!(error.to_string(), "FIELD_CUSTOM_VALIDATION_EXCEPTION: No test accounts.");
    /// ```
    pub fn refuse_when(
        &self,
        object: ObjectName,
        message: impl Into<String>,
        error_field: Option<FieldName>,
        condition: impl Fn(&Saving<'_>) -> bool + Send + Sync + 'static,
    ) {
        let check = Check { message: message.into(), error_field, condition: Arc::new(condition) };
        self.lock().rules.checks.entry(object.as_str().to_ascii_lowercase()).or_default().push(check);
    }
}

pub(crate) fn unusable(error: SchemaError) -> Error {
    let failure = Failure::new(ErrorKind::Setup, Delivery::NotSent, error.message);
    Error::new(failure.with_next_step(
        "name sObjects, fields and rows that this org has, and write conditions as SOQL's WHERE",
    ))
}
