//! What follows from an opportunity's stage, amount and close date.
use super::{Cell, Derivation, State};
use chrono::Datelike;

/// The stages of a new org: name, probability, forecast category, its label, closed, won.
const STAGES: [(&str, f64, &str, &str, bool, bool); 10] = [
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

impl State {
    pub(super) fn derive_opportunity(&self, save: &mut Derivation<'_>) {
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
                None if self.assumptions.objects.unknown_stage_is_open => {
                    save.set("IsClosed", Cell::Bool(false));
                    save.set("IsWon", Cell::Bool(false));
                }
                None => {}
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
}
