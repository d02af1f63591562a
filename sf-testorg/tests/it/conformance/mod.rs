//! The conformance suite of transports: the in-process transport passes it, and it catches broken ones.
mod broken;

use broken::{
    CutsChildRows, DropsLastRow, PermutesResults, RepeatsInserts, RoundsNumbers, Wrapper, WritesAbsentAsNull,
};
use sf_core::{Transport, conformance};
use sf_testorg::TestOrg;

fn run(org: &TestOrg, transport: &dyn Transport) -> conformance::Report {
    org.clock().run(conformance::run_all(transport, org))
}
/// The cases that a broken transport breaks.
fn broken_cases<W: Wrapper>(wrapper: W) -> Vec<&'static str> {
    let org = TestOrg::empty();
    let transport = broken::Broken { inner: org.transport(), wrapper };
    run(&org, &transport).broken().map(|(name, _)| name).collect()
}

#[test]
fn the_in_process_transport_conforms() {
    let org = TestOrg::empty();
    let report = run(&org, &org.transport());
    assert!(report.passed(), "{report}");
    assert_eq!(report.skipped().count(), 0, "{report}");
}

#[test]
fn a_wrapper_that_breaks_nothing_conforms() {
    struct Honest;
    impl Wrapper for Honest {}
    assert!(broken_cases(Honest).is_empty());
}

#[test]
fn dropping_the_last_row_is_caught() {
    let cases = broken_cases(DropsLastRow);
    assert!(cases.contains(&"a_query_gives_every_row_once_and_in_order"), "{cases:?}");
}

#[test]
fn permuting_results_is_caught() {
    let cases = broken_cases(PermutesResults);
    assert!(cases.contains(&"outcomes_are_in_row_order"), "{cases:?}");
    assert!(cases.contains(&"several_queries_answer_in_the_order_asked"), "{cases:?}");
    assert!(cases.contains(&"rows_by_id_keep_order_and_gaps"), "{cases:?}");
}

#[test]
fn repeating_an_insert_is_caught() {
    let cases = broken_cases(RepeatsInserts);
    assert!(cases.contains(&"an_insert_is_made_once"), "{cases:?}");
}

#[test]
fn repeating_an_insert_after_a_lost_answer_is_caught() {
    let cases = broken_cases(broken::RepeatsUnknown);
    assert_eq!(cases, ["a_lost_request_applies_nothing", "a_lost_answer_is_unknown_and_not_repeated"]);
}

#[test]
fn forgetting_the_condition_of_an_update_is_caught() {
    assert_eq!(broken_cases(broken::ForgetsConditions), ["a_conditional_update_is_refused_after_a_change"]);
}

#[test]
fn believing_rolled_back_rows_is_caught() {
    assert_eq!(
        broken_cases(broken::BelievesRolledBackRows),
        ["all_or_none_saves_nothing_when_a_row_fails", "all_or_none_holds_for_all_runs_of_a_call"]
    );
}

#[test]
fn writing_absent_as_null_is_caught() {
    assert_eq!(broken_cases(WritesAbsentAsNull), ["absent_is_left_alone_and_null_clears"]);
}

#[test]
fn rounding_numbers_is_caught() {
    let cases = broken_cases(RoundsNumbers);
    assert_eq!(cases, ["numbers_keep_their_digits", "written_numbers_keep_their_digits"]);
}

#[test]
fn cutting_child_rows_is_caught() {
    assert_eq!(broken_cases(CutsChildRows), ["cut_child_rows_can_be_completed"]);
}
