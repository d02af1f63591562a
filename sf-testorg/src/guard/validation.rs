//! Validation rules.
use super::yes;
use serde::{Deserialize, Serialize};
use sf_core::{FieldName, ObjectName};

/// Refuses a row that meets a condition, with 400 `FIELD_CUSTOM_VALIDATION_EXCEPTION` and the administrator's text. When several rules
/// refuse a row, the answer has an error of each.
///
/// ```
/// use sf_core::{Fields, Write, field, object};
/// use sf_testorg::{TestOrg, guard::ValidationRule};
///
/// let org = TestOrg::empty();
/// let rule = ValidationRule::new(object!("Account"), "Hot_needs_phone", "Rating = 'Hot' AND Phone = null", "Give it a phone.")
///     .at(field!("Phone"));
/// org.add_rule(rule)?;
/// let fields = Fields::new().set(field!("Name"), "Acme").set(field!("Rating"), "Hot");
/// let error = org.apply(Write::Insert { object: object!("Account"), fields }).unwrap_err();
/// assert_eq!(error.to_string(), "FIELD_CUSTOM_VALIDATION_EXCEPTION: Give it a phone.");
/// assert_eq!(error.failure().fields, ["Phone"]);
/// # Ok::<(), sf_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ValidationRule {
    /// The sObject whose rows it guards.
    pub object: ObjectName,
    /// Its name; a rule of the same sObject and name takes its place.
    pub name: String,
    /// The row is refused when this holds: a WHERE clause of SOQL.
    pub condition: String,
    /// What the user reads.
    pub message: String,
    /// The field that the message stands at: in `fields` of the error, which is empty without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_field: Option<FieldName>,
    /// Whether it works (default: `true`).
    #[serde(default = "yes")]
    pub active: bool,
}

impl ValidationRule {
    /// An active rule whose message stands at no field.
    pub fn new(
        object: ObjectName,
        name: impl Into<String>,
        condition: impl Into<String>,
        message: impl Into<String>,
    ) -> ValidationRule {
        ValidationRule {
            object,
            name: name.into(),
            condition: condition.into(),
            message: message.into(),
            error_field: None,
            active: true,
        }
    }

    /// With the message at a field.
    #[must_use]
    pub fn at(mut self, field: FieldName) -> ValidationRule {
        self.error_field = Some(field);
        self
    }

    /// Switched off, or on again.
    #[must_use]
    pub fn active(mut self, active: bool) -> ValidationRule {
        self.active = active;
        self
    }
}
