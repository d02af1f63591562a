//! sObjects and fields from a real org's JSON, at the beginning or while the org lives.
use crate::{
    TestOrg,
    state::{SObjectType, SchemaError, State},
};
use serde::Serialize;
use serde_json::Value as Json;
use sf_core::{Delivery, Error, ErrorKind, Failure, ObjectName, Result, Timestamp};

/// One describe, a list of them, `{"sobjects": […]}`, or any of these as the `result` of the `sf` command.
pub(crate) fn read(text: &[u8]) -> Result<Vec<Json>> {
    let json: Json = serde_json::from_slice(text).map_err(|e| unusable(format!("this is no JSON: {e}")))?;
    list(json)?.into_iter().map(checked).collect()
}

fn list(json: Json) -> Result<Vec<Json>> {
    match json {
        Json::Array(list) => Ok(list),
        Json::Object(mut keys) if !keys.contains_key("fields") => {
            match keys.remove("sobjects").or_else(|| keys.remove("result")) {
                Some(inner @ (Json::Array(_) | Json::Object(_))) => list(inner),
                Some(_) => Err(unusable("`sobjects` is no list of describes".into())),
                None => Ok(vec![Json::Object(keys)]),
            }
        }
        one => Ok(vec![one]),
    }
}

/// The describe, when it is one.
pub(crate) fn checked(json: Json) -> Result<Json> {
    let never = Timestamp::from(chrono::DateTime::UNIX_EPOCH);
    SObjectType::from_describe(json.clone(), never).map_err(|e| unusable(e.message))?;
    Ok(json)
}

pub(crate) fn unusable(message: String) -> Error {
    let failure = Failure::new(ErrorKind::Setup, Delivery::NotSent, message);
    Error::new(failure.with_next_step("send the JSON of GET /sobjects/NAME/describe of a real org"))
}

impl TestOrg {
    /// Adds sObjects while the org lives, or replaces some, as an administrator does in Setup: a describe answer or a list of them. A
    /// state file holds them. Gives their names.
    ///
    /// A replaced sObject's rows keep the values of the fields that it still has with a type of the same kind. A custom sObject may leave
    /// out the fields that every one has, and its key prefix: it then gets the next free one (`a00`, `a01`, …). A custom field that says
    /// nothing of its permissions can be read, written and filtered as a new one. A lookup makes a child relationship of its parent: that
    /// which the parent's describe has, else one named after the child's plural label (`CX_Plans__r`). Open query cursors are lost.
    ///
    /// # Errors
    /// It is no describe answer, or has another sObject's key prefix; nothing was added then.
    pub fn add_sobjects(&self, describes: impl Serialize) -> Result<Vec<ObjectName>> {
        let json = serde_json::to_value(describes).map_err(|e| unusable(e.to_string()))?;
        let describes: Vec<Json> = list(json)?;
        self.alter(|state| {
            describes
                .into_iter()
                .map(|describe| state.put_sobject(describe))
                .collect::<std::result::Result<Vec<_>, _>>()
        })?
        .into_iter()
        .map(|name| ObjectName::new(name).map_err(Error::from))
        .collect()
    }

    /// Adds fields to an sObject while the org lives, or replaces some: entries of a describe's `fields`, as in
    /// [`TestOrg::add_sobjects`]. Rows have no value in a new field; a checkbox is false.
    ///
    /// ```
    /// use sf_core::{Fields, Write, field, object};
    /// use sf_testorg::TestOrg;
    ///
    /// let org = TestOrg::empty();
    /// let field = serde_json::json!([{"name": "Tier__c", "type": "picklist", "picklistValues": [{"value": "Gold"}]}]);
    /// org.add_fields(&object!("Account"), field)?;
    /// let fields = Fields::new().set(field!("Name"), "Acme").set(field!("Tier__c"), "Gold");
    /// let id = org.apply(Write::Insert { object: object!("Account"), fields })?;
    /// assert_eq!(org.value(id, "Tier__c").as_str(), Some("Gold"));
    /// # Ok::<(), sf_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// There is no such sObject, or an entry is not a field's describe.
    pub fn add_fields(&self, object: &ObjectName, fields: impl Serialize) -> Result<()> {
        let fields = match serde_json::to_value(fields).map_err(|e| unusable(e.to_string()))? {
            Json::Array(fields) => fields,
            one => vec![one],
        };
        self.alter(|state| state.put_fields(object.as_str(), fields))
    }

    pub(crate) fn put_sobject_once(&self, describe: Json) -> Result<()> {
        self.alter(|state| state.put_sobject_once(describe))
    }

    /// One transaction; undone when it fails.
    fn alter<R>(&self, f: impl FnOnce(&mut State) -> std::result::Result<R, SchemaError>) -> Result<R> {
        let altered = self.transact(|state| {
            let start = state.savepoint();
            f(state).inspect_err(|_| state.rollback_to(start))
        });
        self.lock().locators.clear();
        altered
            .map_err(|e| unusable(format!("the change could not be kept: {e}")))?
            .map_err(|e| unusable(e.message))
    }
}
