//! Assignment rules.
use super::yes;
use serde::{Deserialize, Serialize};
use sf_core::{ObjectName, SfId};

/// One entry of an assignment rule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Assignment {
    /// The rows it is for: a WHERE clause of SOQL; without one, all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<String>,
    /// Who gets them: a user or a queue.
    pub owner: SfId,
}

/// Gives a case or a lead its owner when it is created or updated by a request: that of the first entry whose condition holds; when none holds, the
/// owner stays. The active rule is used unless the request says otherwise: `Sforce-Auto-Assign: FALSE` uses none, an id uses that rule, also when it
/// is not active (REST API guide, "Assignment Rule Header"). Bulk API 2.0 uses a rule only when the job names it as `assignmentRuleId`;
/// the org's own UI ([`TestOrg::apply`](crate::TestOrg::apply)) uses none.
///
/// ```
/// use sf_core::{SfId, object};
/// use sf_testorg::{TestOrg, guard::AssignmentRule};
///
/// let org = TestOrg::demo();
/// let user = org.rows(&object!("User"))[1].id.unwrap();
/// let id = org.add_rule(AssignmentRule::new(object!("Case"), "Support").assign("Priority = 'High'", user))?;
/// assert_eq!(id.key_prefix(), "01Q");
/// # Ok::<(), sf_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AssignmentRule {
    /// `Case` or `Lead`.
    pub object: ObjectName,
    /// Its name; a rule of the same sObject and name takes its place.
    pub name: String,
    /// The entries, in order.
    pub entries: Vec<Assignment>,
    /// Whether it is the one that is used by default (default: `true`). Adding an active rule makes the sObject's others inactive.
    #[serde(default = "yes")]
    pub active: bool,
}

impl AssignmentRule {
    /// An active rule without entries.
    pub fn new(object: ObjectName, name: impl Into<String>) -> AssignmentRule {
        AssignmentRule { object, name: name.into(), entries: Vec::new(), active: true }
    }
    /// One more entry: rows that meet the WHERE clause get this owner.
    #[must_use]
    pub fn assign(mut self, condition: impl Into<String>, owner: SfId) -> AssignmentRule {
        self.entries.push(Assignment { condition: Some(condition.into()), owner });
        self
    }
    /// One more entry: all rows get this owner.
    #[must_use]
    pub fn assign_all(mut self, owner: SfId) -> AssignmentRule {
        self.entries.push(Assignment { condition: None, owner });
        self
    }
    /// Not the one that is used by default, or again the one.
    #[must_use]
    pub fn active(mut self, active: bool) -> AssignmentRule {
        self.active = active;
        self
    }
}
