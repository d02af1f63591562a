//! USING SCOPE (SOQL reference, "USING SCOPE"): whose rows.
use super::{
    Sources,
    error::QueryError,
    filter::{Filter, Test},
    path::{Leaf, Path},
    scalar::Scalar,
    value::Value,
};
use crate::{assumptions::AssumedError, state::SObjectType};
use sf_core::SfId;
use sf_soql::{Op, Statement};
use std::sync::Arc;

/// The filter with what the scope adds to it.
///
/// An object has the scopes that its describe lists as `supportedScopes`. The org has no teams, territories, queues and
/// scoping rules: a user's teams and territories and queues have no rows, a scoping rule leaves all, and "mine and my groups"
/// are the user's own.
pub(super) fn scoped<'q>(
    sources: &Sources<'_>,
    statement: &'q Statement,
    sobject: &Arc<SObjectType>,
    filter: Option<Filter>,
) -> Result<Option<Filter>, QueryError<'q>> {
    let Some(scope) = &statement.scope else { return Ok(filter) };
    let name = scope.as_str().to_ascii_lowercase();
    if !sobject.scopes().any(|known| known.eq_ignore_ascii_case(&name)) {
        let message = format!("The scope '{scope}' is not supported for the entity '{}'", sobject.name);
        let error = QueryError::malformed(sf_soql::Leaf::Name(scope), message);
        return Err(error.assumed(AssumedError::UnknownScope));
    }
    let is_user = |at: Option<usize>, op: Op| {
        let (Some(at), Some(user)) = (at, sources.state.user()) else { return Filter::Nothing };
        own(sobject, at, op, user)
    };
    let also = match name.as_str() {
        "mine" | "mine_and_my_groups" => vec![is_user(sobject.system.owner, Op::Eq)],
        // What the user made and another owns.
        "delegated" => {
            vec![is_user(sobject.system.created_by, Op::Eq), is_user(sobject.system.owner, Op::Ne)]
        }
        "everything" | "scopingrule" | "user_owned" => return Ok(filter),
        _ => vec![Filter::Nothing],
    };
    Ok(Some(Filter::And(filter.into_iter().chain(also).collect())))
}

/// Whether a field of the row itself is this user.
fn own(sobject: &Arc<SObjectType>, at: usize, op: Op, user: SfId) -> Filter {
    let path = Path { steps: Vec::new(), leaf: Leaf::Field { sobject: sobject.clone(), at } };
    Filter::Test(Value::field(path), Test::Compare(op, Scalar::Id(user)))
}
