//! What follows from a case's status and contact.
use super::{Cell, Derivation, State};
use crate::state::{Key, Row, SObjectType};
use sf_core::SfId;
use std::sync::Arc;

/// A case's field and the field of its contact that it shows.
const SHOWN: [(&str, &str); 4] = [
    ("ContactPhone", "Phone"),
    ("ContactMobile", "MobilePhone"),
    ("ContactEmail", "Email"),
    ("ContactFax", "Fax"),
];

impl State {
    pub(super) fn derive_case(&self, save: &mut Derivation<'_>) {
        let closed = self.is_flagged("CaseStatus", save.text("Status"));
        let was_closed = save
            .before
            .is_some_and(|row| save.at("IsClosed").is_some_and(|at| row.cells[at] == Cell::Bool(true)));
        save.set("IsClosed", Cell::Bool(closed));
        if closed != was_closed {
            save.set("ClosedDate", if closed { Cell::DateTime(self.now()) } else { Cell::Null });
        }
        let contact = save.id("ContactId").and_then(|id| self.find(id));
        if let Some((sobject, row)) = contact
            && self.assumptions.objects.case_account_follows_contact
            && save.changed("ContactId")
            && save.get("AccountId").is_some_and(Cell::is_null)
            && let Some(at) = sobject.position("AccountId")
        {
            save.set("AccountId", row.cells[at].clone());
        }
        for (field, of) in SHOWN {
            let shown = contact.and_then(|(sobject, row)| Some(row.cells[sobject.position(of)?].clone()));
            save.set(field, shown.unwrap_or(Cell::Null));
        }
    }

    /// The number of a new case: that of its id, so that numbers rise like the ids and one that was rolled back leaves a gap.
    /// Other auto-numbers have counters of their own.
    pub(crate) fn number(&mut self, sobject: &SObjectType, id: SfId, cells: &mut [Cell]) {
        if sobject.name == "Case"
            && let Some(at) = sobject.position("CaseNumber").filter(|at| cells[*at].is_null())
        {
            let first = self.assumptions.objects.first_case_number;
            let number = first.saturating_add(crate::state::ids::counter_of(id)).saturating_sub(1);
            cells[at] = Cell::text(format!("{number:08}"));
        }
        self.auto_number(sobject, cells);
    }

    /// Cases show their contact's numbers and address as they are now. No stamp of the case moves: the value lives on the contact.
    pub(in crate::state) fn show_contact(&mut self, contact: &SObjectType, id: SfId) {
        let Some(case) = self.schema().get("Case").cloned() else { return };
        let Some(by) = case.position("ContactId") else { return };
        let Some(table) = self.table("Case") else { return };
        let ids: Vec<SfId> =
            table.lookup(by, &Key::Id(id)).flatten().into_iter().flatten().copied().collect();
        for case_id in ids {
            let Some(before) = self.table("Case").and_then(|table| table.get(case_id)).cloned() else {
                continue;
            };
            let mut row = Row::clone(&before);
            for (field, of) in SHOWN {
                let shown = self.table("Contact").and_then(|table| table.get(id));
                let value = shown.and_then(|row| Some(row.cells[contact.position(of)?].clone()));
                if let Some(at) = case.position(field) {
                    row.cells[at] = value.unwrap_or(Cell::Null);
                }
            }
            if row != *before {
                self.put(&case, case_id, Some(Arc::new(row)));
            }
        }
    }
}
