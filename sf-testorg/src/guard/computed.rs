//! Fields the org computes: roll-up summaries and auto-numbers.
use serde::{Deserialize, Serialize};
use sf_core::{FieldName, ObjectName};

/// How a roll-up sums up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Summary {
    /// How many children; 0 without any.
    Count,
    /// The sum of a number; 0 without any.
    Sum,
    /// The least number, date or date-time; null without any.
    Min,
    /// The greatest number, date or date-time; null without any.
    Max,
}

/// A field of a parent that sums up its live children. It is read-only (`calculated` in describe), made when the parent does not have it, and
/// right at once for the rows that are there. When a child is saved, deleted or moved to another parent, the parent's value and
/// `SystemModstamp` follow in the same transaction, its `LastModifiedDate` does not; a parent whose value stays keeps its stamp
/// ([`GuardAssumptions::roll_up_moves_modstamp`](crate::GuardAssumptions::roll_up_moves_modstamp)). A parent in the recycle bin stays as it
/// was, and has the value of its children when it comes back.
///
/// ```
/// use sf_core::{field, object};
/// use sf_testorg::{TestOrg, guard::RollUp};
///
/// let org = TestOrg::demo();
/// let roll_up = RollUp::sum(object!("Account"), field!("Open_Amount__c"), object!("Opportunity"), field!("AccountId"), field!("Amount"))
///     .only_if("IsClosed = false");
/// org.add_rule(roll_up)?;
/// let account = org.rows(&object!("Account"))[0].id.unwrap();
/// assert_ne!(org.value(account, "Open_Amount__c"), sf_core::Value::Null);
/// # Ok::<(), sf_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RollUp {
    /// The parent.
    pub object: ObjectName,
    /// Its field.
    pub field: FieldName,
    /// The children.
    pub child: ObjectName,
    /// Their lookup to the parent.
    pub lookup: FieldName,
    /// How they are summed up.
    pub summary: Summary,
    /// Which field of theirs; none for a count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<FieldName>,
    /// Only children for which this WHERE clause holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<String>,
}

impl RollUp {
    fn new(
        (object, field): (ObjectName, FieldName),
        (child, lookup): (ObjectName, FieldName),
        summary: Summary,
        of: Option<FieldName>,
    ) -> RollUp {
        RollUp { object, field, child, lookup, summary, of, condition: None }
    }
    /// The number of children.
    pub fn count(object: ObjectName, field: FieldName, child: ObjectName, lookup: FieldName) -> RollUp {
        RollUp::new((object, field), (child, lookup), Summary::Count, None)
    }
    /// The sum of a number of the children.
    pub fn sum(
        object: ObjectName,
        field: FieldName,
        child: ObjectName,
        lookup: FieldName,
        of: FieldName,
    ) -> RollUp {
        RollUp::new((object, field), (child, lookup), Summary::Sum, Some(of))
    }
    /// The least value of a number or date of the children.
    pub fn min(
        object: ObjectName,
        field: FieldName,
        child: ObjectName,
        lookup: FieldName,
        of: FieldName,
    ) -> RollUp {
        RollUp::new((object, field), (child, lookup), Summary::Min, Some(of))
    }
    /// The greatest value of a number or date of the children.
    pub fn max(
        object: ObjectName,
        field: FieldName,
        child: ObjectName,
        lookup: FieldName,
        of: FieldName,
    ) -> RollUp {
        RollUp::new((object, field), (child, lookup), Summary::Max, Some(of))
    }
    /// Only of children that meet this WHERE clause.
    #[must_use]
    pub fn only_if(mut self, condition: impl Into<String>) -> RollUp {
        self.condition = Some(condition.into());
        self
    }
}

/// The form of an auto-number field. A field whose describe says `autoNumber` needs no rule: it counts from 1 in the form `{0000}`. The field is made when
/// the sObject does not have it. Nobody can write it; numbers rise, and one of a save that was undone is not given again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AutoNumber {
    /// The sObject.
    pub object: ObjectName,
    /// Its field.
    pub field: FieldName,
    /// Salesforce's display format: text around `{0000}` (so many digits at least), and `{YYYY}`, `{YY}`, `{MM}`, `{DD}` of the day of the save.
    #[serde(default = "usual_format")]
    pub format: String,
    /// The first number (default: 1).
    #[serde(default = "one")]
    pub start: u64,
}

fn one() -> u64 {
    1
}
pub(crate) fn usual_format() -> String {
    "{0000}".into()
}

impl AutoNumber {
    /// Counts from 1 in this form.
    pub fn new(object: ObjectName, field: FieldName, format: impl Into<String>) -> AutoNumber {
        AutoNumber { object, field, format: format.into(), start: 1 }
    }
    /// Counts from this number.
    #[must_use]
    pub fn start(mut self, start: u64) -> AutoNumber {
        self.start = start;
        self
    }
}
