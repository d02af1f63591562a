//! The demo's rows: deterministic, valid by their own schema, and varied.
use sf_core::Timestamp;
use sf_testorg::{
    demo::{self, Dataset},
    state::{Cell, Kind, Row, State},
};
use std::{collections::BTreeSet, sync::Arc, time::Duration};

fn start() -> Timestamp {
    Timestamp::from_millis(1_767_603_600_000).unwrap()
}
fn org(seed: u64, accounts: u64, start: Timestamp) -> State {
    let mut state = State::new(start);
    demo::fill(&mut state, Dataset::Demo, seed, accounts, start).unwrap();
    state
}
fn all(state: &State) -> Vec<Arc<Row>> {
    state.schema().iter().flat_map(|object| state.rows(&object.name)).cloned().collect()
}
fn cell<'s>(state: &'s State, object: &str, row: &'s Row, field: &str) -> &'s Cell {
    &row.cells[state.schema().get(object).unwrap().position(field).unwrap()]
}

#[test]
fn the_same_options_give_the_same_rows_and_another_seed_gives_others() {
    let one = all(&org(7, 40, start()));
    assert_eq!(one, all(&org(7, 40, start())));
    assert_ne!(one, all(&org(8, 40, start())));
}

#[test]
fn a_fifth_more_accounts_than_asked_for() {
    for (asked, held) in [(0, 0), (1, 2), (50, 60), (10_000, 12_000)] {
        assert_eq!(demo::total_accounts(asked), held);
    }
    assert_eq!(org(1, 50, start()).rows("Account").count(), 60);
}

#[test]
fn an_account_does_not_depend_on_how_many_follow() {
    let (few, many) = (org(3, 10, start()), org(3, 60, start()));
    let many: Vec<_> = many.rows("Account").take(12).cloned().collect();
    assert_eq!(few.rows("Account").cloned().collect::<Vec<_>>(), many);
}

#[test]
fn every_date_moves_with_the_start() {
    let (one, two) = (org(3, 20, start()), org(3, 20, start() + Duration::from_secs(7 * 86_400)));
    let pairs = all(&one).into_iter().zip(all(&two));
    let mut dates = 0;
    for (before, after) in pairs {
        for (before, after) in before.cells.iter().zip(&after.cells) {
            match (before, after) {
                (Cell::Date(a), Cell::Date(b)) => assert_eq!(*a + chrono::Duration::days(7), *b),
                (Cell::DateTime(a), Cell::DateTime(b)) => assert_eq!(a.millis() + 7 * 86_400_000, b.millis()),
                _ => continue,
            }
            dates += 1;
        }
    }
    assert!(dates > 500);
}

#[test]
fn rows_keep_the_rules_of_their_describe() {
    let state = org(1, 60, start());
    for object in state.schema().iter() {
        for row in state.rows(&object.name) {
            for (field, cell) in object.fields.iter().zip(&row.cells) {
                let place = format!("{}.{} of {}", object.name, field.name, row.id);
                assert!(field.nillable || !cell.is_null(), "{place} is null");
                match cell {
                    Cell::Text(text) => {
                        let length = text.chars().count();
                        assert!(
                            field.length == 0 || length <= field.length,
                            "{place} has {length} characters"
                        );
                        if field.restricted_picklist {
                            let listed =
                                |value| field.picklist_values.iter().any(|v| v.active && v.value == value);
                            let multi = field.kind() == Kind::MultiPicklist;
                            let fits =
                                if multi { text.split(';').all(listed) } else { listed(text.as_ref()) };
                            assert!(fits, "{place} holds {text}");
                        }
                        assert!(!matches!(field.kind(), Kind::Int | Kind::Double | Kind::Date), "{place}");
                    }
                    Cell::Id(id) if field.kind() == Kind::Reference => {
                        let known = field.reference_to.iter().any(|to| state.schema().get(to).is_some());
                        assert!(!known || state.find(*id).is_some(), "{place} points nowhere");
                    }
                    Cell::Int(_) => assert_eq!(field.kind(), Kind::Int, "{place}"),
                    Cell::Double(n) => {
                        assert_eq!(field.kind(), Kind::Double, "{place}");
                        let scale = 10f64.powi(i32::try_from(field.scale).unwrap());
                        assert!((n * scale - (n * scale).round()).abs() < 1e-3, "{place} is {n}");
                    }
                    Cell::DateTime(at) => {
                        let planned = object.name == "Event";
                        assert!((planned || *at <= start()) && at.millis() % 1000 == 0, "{place}");
                    }
                    _ => {}
                }
            }
        }
    }
}

#[test]
fn every_custom_field_has_values_and_nulls() {
    let state = org(1, 50, start());
    for name in ["Account", "Opportunity"] {
        let object = state.schema().get(name).unwrap();
        for (at, field) in object.fields.iter().enumerate().filter(|(_, f)| f.custom) {
            let nulls: BTreeSet<bool> = state.rows(name).map(|row| row.cells[at].is_null()).collect();
            assert_eq!(nulls.len(), 2, "{name}.{}", field.name);
        }
    }
}

#[test]
fn a_small_org_has_opportunities_in_all_ten_stages() {
    let state = org(1, 4, start());
    let stages: BTreeSet<_> = state
        .rows("Opportunity")
        .map(|row| cell(&state, "Opportunity", row, "StageName").as_text().unwrap().to_owned())
        .collect();
    assert_eq!(stages.len(), 10, "{stages:?}");
    assert_eq!(state.rows("OpportunityStage").count(), 10);
}

#[test]
fn owners_are_several_active_users_and_one_who_left() {
    let state = org(1, 100, start());
    let mut owners = BTreeSet::new();
    let mut inactive = 0;
    for row in state.rows("Account") {
        let owner = cell(&state, "Account", row, "OwnerId").as_id().unwrap();
        let (_, user) = state.find(owner).unwrap();
        owners.insert(owner);
        inactive += u32::from(*cell(&state, "User", user, "IsActive") == Cell::Bool(false));
    }
    assert!(owners.len() > 5 && inactive > 0, "{} owners, {inactive} inactive", owners.len());
    let api_user = state.rows("User").next().unwrap();
    assert_eq!(Some(api_user.id), state.user());
    let credentials = sf_testorg::Credentials::of_seed(1);
    assert_eq!(api_user.id.as_str(), credentials.user_id);
    assert_eq!(cell(&state, "User", api_user, "Username").as_text(), Some(credentials.username.as_str()));
}

#[test]
fn the_names_that_examples_search_for_exist_and_awkward_ones_too() {
    let state = org(1, 50, start());
    let names: Vec<_> = state
        .rows("Account")
        .map(|r| cell(&state, "Account", r, "Name").as_text().unwrap().to_owned())
        .collect();
    assert!(names.iter().filter(|n| n.starts_with("Acme")).count() >= 3);
    for mark in ["'", "\"", "\\", "%", "_", "&", "東", "Ł"] {
        assert!(names.iter().any(|n| n.contains(mark)), "{mark}");
    }
}

#[test]
fn the_empty_data_set_is_one_user_the_stages_the_org_and_its_profiles() {
    let mut state = State::new(start());
    demo::fill(&mut state, Dataset::Empty, 1, 50, start()).unwrap();
    assert_eq!(state.rows("User").count(), 1);
    // Ten stages, and 16 rows of statuses and priorities.
    assert_eq!(all(&state).len(), 30);
    assert!(state.schema().get("Account").unwrap().field("CX_Play__c").is_some());
}

#[test]
fn what_an_org_begins_with_is_no_commit() {
    let mut state = org(1, 5, start());
    assert_eq!(state.commits(), 0);
    assert!(state.commit().is_empty());
}

/// By hand: `cargo test --release -p sf-testorg --test it -- --ignored --nocapture twelve_thousand`.
#[test]
#[ignore = "a measurement"]
fn twelve_thousand_accounts_take_a_second_or_two() {
    let before = std::time::Instant::now();
    let state = org(1, 10_000, start());
    println!(
        "{} accounts, {} opportunities, {} contacts, {} cases in {:?}",
        state.rows("Account").count(),
        state.rows("Opportunity").count(),
        state.rows("Contact").count(),
        state.rows("Case").count(),
        before.elapsed()
    );
}
