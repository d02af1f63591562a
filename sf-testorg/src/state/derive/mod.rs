//! Values the org computes from others when a row is saved.
mod activity;
mod case;
mod content;
mod number;
mod opportunity;

pub(crate) use content::checksum;
pub(super) use number::is_number_format;

use super::{Cell, Kind, Row, SObjectType, State};
use sf_core::SfId;

/// One save: the row before and the cells about to be stored.
pub(crate) struct Derivation<'a> {
    pub(crate) sobject: &'a SObjectType,
    pub(crate) before: Option<&'a Row>,
    pub(crate) cells: &'a mut [Cell],
    /// Fields the caller set; they are not overwritten.
    pub(crate) given: &'a [usize],
}

impl State {
    /// Fills what follows from other fields. Values that were given stay.
    pub(crate) fn derive(&self, save: &mut Derivation<'_>) {
        match save.sobject.name.as_str() {
            "Opportunity" => self.derive_opportunity(save),
            "Task" => self.derive_task(save),
            "Event" => self.derive_event(save),
            "Case" => self.derive_case(save),
            "EmailMessage" => save.subject_as_name(),
            "ContentVersion" => self.derive_content_version(save),
            "Document" | "Attachment" => self.derive_body(save),
            _ => {}
        }
        save.person_name();
    }

    /// The account a row is or belongs to.
    fn account_of(&self, id: SfId) -> Option<SfId> {
        if id.key_prefix() == "001" {
            return Some(id);
        }
        let (sobject, row) = self.find(id)?;
        let at = sobject.position("AccountId").or_else(|| {
            sobject
                .fields
                .iter()
                .position(|f| f.kind() == Kind::Reference && f.reference_to.iter().any(|t| t == "Account"))
        })?;
        row.cells[at].as_id()
    }
}

impl Derivation<'_> {
    fn at(&self, field: &str) -> Option<usize> {
        self.sobject.position(field)
    }
    fn get(&self, field: &str) -> Option<&Cell> {
        self.at(field).map(|at| &self.cells[at])
    }
    fn text(&self, field: &str) -> Option<&str> {
        self.get(field).and_then(Cell::as_text)
    }
    fn is_given(&self, field: &str) -> bool {
        self.at(field).is_some_and(|at| self.given.contains(&at))
    }
    fn changed(&self, field: &str) -> bool {
        self.at(field).is_some_and(|at| self.before.is_none_or(|row| row.cells[at] != self.cells[at]))
    }
    fn set(&mut self, field: &str, cell: Cell) {
        if let Some(at) = self.at(field)
            && !self.given.contains(&at)
        {
            self.cells[at] = cell;
        }
    }
    /// `FirstName LastName` where Name is such a compound.
    fn person_name(&mut self) {
        let is_compound = self.sobject.field("Name").is_some_and(|f| !f.createable);
        let Some(last) = self.text("LastName").filter(|_| is_compound) else { return };
        let name = match self.text("FirstName") {
            Some(first) => format!("{first} {last}"),
            None => last.to_owned(),
        };
        self.set("Name", Cell::text(name));
    }
    /// An e-mail's name is its subject. (Object Reference, "EmailMessage")
    fn subject_as_name(&mut self) {
        let name: String = self.text("Subject").unwrap_or("[No Subject]").chars().take(255).collect();
        self.set("Name", Cell::text(name));
    }
    /// Sets also what the caller gave.
    fn force(&mut self, field: &str, cell: Cell) {
        if let Some(at) = self.at(field) {
            self.cells[at] = cell;
        }
    }
    fn id(&self, field: &str) -> Option<SfId> {
        self.get(field).and_then(Cell::as_id)
    }
}
