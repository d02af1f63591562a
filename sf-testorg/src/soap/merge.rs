//! `merge`: each request is a transaction of its own. (SOAP API guide, "merge()")
use super::{
    calls::value_of,
    envelope::{element, error, nillable},
};
use crate::{
    Merged,
    error::{ApiError, ApiResult},
    json::Json,
    org::Inner,
    rest::Service,
    save::{NONE, malformed_id},
    xml::Element,
};
use sf_core::SfId;

impl Inner {
    pub(super) fn merge_all(&mut self, call: &Element) -> Vec<String> {
        let requests: Vec<&Element> = call
            .children
            .iter()
            .filter(|child| child.name == "mergeRequests" || child.name == "request")
            .collect();
        let merge = |request: &Element| {
            let merged = self.merge_one(request);
            result(&self.worded(merged))
        };
        requests.into_iter().map(merge).collect()
    }

    fn merge_one(&mut self, request: &Element) -> ApiResult<Merged> {
        let no_master = || ApiError::row("MISSING_ARGUMENT", "Id not specified in a merge call", NONE);
        let record = request.child("masterRecord").ok_or_else(no_master)?;
        let master = value_of(record, "Id").ok_or_else(no_master)?;
        let master = SfId::new(&master).map_err(|_| malformed_id(&master))?;
        let kind = value_of(record, "type").unwrap_or_default();
        if self.state.schema().get(&kind).is_none_or(|sobject| !sobject.could_have(master)) {
            let message = if kind.is_empty() {
                "Must send a concrete entity type.".to_owned()
            } else {
                format!("{kind} ID: id value of incorrect type: {master}")
            };
            let code = if kind.is_empty() { "INVALID_TYPE" } else { "MALFORMED_ID" };
            return Err(ApiError::row(code, message, NONE));
        }
        let mut victims = Vec::new();
        for child in request.children.iter().filter(|child| child.name == "recordToMergeIds") {
            let text = child.text.trim();
            victims.push(SfId::new(text).map_err(|_| malformed_id(text))?);
        }
        let merged = Service { inner: self }.saver().merge(master, &victims, &fields(record))?;
        match self.commit() {
            Ok(()) => Ok(merged),
            Err(e) => {
                let message = format!("An unexpected error occurred: the change could not be kept: {e}");
                Err(ApiError::new(500, "UNKNOWN_EXCEPTION", message))
            }
        }
    }
}

/// The values of an sObject: text as it stands, null where the element is nil or named in `fieldsToNull`.
fn fields(record: &Element) -> Vec<(String, Json)> {
    let mut fields = Vec::new();
    for child in &record.children {
        match child.name.as_str() {
            "type" | "Id" => {}
            "fieldsToNull" => fields.push((child.text.trim().to_owned(), Json::Null)),
            name if child.is_nil => fields.push((name.to_owned(), Json::Null)),
            name => fields.push((name.to_owned(), Json::Text(child.text.clone()))),
        }
    }
    fields
}

fn result(merged: &ApiResult<Merged>) -> String {
    let mut out = String::from("<result>");
    match merged {
        Ok(merged) => {
            element("id", merged.master.as_str(), &mut out);
            for victim in &merged.victims {
                element("mergedRecordIds", victim.as_str(), &mut out);
            }
            element("success", "true", &mut out);
            for row in &merged.moved {
                element("updatedRelatedIds", row.as_str(), &mut out);
            }
        }
        Err(problem) => {
            error(problem, &mut out);
            nillable("id", None::<&str>, &mut out);
            element("success", "false", &mut out);
        }
    }
    out.push_str("</result>");
    out
}
