//! Every fault once, so that a client can be held against all of them.
use super::{Effect, Fault, On, Refusal, RetryAfter};
use sf_core::{field, object};
use std::time::Duration;

impl Fault {
    /// Every effect once, with values that mean something in the demo; of [`Effect::Refuse`] and [`Effect::Edge`] each form. Each hits the
    /// first request that comes ([`On::Any`], row effects the first row); set [`Fault::on`] to aim it. A test of a client loops over
    /// them, so that a fault which is added later is tested from the day on which it is there.
    ///
    /// ```
    /// use sf_testorg::{Fault, Request, TestOrg};
    ///
    /// for fault in Fault::catalogue() {
    ///     let org = TestOrg::empty();
    ///     let name = fault.effect.name();
    ///     org.inject(fault);
    ///     // Whatever happens to the request: the org goes on.
    ///     org.handle(&Request::get("/services/data/v66.0/limits").bearer(&org.access_token()));
    ///     assert_eq!(org.handle(&Request::get("/services/data")).status, 200, "after {name}");
    /// }
    /// ```
    pub fn catalogue() -> Vec<Fault> {
        let edges = [420, 429, 500, 502, 503, 504].map(|status| Effect::Edge { status, retry_after: None });
        let waits = [RetryAfter::Seconds(120), RetryAfter::Date(120)]
            .map(|after| Effect::Edge { status: 503, retry_after: Some(after) });
        let (account, play) = (object!("Account"), field!("CX_Play__c"));
        let mut effects = vec![
            Effect::LoseRequest,
            Effect::LoseAnswer,
            Effect::ResetRequest,
            Effect::ResetAnswer,
            Effect::Duplicate,
            Effect::CommitLate(Duration::from_secs(600)),
            Effect::Slow(Duration::from_secs(30)),
            Effect::TornBody,
            Effect::Status(500, "UNKNOWN_EXCEPTION".into()),
            Effect::Page(502, "<html><body><h1>502 Bad Gateway</h1></body></html>".into()),
            Effect::RowError(
                "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY".into(),
                "Guard: execution of BeforeUpdate caused by: System.NullPointerException".into(),
            ),
            Effect::RowLock,
            Effect::ShortPage(1),
            Effect::LoseLocators,
            Effect::GapEvents,
            Effect::OverflowEvents,
            Effect::EndSession,
            Effect::MoveInstance("https://moved.example".into()),
            Effect::HideField { object: account.clone(), field: play.clone() },
            Effect::RemoveField { object: account.clone(), field: play.clone() },
            Effect::ClosePicklist { object: account, field: play, value: "Grow".into() },
            Effect::SkewClock(300_000),
            Effect::SkewClock(-300_000),
        ];
        // The first user of every org after the API user.
        effects.extend(crate::state::ids::id_of("005", 2).map(Effect::DeactivateUser));
        effects.extend(edges);
        effects.extend(waits);
        effects.extend(Refusal::ALL.map(Effect::Refuse));
        effects.into_iter().map(|effect| Fault::new(On::Any, effect)).collect()
    }
}

impl Effect {
    /// Its name in a faults file.
    ///
    /// ```
    /// assert_eq!(sf_testorg::Effect::LoseAnswer.name(), "lose_answer");
    /// ```
    pub fn name(&self) -> &'static str {
        match self {
            Effect::LoseRequest => "lose_request",
            Effect::LoseAnswer => "lose_answer",
            Effect::ResetRequest => "reset_request",
            Effect::ResetAnswer => "reset_answer",
            Effect::Duplicate => "duplicate",
            Effect::CommitLate(_) => "commit_late",
            Effect::Slow(_) => "slow",
            Effect::TornBody => "torn_body",
            Effect::Status(..) => "status",
            Effect::Refuse(_) => "refuse",
            Effect::Edge { .. } => "edge",
            Effect::Page(..) => "page",
            Effect::RowError(..) => "row_error",
            Effect::RowLock => "row_lock",
            Effect::ShortPage(_) => "short_page",
            Effect::LoseLocators => "lose_locators",
            Effect::GapEvents => "gap_events",
            Effect::OverflowEvents => "overflow_events",
            Effect::EndSession => "end_session",
            Effect::MoveInstance(_) => "move_instance",
            Effect::HideField { .. } => "hide_field",
            Effect::RemoveField { .. } => "remove_field",
            Effect::ClosePicklist { .. } => "close_picklist",
            Effect::DeactivateUser(_) => "deactivate_user",
            Effect::SkewClock(_) => "skew_clock",
        }
    }

    /// Every name once, in the order of [`Effect`].
    pub const NAMES: [&str; 25] = [
        "lose_request",
        "lose_answer",
        "reset_request",
        "reset_answer",
        "duplicate",
        "commit_late",
        "slow",
        "torn_body",
        "status",
        "refuse",
        "edge",
        "page",
        "row_error",
        "row_lock",
        "short_page",
        "lose_locators",
        "gap_events",
        "overflow_events",
        "end_session",
        "move_instance",
        "hide_field",
        "remove_field",
        "close_picklist",
        "deactivate_user",
        "skew_clock",
    ];
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_catalogue_holds_every_effect_by_the_name_that_a_file_gives_it() {
        let mut names = BTreeSet::new();
        for fault in Fault::catalogue() {
            let json = serde_json::to_string(&fault).unwrap();
            let quoted = format!("\"effect\":\"{}\"", fault.effect.name());
            let tagged = format!("\"effect\":{{\"{}\":", fault.effect.name());
            assert!(json.contains(&quoted) || json.contains(&tagged), "{json}");
            assert_eq!(Fault::read(json.as_bytes()).unwrap(), std::slice::from_ref(&fault));
            names.insert(fault.effect.name());
        }
        assert_eq!(names, Effect::NAMES.into_iter().collect());
        // serde lists the variants of an unknown one: none is left out of the list above.
        let error = Fault::read(br#"{"on": "any", "effect": "nothing"}"#).unwrap_err().to_string();
        for name in Effect::NAMES {
            assert!(error.contains(&format!("`{name}`")), "{name}: {error}");
        }
        assert_eq!(error.matches('`').count() / 2, Effect::NAMES.len() + 1, "{error}");
    }

    #[test]
    fn the_documentation_lists_every_effect() {
        let docs = include_str!("../guide/faults.rs");
        for name in Effect::NAMES {
            assert!(docs.contains(&format!("//! | `{name}`")), "{name} is not in the table of the page");
        }
    }
}
