//! Which sObjects have change events, and what of them is in one.
use crate::state::{Kind, SObjectType};

/// Standard sObjects that have change events (Object Reference, "StandardObjectNameChangeEvent"), beside all custom ones.
const STANDARD: [&str; 19] = [
    "Account",
    "Asset",
    "Campaign",
    "CampaignMember",
    "Case",
    "Contact",
    "ContentDocumentLink",
    "Contract",
    "EmailMessage",
    "Event",
    "Lead",
    "Opportunity",
    "OpportunityContactRole",
    "OpportunityLineItem",
    "Order",
    "OrderItem",
    "Product2",
    "Task",
    "User",
];

pub(super) fn has_events(object: &str) -> bool {
    object.ends_with("__c") || STANDARD.contains(&object)
}

/// Change Data Capture guide, "General Considerations": not in events, besides what other records give.
const LEFT_OUT: [&str; 9] = [
    "Id",
    "IsDeleted",
    "SystemModstamp",
    "LastActivityDate",
    "LastViewedDate",
    "LastReferencedDate",
    "PhotoUrl",
    "SmallPhotoUrl",
    "FullPhotoUrl",
];
const FROM_CONTACT: [&str; 4] = ["ContactEmail", "ContactFax", "ContactMobile", "ContactPhone"];

/// A field of an event.
pub(super) struct Member<'s> {
    /// Its place in a row.
    pub(super) at: usize,
    /// The compound it is a part of.
    pub(super) parent: Option<&'s str>,
    /// Its name there, or at the top.
    pub(super) name: &'s str,
    /// A formula or a roll-up.
    pub(super) is_computed: bool,
    /// Its changes can be diffs.
    pub(super) is_large_text: bool,
}

impl Member<'_> {
    /// As lists of changed fields name it.
    pub(super) fn path(&self) -> String {
        match self.parent {
            Some(parent) => format!("{parent}.{}", self.name),
            None => self.name.to_owned(),
        }
    }
}

/// The fields of an sObject's events in describe order.
pub(super) fn members(sobject: &SObjectType) -> impl Iterator<Item = Member<'_>> {
    sobject.fields.iter().enumerate().filter_map(|(at, field)| {
        let is_left_out = LEFT_OUT.contains(&field.name.as_str())
            || (sobject.name == "Case" && FROM_CONTACT.contains(&field.name.as_str()))
            || matches!(field.kind(), Kind::Address | Kind::Location | Kind::Base64);
        let is_compound = || {
            let is_part = |name: &Option<String>| name.as_deref() == Some(&field.name);
            sobject.fields.iter().any(|other| other.name != field.name && is_part(&other.compound_field_name))
        };
        if is_left_out || (field.name == "Name" && is_compound()) {
            return None;
        }
        let parent = field.compound_field_name.as_deref().filter(|parent| *parent != field.name);
        // `BillingCity` is `City` in `BillingAddress`; `FirstName` keeps its name in `Name`.
        let prefix = parent.and_then(|parent| parent.strip_suffix("Address")).unwrap_or_default();
        Some(Member {
            at,
            parent,
            name: field.name.strip_prefix(prefix).unwrap_or(&field.name),
            is_computed: field.calculated,
            is_large_text: field.wire_type == "textarea" && field.length >= super::diff::LARGE,
        })
    })
}
