//! Duplicate rules and the matching they use.
use super::yes;
use serde::{Deserialize, Serialize};
use sf_core::{FieldName, ObjectName};

/// What a duplicate rule does with a row that has duplicates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum DuplicateAction {
    /// Refuses it, whatever the request's header says.
    #[default]
    Block,
    /// Refuses it unless the request says `Sforce-Duplicate-Rule-Header: allowSave=true`: Salesforce's "Allow" with "Alert". In the org's
    /// own UI ([`TestOrg::apply`](crate::TestOrg::apply)) the person has seen the alert and saves.
    Alert,
    /// Saves it: "Allow" without "Alert".
    Allow,
}

/// A field that two rows must have in common to be duplicates, and how it is compared. An empty field matches nothing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Match {
    /// The field.
    pub field: FieldName,
    /// Texts are compared without case (default: `true`).
    #[serde(default = "yes")]
    pub ignore_case: bool,
}

impl Match {
    /// Texts that differ in case only are the same.
    pub fn ignoring_case(field: FieldName) -> Match {
        Match { field, ignore_case: true }
    }
    /// Texts are compared exactly.
    pub fn exact(field: FieldName) -> Match {
        Match { field, ignore_case: false }
    }
}

/// Finds rows of the same sObject that are equal in all matching fields, and answers 400 `DUPLICATES_DETECTED` with a `duplicateResult` that names
/// them. An update is looked at only when it changes a matching field. Rows of one collection, tree or chunk of a bulk job are compared with
/// those that were there before, not with each other.
///
/// Simulated is the exact matching engine; Salesforce's fuzzy methods and rules across sObjects are not.
///
/// ```
/// use sf_core::{field, object};
/// use sf_testorg::guard::{DuplicateAction, DuplicateRule, Match};
///
/// let rule = DuplicateRule::new(object!("Contact"), "Same_mail", [Match::ignoring_case(field!("Email"))])
///     .action(DuplicateAction::Alert);
/// assert_eq!(rule.message, "Use one of these records?");
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DuplicateRule {
    /// The sObject whose rows are compared.
    pub object: ObjectName,
    /// Its developer name; a rule of the same sObject and name takes its place.
    pub name: String,
    /// Fields that must all be equal.
    pub matching: Vec<Match>,
    /// The developer name of the matching rule in answers (default: the rule's name with `_Match`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub matching_rule: Option<String>,
    /// What happens on create.
    #[serde(default)]
    pub on_create: DuplicateAction,
    /// What happens on update.
    #[serde(default)]
    pub on_update: DuplicateAction,
    /// What the user reads (default: Salesforce's own text).
    #[serde(default = "usual_message")]
    pub message: String,
    /// Only rows for which this WHERE clause holds are looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<String>,
    /// Whether it works (default: `true`).
    #[serde(default = "yes")]
    pub active: bool,
}

fn usual_message() -> String {
    "Use one of these records?".into()
}

impl DuplicateRule {
    /// An active rule that blocks.
    pub fn new(
        object: ObjectName,
        name: impl Into<String>,
        matching: impl IntoIterator<Item = Match>,
    ) -> DuplicateRule {
        DuplicateRule {
            object,
            name: name.into(),
            matching: matching.into_iter().collect(),
            matching_rule: None,
            on_create: DuplicateAction::Block,
            on_update: DuplicateAction::Block,
            message: usual_message(),
            condition: None,
            active: true,
        }
    }

    /// What it does, on create and on update.
    #[must_use]
    pub fn action(mut self, action: DuplicateAction) -> DuplicateRule {
        (self.on_create, self.on_update) = (action, action);
        self
    }

    /// With another text.
    #[must_use]
    pub fn message(mut self, message: impl Into<String>) -> DuplicateRule {
        self.message = message.into();
        self
    }

    /// Only for rows that meet this WHERE clause.
    #[must_use]
    pub fn only_if(mut self, condition: impl Into<String>) -> DuplicateRule {
        self.condition = Some(condition.into());
        self
    }

    pub(crate) fn matching_rule(&self) -> String {
        self.matching_rule.clone().unwrap_or_else(|| format!("{}_Match", self.name))
    }
}
