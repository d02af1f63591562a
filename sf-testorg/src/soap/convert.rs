//! `convertLead`. (SOAP API guide, "convertLead()")
use super::{
    calls::{id_of, value_of},
    envelope::{element, error, nillable},
};
use crate::{
    ConvertedLead, LeadConversion,
    error::{ApiError, ApiResult},
    org::Inner,
    rest::Service,
    save::NONE,
    xml::Element,
};
use sf_core::SfId;

impl Inner {
    pub(super) fn convert_all(&mut self, call: &Element) -> Vec<String> {
        let leads: Vec<&Element> =
            call.children.iter().filter(|child| child.name == "leadConverts").collect();
        let convert = |one: &Element| {
            let converted = conversion(one)
                .and_then(|conversion| Service { inner: self }.saver().convert_lead(&conversion));
            result(one, &self.worded(converted))
        };
        leads.into_iter().map(convert).collect()
    }
}

/// Mails are not sent, and rows that are sent along are not taken.
fn conversion(one: &Element) -> ApiResult<LeadConversion> {
    for name in ["accountRecord", "contactRecord", "opportunityRecord"] {
        if one.child(name).is_some_and(|child| !child.is_nil) {
            let message = format!("{name} is not simulated by this org");
            return Err(ApiError::row("INVALID_OPERATION", message, NONE));
        }
    }
    let missing = || ApiError::row("MISSING_ARGUMENT", "Id not specified in a convertLead call", NONE);
    let lead = id_of(one, "leadId")?.ok_or_else(missing)?;
    let is = |name: &str| value_of(one, name).is_some_and(|value| value == "true" || value == "1");
    let mut conversion = LeadConversion::new(lead, value_of(one, "convertedStatus").unwrap_or_default());
    conversion.account = id_of(one, "accountId")?;
    conversion.contact = id_of(one, "contactId")?;
    conversion.opportunity = id_of(one, "opportunityId")?;
    conversion.opportunity_name = value_of(one, "opportunityName");
    conversion.without_opportunity = is("doNotCreateOpportunity");
    conversion.overwrite_lead_source = is("overwriteLeadSource");
    conversion.owner = id_of(one, "ownerId")?;
    Ok(conversion)
}

fn result(one: &Element, converted: &ApiResult<ConvertedLead>) -> String {
    let done = converted.as_ref().ok();
    let lead = done.map(|done| done.lead).or_else(|| id_of(one, "leadId").ok().flatten());
    let id = |id: Option<SfId>| id.map(|id| id.to_string());
    let mut out = String::from("<result>");
    nillable("accountId", id(done.map(|done| done.account)), &mut out);
    nillable("contactId", id(done.map(|done| done.contact)), &mut out);
    if let Err(problem) = converted {
        error(problem, &mut out);
    }
    nillable("leadId", id(lead), &mut out);
    nillable("opportunityId", id(done.and_then(|done| done.opportunity)), &mut out);
    element("success", if done.is_some() { "true" } else { "false" }, &mut out);
    out.push_str("</result>");
    out
}
