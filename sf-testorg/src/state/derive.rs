//! Values the org computes from others when a row is saved.
use super::{Cell, Kind, Row, SObjectType, State};
use chrono::Datelike;
use sf_core::SfId;

/// The stages of a new org: name, probability, forecast category, its label, closed, won.
pub(crate) const STAGES: [(&str, f64, &str, &str, bool, bool); 10] = [
    ("Prospecting", 10.0, "Pipeline", "Pipeline", false, false),
    ("Qualification", 10.0, "Pipeline", "Pipeline", false, false),
    ("Needs Analysis", 20.0, "Pipeline", "Pipeline", false, false),
    ("Value Proposition", 50.0, "Pipeline", "Pipeline", false, false),
    ("Id. Decision Makers", 60.0, "Pipeline", "Pipeline", false, false),
    ("Perception Analysis", 70.0, "Pipeline", "Pipeline", false, false),
    ("Proposal/Price Quote", 75.0, "Pipeline", "Pipeline", false, false),
    ("Negotiation/Review", 90.0, "Pipeline", "Pipeline", false, false),
    ("Closed Won", 100.0, "Closed", "Closed", true, true),
    ("Closed Lost", 0.0, "Omitted", "Omitted", true, false),
];

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
            _ => {}
        }
        save.person_name();
    }

    fn derive_opportunity(&self, save: &mut Derivation<'_>) {
        let stage_changed = save.changed("StageName");
        let stage = save.text("StageName").and_then(|s| STAGES.iter().find(|(name, ..)| *name == s));
        if stage_changed {
            match stage {
                Some((_, probability, category, label, closed, won)) => {
                    save.set("Probability", Cell::Double(*probability));
                    save.set("ForecastCategoryName", Cell::text(label));
                    save.set("ForecastCategory", Cell::text(category));
                    save.set("IsClosed", Cell::Bool(*closed));
                    save.set("IsWon", Cell::Bool(*won));
                }
                None => {
                    save.unmapped_stage();
                }
            }
            if save.before.is_some() {
                save.set("LastStageChangeDate", Cell::DateTime(self.now()));
            }
        }
        if save.is_given("ForecastCategoryName") {
            let category = save.text("ForecastCategoryName").map(|name| match name {
                "Commit" => "Forecast".to_owned(),
                name => name.replace(' ', ""),
            });
            save.set("ForecastCategory", category.map_or(Cell::Null, Cell::text));
        }
        let number = |save: &Derivation<'_>, field: &str| save.get(field).and_then(Cell::as_f64);
        let expected = match (number(save, "Amount"), number(save, "Probability")) {
            (Some(amount), Some(probability)) => Cell::Double((amount * probability).round() / 100.0),
            _ => Cell::Null,
        };
        save.set("ExpectedRevenue", expected);
        if let Some(Cell::Date(close)) = save.get("CloseDate").cloned() {
            let quarter = (close.month() - 1) / 3 + 1;
            save.set("FiscalYear", Cell::Int(close.year().into()));
            save.set("FiscalQuarter", Cell::Int(quarter.into()));
            save.set("Fiscal", Cell::text(format!("{} {quarter}", close.year())));
        }
    }

    fn derive_task(&self, save: &mut Derivation<'_>) {
        let closed = save.text("Status") == Some("Completed");
        let was_closed = save
            .before
            .is_some_and(|row| save.at("IsClosed").is_some_and(|at| row.cells[at] == Cell::Bool(true)));
        save.set("IsClosed", Cell::Bool(closed));
        if closed != was_closed {
            save.set("CompletedDateTime", if closed { Cell::DateTime(self.now()) } else { Cell::Null });
        }
        let high = save.text("Priority") == Some("High");
        save.set("IsHighPriority", Cell::Bool(high));
        let id = |field: &str| save.get(field).and_then(Cell::as_id);
        let account = id("WhatId").and_then(|what| self.account_of(what));
        let account = account.or_else(|| id("WhoId").and_then(|who| self.account_of(who)));
        save.set("AccountId", account.map_or(Cell::Null, Cell::Id));
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
    /// A stage nobody set up is open and without a mapping. [inferred]
    fn unmapped_stage(&mut self) {
        self.set("IsClosed", Cell::Bool(false));
        self.set("IsWon", Cell::Bool(false));
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
}
