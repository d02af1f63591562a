//! The rules of an org as data: what an administrator sets up in a real one, and what then guards and completes every save.
//!
//! | rule | what it does |
//! | --- | --- |
//! | [`ValidationRule`] | refuses a row that meets a condition |
//! | [`DuplicateRule`] | refuses a row that is there already, or warns of it |
//! | [`AssignmentRule`] | gives a new or changed case or lead its owner |
//! | [`RollUp`] | keeps a sum, count, least or greatest value of children on the parent |
//! | [`AutoNumber`] | numbers the rows of an sObject |
//! | [`Permissions`] | what a user, or all users of a profile, may do with sObjects and fields |
//!
//! [`TestOrg::add_rule`](crate::TestOrg::add_rule) and [`Builder::rule`](crate::Builder::rule) take them, `POST /__org/rules` takes their
//! JSON, and a state file keeps them. They work on every way into the org: requests of one row, collections, composite, tree, bulk jobs and
//! [`TestOrg::apply`](crate::TestOrg::apply).
//!
//! The order of a save (Apex Developer Guide, "Triggers and Order of Execution", as far as it is simulated): types and defaults, derived
//! fields, triggers, required fields and picklists and lookups, validation rules, duplicate rules, assignment rules, roll-ups.
//!
//! A condition is a WHERE clause of SOQL over the row as it would be saved: `Rating = 'Hot' AND Phone = null`, also over its parents
//! (`Account.Type = 'Prospect'`). It sees all fields, whoever saves.
mod assignment;
mod computed;
mod doors;
mod duplicate;
mod permissions;
mod validation;

pub use assignment::{Assignment, AssignmentRule};
pub use computed::{AutoNumber, RollUp, Summary};
pub use duplicate::{DuplicateAction, DuplicateRule, Match};
pub use permissions::{ObjectAccess, Permissions};
pub use validation::ValidationRule;

pub(crate) use computed::usual_format;
pub(crate) use doors::unusable;

use serde::{Deserialize, Serialize};

/// One rule. As JSON it is an object of one key: `{"validation": {"object": "Account", "name": "Hot_needs_phone", …}}`.
///
/// ```
/// use sf_testorg::guard::{Rule, ValidationRule};
///
/// let json = r#"{"validation": {"object": "Account", "name": "Hot_needs_phone",
///     "condition": "Rating = 'Hot' AND Phone = null", "message": "Hot accounts need a phone."}}"#;
/// let rule: Rule = serde_json::from_str(json)?;
/// assert!(matches!(rule, Rule::Validation(ValidationRule { active: true, .. })));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Rule {
    /// Refuses rows.
    Validation(ValidationRule),
    /// Finds duplicates.
    Duplicate(DuplicateRule),
    /// Gives owners.
    Assignment(AssignmentRule),
    /// Sums up children.
    RollUp(RollUp),
    /// Numbers rows.
    AutoNumber(AutoNumber),
    /// Restricts users.
    Permissions(Permissions),
}

/// What tells a rule from others: its kind, its sObject (or whom it is for), its name, without case.
pub(crate) type RuleKey = (&'static str, String, String);

impl Rule {
    pub(crate) fn key(&self) -> RuleKey {
        let lower = |text: &str| text.to_ascii_lowercase();
        match self {
            Rule::Validation(r) => ("validation", lower(r.object.as_str()), lower(&r.name)),
            Rule::Duplicate(r) => ("duplicate", lower(r.object.as_str()), lower(&r.name)),
            Rule::Assignment(r) => ("assignment", lower(r.object.as_str()), lower(&r.name)),
            Rule::RollUp(r) => ("roll_up", lower(r.object.as_str()), lower(r.field.as_str())),
            Rule::AutoNumber(r) => ("auto_number", lower(r.object.as_str()), lower(r.field.as_str())),
            Rule::Permissions(r) => ("permissions", lower(r.of.as_str()), String::new()),
        }
    }

    /// The first characters of its id, as the real records of these rules have them.
    pub(crate) fn key_prefix(&self) -> &'static str {
        match self {
            Rule::Validation(_) => "03d",
            Rule::Duplicate(_) => "0Bm",
            Rule::Assignment(_) => "01Q",
            Rule::RollUp(_) | Rule::AutoNumber(_) => "00N",
            Rule::Permissions(_) => "0PS",
        }
    }
}

macro_rules! from {
    ($($Kind:ident($Type:ty)),*) => {
        $(impl From<$Type> for Rule {
            fn from(rule: $Type) -> Rule {
                Rule::$Kind(rule)
            }
        })*
    };
}
from!(
    Validation(ValidationRule),
    Duplicate(DuplicateRule),
    Assignment(AssignmentRule),
    RollUp(RollUp),
    AutoNumber(AutoNumber),
    Permissions(Permissions)
);

fn yes() -> bool {
    true
}
