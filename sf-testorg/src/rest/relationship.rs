//! Relationships in URLs: `/sobjects/Opportunity/006…/Account/Contacts` (REST API guide, "sObject Relationships").
use super::{Answer, Call, Service};
use crate::{
    Method,
    error::{ApiError, ApiResult},
};
use sf_core::SfId;

/// Parents on the way; children can only be the last step.
const MOST_PARENTS: usize = 5;

impl Service<'_> {
    pub(super) fn related(
        &mut self,
        call: &Call<'_>,
        object: &str,
        id: &str,
        path: &[&str],
    ) -> ApiResult<Answer> {
        let mut sobject = self.saver().sobject(object)?;
        let mut id = SfId::new(id).map_err(|_| ApiError::not_found())?;
        for (i, name) in path.iter().enumerate() {
            let row = self.saver().existing(&sobject, id).map_err(|_| ApiError::not_found())?;
            let is_last = i + 1 == path.len();
            if let Some(at) = sobject.relationship(name) {
                if i >= MOST_PARENTS || !self.inner.rules.is_visible(&sobject.name, &sobject.fields[at].name)
                {
                    return Err(ApiError::not_found());
                }
                // A lookup without a value has nothing at its end.
                let parent =
                    row.cells.get(at).and_then(crate::state::Cell::as_id).ok_or_else(ApiError::not_found)?;
                let found = self.inner.state.find(parent).map(|(parent, _)| parent.name.clone());
                // It may be of an sObject that the user cannot read.
                (sobject, id) = (self.saver().sobject(&found.unwrap_or_default())?, parent);
                if is_last {
                    return self.record_at(call, &sobject, id);
                }
            } else if let (Some(child), true) = (sobject.child(name), is_last) {
                let (child, field) = (child.child.clone(), child.field.clone());
                return self.children_at(call, &child, &field, id);
            } else {
                return Err(ApiError::not_found());
            }
        }
        Err(ApiError::not_found())
    }

    /// The children as a query answers them, page by page.
    fn children_at(
        &mut self,
        call: &Call<'_>,
        object: &str,
        lookup: &str,
        parent: SfId,
    ) -> ApiResult<Answer> {
        if !matches!(call.method, Method::Get | Method::Head) {
            return Err(ApiError::method(call.method, "GET,HEAD"));
        }
        let child = self.saver().sobject(object)?;
        let fields: Vec<String> = match call.parameter("fields") {
            Some(list) => {
                let asked = list.split(',').map(str::trim);
                let positions = self.positions(&child, asked, true)?;
                positions.iter().map(|at| child.fields[*at].name.clone()).collect()
            }
            None => {
                let is_visible = |name: &str| self.inner.rules.is_visible(&child.name, name);
                child.fields.iter().map(|f| f.name.clone()).filter(|name| is_visible(name)).collect()
            }
        };
        // Names come from the schema and the id is an id: there is nothing to escape.
        let soql = format!("SELECT {} FROM {} WHERE {lookup} = '{parent}'", fields.join(","), child.name);
        self.answer_query(call, &soql, false)
    }
}
