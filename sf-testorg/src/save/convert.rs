//! A lead becomes an account, a contact and, unless it is unwanted, an opportunity.
use super::{FieldAccess, NONE, Saver, value_json};
use crate::{
    assumptions::AssumedError,
    error::{ApiError, ApiResult},
    json::Json,
    state::{Cell, Row, SObjectType},
};
use chrono::{Datelike, Months, NaiveDate};
use sf_core::SfId;
use std::sync::Arc;

/// What a conversion is asked to do: the fields of the SOAP API's `LeadConvert`.
///
/// ```
/// use sf_core::SfId;
/// use sf_testorg::LeadConversion;
///
/// let lead = SfId::new("00Q5e0000000001EAA")?;
/// let conversion = LeadConversion::new(lead, "Closed - Converted").opportunity_name("Acme, 2027");
/// assert_eq!(conversion.opportunity_name.as_deref(), Some("Acme, 2027"));
/// # Ok::<(), sf_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LeadConversion {
    /// The lead.
    pub lead: SfId,
    /// Its status from now on: the label or API name of a `LeadStatus` whose `IsConverted` is true.
    pub status: String,
    /// An account that is there already; none: a new one.
    pub account: Option<SfId>,
    /// A contact of that account; none: a new one.
    pub contact: Option<SfId>,
    /// An opportunity that is there already; none: a new one.
    pub opportunity: Option<SfId>,
    /// Name of the new opportunity; none: the lead's company.
    pub opportunity_name: Option<String>,
    /// No new opportunity.
    pub without_opportunity: bool,
    /// The contact's lead source becomes that of the lead even where the contact has one.
    pub overwrite_lead_source: bool,
    /// Who gets the new rows; none: the lead's owner.
    pub owner: Option<SfId>,
}

impl LeadConversion {
    /// Into a new account, contact and opportunity of the lead's owner.
    pub fn new(lead: SfId, status: impl Into<String>) -> LeadConversion {
        LeadConversion {
            lead,
            status: status.into(),
            account: None,
            contact: None,
            opportunity: None,
            opportunity_name: None,
            without_opportunity: false,
            overwrite_lead_source: false,
            owner: None,
        }
    }
    /// Into this account.
    #[must_use]
    pub fn account(mut self, account: SfId) -> LeadConversion {
        self.account = Some(account);
        self
    }
    /// Into this contact of the account that [`LeadConversion::account`] names.
    #[must_use]
    pub fn contact(mut self, contact: SfId) -> LeadConversion {
        self.contact = Some(contact);
        self
    }
    /// Into this opportunity.
    #[must_use]
    pub fn opportunity(mut self, opportunity: SfId) -> LeadConversion {
        self.opportunity = Some(opportunity);
        self
    }
    /// The new opportunity's name.
    #[must_use]
    pub fn opportunity_name(mut self, name: impl Into<String>) -> LeadConversion {
        self.opportunity_name = Some(name.into());
        self
    }
    /// No opportunity.
    #[must_use]
    pub fn without_opportunity(mut self) -> LeadConversion {
        self.without_opportunity = true;
        self
    }
    /// Writes the lead's source over the contact's.
    #[must_use]
    pub fn overwrite_lead_source(mut self) -> LeadConversion {
        self.overwrite_lead_source = true;
        self
    }
    /// The owner of the new rows.
    #[must_use]
    pub fn owner(mut self, owner: SfId) -> LeadConversion {
        self.owner = Some(owner);
        self
    }
}

/// What a lead became.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConvertedLead {
    /// The lead.
    pub lead: SfId,
    /// Its account.
    pub account: SfId,
    /// Its contact.
    pub contact: SfId,
    /// Its opportunity, if there is one.
    pub opportunity: Option<SfId>,
}

/// A lead's field and where it goes. (Salesforce Help, "Lead Conversion Field Mapping")
type Mapping = &'static [(&'static str, &'static str)];
const TO_ACCOUNT: Mapping = &[
    ("Company", "Name"),
    ("Street", "BillingStreet"),
    ("City", "BillingCity"),
    ("State", "BillingState"),
    ("PostalCode", "BillingPostalCode"),
    ("Country", "BillingCountry"),
    ("Latitude", "BillingLatitude"),
    ("Longitude", "BillingLongitude"),
    ("GeocodeAccuracy", "BillingGeocodeAccuracy"),
    ("AnnualRevenue", "AnnualRevenue"),
    ("Fax", "Fax"),
    ("Industry", "Industry"),
    ("LeadSource", "AccountSource"),
    ("NumberOfEmployees", "NumberOfEmployees"),
    ("Phone", "Phone"),
    ("Rating", "Rating"),
    ("Website", "Website"),
];
const TO_CONTACT: Mapping = &[
    ("FirstName", "FirstName"),
    ("LastName", "LastName"),
    ("Salutation", "Salutation"),
    ("Street", "MailingStreet"),
    ("City", "MailingCity"),
    ("State", "MailingState"),
    ("PostalCode", "MailingPostalCode"),
    ("Country", "MailingCountry"),
    ("Latitude", "MailingLatitude"),
    ("Longitude", "MailingLongitude"),
    ("GeocodeAccuracy", "MailingGeocodeAccuracy"),
    ("Description", "Description"),
    ("Email", "Email"),
    ("Fax", "Fax"),
    ("LeadSource", "LeadSource"),
    ("MobilePhone", "MobilePhone"),
    ("Phone", "Phone"),
    ("Title", "Title"),
];
const TO_OPPORTUNITY: Mapping = &[("Company", "Name"), ("LeadSource", "LeadSource")];

impl Saver<'_> {
    /// Account, contact, opportunity, activities, then the lead; their triggers and rules run as on other saves, those of activities do not.
    pub(crate) fn convert_lead(&mut self, conversion: &LeadConversion) -> ApiResult<ConvertedLead> {
        let sobject = self.sobject("Lead")?;
        let lead = self.existing(&sobject, conversion.lead)?;
        self.faults.row_error(&sobject.name, Some(lead.id))?;
        if is_converted(&sobject, &lead) {
            return Err(converted_lead());
        }
        if !self.rules.object_access(&sobject.name).edit {
            return Err(self.insufficient_access());
        }
        let savepoint = self.state.savepoint();
        let result = self.convert(&sobject, &lead, conversion);
        if result.is_err() {
            self.state.rollback_to(savepoint);
        }
        result
    }

    fn convert(
        &mut self,
        sobject: &Arc<SObjectType>,
        lead: &Arc<Row>,
        conversion: &LeadConversion,
    ) -> ApiResult<ConvertedLead> {
        let status = self.converted_status(sobject, &conversion.status)?;
        let owner = self.owner_of_converted(sobject, lead, conversion)?;
        self.check_targets(conversion)?;
        let account = match conversion.account {
            Some(account) => self.fill_empty("Account", account, (sobject, lead), TO_ACCOUNT, &[])?,
            None => self.create("Account", (sobject, lead), TO_ACCOUNT, vec![("OwnerId", owner.clone())])?,
        };
        let contact = match conversion.contact {
            Some(contact) => {
                let over: &[&str] = if conversion.overwrite_lead_source { &["LeadSource"] } else { &[] };
                self.fill_empty("Contact", contact, (sobject, lead), TO_CONTACT, over)?
            }
            None => {
                let more = vec![("AccountId", id_json(account)), ("OwnerId", owner.clone())];
                self.create("Contact", (sobject, lead), TO_CONTACT, more)?
            }
        };
        let opportunity = match conversion.opportunity {
            Some(opportunity) => {
                let mapping: Mapping = &[("LeadSource", "LeadSource")];
                Some(self.fill_empty("Opportunity", opportunity, (sobject, lead), mapping, &[])?)
            }
            None if conversion.without_opportunity => None,
            None => Some(self.new_opportunity((sobject, lead), conversion, account, contact, owner)?),
        };
        let about = opportunity
            .or_else(|| self.state.assumptions.life.converted_activities_of_account.then_some(account));
        self.move_activities(conversion, contact, about)?;
        let converted = ConvertedLead { lead: lead.id, account, contact, opportunity };
        self.close_lead(sobject, &status, converted)?;
        Ok(converted)
    }

    /// The value of the lead's status; only those that `LeadStatus` says convert, and that are open.
    fn converted_status(&self, sobject: &SObjectType, status: &str) -> ApiResult<String> {
        let field = sobject.field("Status");
        let values = field.into_iter().flat_map(|field| &field.picklist_values);
        let named = |value: &&crate::state::PicklistEntry| {
            value.active && (value.value == status || value.label.as_deref() == Some(status))
        };
        let found = values.into_iter().find(named).map(|value| value.value.clone());
        found.filter(|value| self.state.is_flagged("LeadStatus", Some(value))).ok_or_else(|| {
            ApiError::row("INVALID_STATUS", format!("invalid convertedStatus: {status}"), ["Status"])
        })
    }

    /// Accounts and contacts cannot belong to a queue.
    fn owner_of_converted(
        &self,
        sobject: &SObjectType,
        lead: &Row,
        conversion: &LeadConversion,
    ) -> ApiResult<Json> {
        let own = sobject.system.owner.and_then(|at| lead.cells[at].as_id());
        match conversion.owner.or(own) {
            Some(owner) if owner.key_prefix() == "005" => Ok(id_json(owner)),
            _ => {
                let message = "Converted objects can only be owned by users.  If the lead is not owned by a user, you \
                               must specify a user for the Owner field.";
                Err(ApiError::row("INVALID_CROSS_REFERENCE_KEY", message, ["OwnerId"])
                    .assumed(AssumedError::ConvertedOwner))
            }
        }
    }

    /// The rules of the SOAP API guide, "convertLead()".
    fn check_targets(&self, conversion: &LeadConversion) -> ApiResult<()> {
        let refuse = |code, message: &str, assumed| Err(ApiError::row(code, message, NONE).assumed(assumed));
        let target = AssumedError::ConversionTarget;
        if conversion.contact.is_some() && conversion.account.is_none() {
            let message = "contactId: an accountId must be specified with a contactId";
            return refuse("INVALID_CROSS_REFERENCE_KEY", message, target);
        }
        if conversion.without_opportunity
            && (conversion.opportunity_name.is_some() || conversion.opportunity.is_some())
        {
            let message = "opportunityName: must be left blank when doNotCreateOpportunity is true";
            return refuse("INVALID_FIELD_FOR_INSERT_UPDATE", message, AssumedError::UnwantedOpportunity);
        }
        for (object, id) in [("Contact", conversion.contact), ("Opportunity", conversion.opportunity)] {
            let Some(id) = id else { continue };
            let sobject = self.sobject(object)?;
            let row = self.existing(&sobject, id)?;
            let account = sobject.position("AccountId").and_then(|at| row.cells[at].as_id());
            if account != conversion.account {
                let message = format!("{object} {id} is not associated with the specified account");
                return refuse("INVALID_CROSS_REFERENCE_KEY", &message, target);
            }
        }
        if let Some(account) = conversion.account {
            let sobject = self.sobject("Account")?;
            self.existing(&sobject, account)?;
        }
        Ok(())
    }

    /// The lead's values for a row of this sObject, as far as the user may write them.
    fn mapped(
        &self,
        target: &SObjectType,
        (sobject, lead): (&SObjectType, &Row),
        mapping: Mapping,
        creating: bool,
    ) -> Vec<(String, Json)> {
        let mut fields = Vec::new();
        for (from, to) in mapping {
            let (Some(from), Some(field)) = (sobject.position(from), target.field(to)) else { continue };
            let writable = if creating { field.createable } else { field.updateable };
            if lead.cells[from].is_null()
                || !writable
                || self.rules.access(&target.name, &field.name) < FieldAccess::Edit
            {
                continue;
            }
            // A name may be shorter there.
            let value = match &lead.cells[from] {
                Cell::Text(text) if field.length > 0 => Json::Text(text.chars().take(field.length).collect()),
                cell => value_json(&cell.to_value()),
            };
            fields.push((field.name.clone(), value));
        }
        fields
    }

    fn create(
        &mut self,
        object: &str,
        lead: (&Arc<SObjectType>, &Arc<Row>),
        mapping: Mapping,
        more: Vec<(&str, Json)>,
    ) -> ApiResult<SfId> {
        let target = self.sobject(object)?;
        let mut fields = self.mapped(&target, (lead.0, lead.1), mapping, true);
        for (name, value) in more {
            fields.retain(|(known, _)| known != name);
            fields.push((name.to_owned(), value));
        }
        self.insert(object, &fields)
    }

    /// Fills what is empty in a row that is there; a value that is there stays, unless the field is named in `over`.
    fn fill_empty(
        &mut self,
        object: &str,
        id: SfId,
        lead: (&Arc<SObjectType>, &Arc<Row>),
        mapping: Mapping,
        over: &[&str],
    ) -> ApiResult<SfId> {
        let target = self.sobject(object)?;
        let row = self.existing(&target, id)?;
        let mut fields = self.mapped(&target, (lead.0, lead.1), mapping, false);
        fields.retain(|(name, _)| {
            over.contains(&name.as_str()) || target.position(name).is_some_and(|at| row.cells[at].is_null())
        });
        if !fields.is_empty() {
            self.update(object, id, &fields)?;
        }
        Ok(id)
    }

    fn new_opportunity(
        &mut self,
        lead: (&Arc<SObjectType>, &Arc<Row>),
        conversion: &LeadConversion,
        account: SfId,
        contact: SfId,
        owner: Json,
    ) -> ApiResult<SfId> {
        let close = end_of_quarter(self.today());
        let mut more = vec![
            ("AccountId", id_json(account)),
            ("CloseDate", Json::Text(close.to_string())),
            ("ContactId", id_json(contact)),
            ("OwnerId", owner),
            ("StageName", Json::Text(self.first_stage()?)),
        ];
        if let Some(name) = &conversion.opportunity_name {
            more.push(("Name", Json::Text(name.clone())));
        }
        self.create("Opportunity", lead, TO_OPPORTUNITY, more)
    }

    /// The default of the picklist, else its first open value. (SOAP API guide, "convertLead()": picklist values)
    fn first_stage(&self) -> ApiResult<String> {
        let opportunity = self.sobject("Opportunity")?;
        let values: Vec<_> = opportunity
            .field("StageName")
            .into_iter()
            .flat_map(|field| &field.picklist_values)
            .filter(|value| value.active)
            .collect();
        let stage = values.iter().find(|value| value.default_value).or(values.first());
        Ok(stage.map(|value| value.value.clone()).unwrap_or_default())
    }

    /// Open and closed activities become those of the contact and the opportunity. Open tasks and events of the converting user go to a
    /// new owner with the rows. (Salesforce Help 000385227)
    fn move_activities(
        &mut self,
        conversion: &LeadConversion,
        contact: SfId,
        about: Option<SfId>,
    ) -> ApiResult<()> {
        let user = self.state.user();
        for object in ["Task", "Event"] {
            let Some(sobject) = self.state.schema().get(object).cloned() else { continue };
            let Some(who) = sobject.position("WhoId") else { continue };
            let closed = sobject.position("IsClosed");
            for id in self.with_value(&sobject, who, &Cell::Id(conversion.lead)) {
                let Some((_, row)) = self.state.find(id) else { continue };
                let is_open = closed.is_none_or(|at| row.cells[at] != Cell::Bool(true));
                let is_own = sobject.system.owner.and_then(|at| row.cells[at].as_id()) == user;
                let mut fields = vec![("WhoId", Cell::Id(contact))];
                if let Some(about) = about {
                    fields.push(("WhatId", Cell::Id(about)));
                }
                if let Some(owner) = conversion.owner.filter(|_| is_open && is_own) {
                    fields.push(("OwnerId", Cell::Id(owner)));
                }
                self.state
                    .update_row(id, fields)
                    .map_err(|e| ApiError::new(500, "UNKNOWN_EXCEPTION", e.to_string()))?;
            }
        }
        Ok(())
    }

    fn close_lead(
        &mut self,
        sobject: &Arc<SObjectType>,
        status: &str,
        converted: ConvertedLead,
    ) -> ApiResult<()> {
        // As it is now: its roll-ups have followed the activities that went away.
        let before = self.existing(sobject, converted.lead)?;
        let mut row = Row::clone(&before);
        self.state.stamp(sobject, &mut row);
        let today = self.today();
        let mut asked = Vec::new();
        for (name, cell) in [
            ("Status", Cell::text(status)),
            ("IsConverted", Cell::Bool(true)),
            ("ConvertedDate", Cell::Date(today)),
            ("ConvertedAccountId", Cell::Id(converted.account)),
            ("ConvertedContactId", Cell::Id(converted.contact)),
            ("ConvertedOpportunityId", converted.opportunity.map_or(Cell::Null, Cell::Id)),
        ] {
            if let Some(at) = sobject.position(name) {
                row.cells[at] = cell.clone();
                asked.push((name.to_owned(), cell));
            }
        }
        let given: Vec<usize> = asked.iter().filter_map(|(name, _)| sobject.position(name)).collect();
        self.finish(sobject, Some(&before), &mut row.cells, &given)?;
        self.state.put(sobject, before.id, Some(Arc::new(row)));
        self.state.saved(before.id, false, asked);
        Ok(())
    }

    /// The running user's day.
    fn today(&self) -> NaiveDate {
        crate::soql::Settings::of(self.state).today(self.state.now())
    }
}

/// Whether the row is a lead that was converted.
pub(super) fn is_converted(sobject: &SObjectType, row: &Row) -> bool {
    sobject.name == "Lead"
        && sobject.position("IsConverted").is_some_and(|at| row.cells[at] == Cell::Bool(true))
}

/// A converted lead can neither be changed nor referred to by ordinary users.
pub(super) fn converted_lead() -> ApiError {
    ApiError::row("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead", NONE)
}

fn id_json(id: SfId) -> Json {
    Json::Text(id.to_string())
}

/// The close date of an opportunity that comes from a lead. (Salesforce Help, "Lead Conversion Field Mapping")
fn end_of_quarter(day: NaiveDate) -> NaiveDate {
    let first = NaiveDate::from_ymd_opt(day.year(), day.month0() / 3 * 3 + 1, 1);
    first.and_then(|first| first.checked_add_months(Months::new(3))?.pred_opt()).unwrap_or(day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quarter_ends_with_its_third_month() {
        let end = |text: &str| end_of_quarter(text.parse().unwrap()).to_string();
        assert_eq!(end("2026-01-01"), "2026-03-31");
        assert_eq!(end("2026-03-31"), "2026-03-31");
        assert_eq!(end("2026-06-30"), "2026-06-30");
        assert_eq!(end("2026-12-05"), "2026-12-31");
    }
}
