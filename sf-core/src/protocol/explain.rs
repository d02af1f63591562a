//! `GET /query?explain=`: how the org would find the rows of a statement.
use super::{Request, Response, Safety, envelope, query::fits, read_failure};
use crate::{Capabilities, Delivery, ErrorKind, Failure, Result, Soql};
use serde::{Deserialize, Deserializer};

/// One way in which the org could find the rows of a query (REST API guide, "Query", parameter `explain`; a beta feature).
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct QueryPlan {
    /// Rows that the org expects its leading operation to give.
    #[serde(deserialize_with = "count")]
    pub cardinality: u64,
    /// Fields whose index is used; empty where none is.
    #[serde(default)]
    pub fields: Vec<String>,
    /// How the rows are found first.
    pub leading_operation_type: LeadingOperation,
    /// What the org says to it, such as filters that it could not use.
    #[serde(default)]
    pub notes: Vec<PlanNote>,
    /// The cost against the org's limit for a selective query; see [`is_selective`](QueryPlan::is_selective).
    pub relative_cost: f64,
    /// Rows of the sObject, about.
    #[serde(deserialize_with = "count")]
    pub sobject_cardinality: u64,
    /// The sObject of the query.
    pub sobject_type: String,
}
impl QueryPlan {
    /// Whether the org takes the query for selective by this plan: a relative cost of 1 at most. Of a query without a
    /// selective plan the org may refuse to search a large object.
    pub fn is_selective(&self) -> bool {
        self.relative_cost <= 1.0
    }
}

/// How rows are found first.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "String")]
#[non_exhaustive]
pub enum LeadingOperation {
    /// By an index of a field.
    Index,
    /// By an optimisation inside of Salesforce.
    Other,
    /// By an index of the sharing rules.
    Sharing,
    /// By looking at every row.
    TableScan,
    /// Something this version of the library does not know.
    Unknown(String),
}
impl From<String> for LeadingOperation {
    fn from(text: String) -> LeadingOperation {
        match text.as_str() {
            "Index" => LeadingOperation::Index,
            "Other" => LeadingOperation::Other,
            "Sharing" => LeadingOperation::Sharing,
            "TableScan" => LeadingOperation::TableScan,
            _ => LeadingOperation::Unknown(text),
        }
    }
}

/// What the org says to a plan.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PlanNote {
    /// In the org's words.
    pub description: String,
    /// The fields it is about.
    #[serde(default)]
    pub fields: Vec<String>,
    /// The sObject it is about, as the org names it.
    #[serde(default)]
    pub table_enum_or_id: String,
}

/// A count, in whatever form of a number.
fn count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    let number = serde_json::Number::deserialize(deserializer)?;
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let whole = |float: f64| float.max(0.0) as u64;
    Ok(number.as_u64().or_else(|| number.as_f64().map(whole)).unwrap_or_default())
}

/// A request for the plans of a statement: as `GET`, or in a `POST /composite` where the URL would be too long or seen.
///
/// ```
/// use sf_core::{Capabilities, Soql, protocol};
/// let can = Capabilities::default();
/// let request = protocol::explain_request(&Soql::raw("SELECT Id FROM Account"), &can)?;
/// assert_eq!(
///     request.target(can.api_version)?,
///     "/services/data/v66.0/query?explain=SELECT%20Id%20FROM%20Account"
/// );
/// # Ok::<(), sf_core::Error>(())
/// ```
pub fn explain_request(soql: &Soql, can: &Capabilities) -> Result<Request> {
    let request = Request::get(["query"]).with_query("explain", soql.as_str());
    match fits(&request, can) {
        true => Ok(request),
        false => Ok(envelope::wrap(&[request], false, can.api_version)?.with_safety(Safety::Read)),
    }
}

/// The plans, the one that the org would take first.
pub fn explain_response(request: &Request, response: &Response) -> Result<Vec<QueryPlan>> {
    #[derive(Deserialize)]
    struct Answer {
        plans: Vec<QueryPlan>,
    }
    let part = match request.method {
        super::Method::Get => None,
        _ => envelope::unwrap(request, 1, response)?.pop().flatten(),
    };
    let response = match (request.method, &part) {
        (super::Method::Get, _) => response,
        (_, Some(part)) => part,
        (_, None) => {
            let message = "the composite answer lacks the plans of the query";
            return Err(Failure::new(ErrorKind::Decode, Delivery::Refused, message).into());
        }
    };
    if !response.is_success() {
        return Err(read_failure(response, Safety::Read).into());
    }
    Ok(response.json::<Answer>()?.plans)
}
