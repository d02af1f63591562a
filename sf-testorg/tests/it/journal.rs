//! The state file: what was answered is there after a kill, whatever the tail looks like.
use proptest::prelude::*;
use sf_core::{Clock, SfId};
use sf_testorg::{
    TestOrg,
    demo::Dataset,
    state::{Cell, Row, State},
};
use std::{fs, path::Path, sync::Arc, time::Duration};

fn all(org: &TestOrg) -> Vec<Arc<Row>> {
    let rows = |state: &mut State| {
        let names: Vec<String> = state.schema().iter().map(|object| object.name.clone()).collect();
        names.iter().flat_map(|name| state.rows(name).cloned().collect::<Vec<_>>()).collect()
    };
    org.transact(rows).unwrap()
}
fn open(path: &Path) -> TestOrg {
    TestOrg::builder().seed(5).accounts(3).open(path).unwrap()
}
fn open_empty(path: &Path) -> TestOrg {
    TestOrg::builder().dataset(Dataset::Empty).open(path).unwrap()
}
fn insert(org: &TestOrg, name: &str) -> SfId {
    org.transact(|state| state.insert_row("Account", [("Name", Cell::text(name))]).unwrap()).unwrap()
}
fn message(result: Result<TestOrg, sf_core::Error>) -> (String, String) {
    let error = result.expect_err("it should be refused");
    (error.to_string(), error.help().next_step.to_string())
}

#[test]
fn a_restarted_org_has_the_same_rows_credentials_and_rising_ids_and_time() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("org.state");
    let org = open(&path);
    org.clock().advance(Duration::from_secs(3600));
    let one = insert(&org, "Ünïcode \"quoted\"\n& more");
    org.transact(|state| {
        state.update_row(one, [("AnnualRevenue", Cell::Double(0.1 + 0.2))]).unwrap();
        state.set_picklist_active("Account", "CX_Play__c", "Grow", false).unwrap();
    })
    .unwrap();
    let (rows, credentials, time) = (all(&org), org.credentials(), org.clock().now());
    drop(org);

    let again = open(&path);
    assert_eq!(all(&again), rows);
    assert_eq!(again.credentials(), credentials);
    assert!(again.clock().now() >= time);
    let open_plays = again.transact(|state| {
        let account = state.schema().get("Account").unwrap();
        let play = account.field("CX_Play__c").unwrap();
        play.picklist_values.iter().filter(|v| v.active).map(|v| v.value.clone()).collect::<Vec<_>>()
    });
    assert!(!open_plays.unwrap().contains(&"Grow".to_owned()));
    assert!(insert(&again, "Two") > one);
}

#[test]
fn a_tail_cut_off_at_any_byte_is_dropped_and_nothing_before_it() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("org.state");
    let org = open_empty(&path);
    insert(&org, "One");
    let before = all(&org);
    let whole_before = fs::metadata(&path).unwrap().len();
    insert(&org, "Two – to be cut off");
    let after = all(&org);
    drop(org);
    let bytes = fs::read(&path).unwrap();
    let cut_path = dir.path().join("cut.state");
    for cut in usize::try_from(whole_before).unwrap()..=bytes.len() {
        fs::write(&cut_path, &bytes[..cut]).unwrap();
        let org = open_empty(&cut_path);
        assert_eq!(
            all(&org),
            if cut == bytes.len() { after.clone() } else { before.clone() },
            "cut at {cut}"
        );
        let three = insert(&org, "Three");
        drop(org);
        let org = open_empty(&cut_path);
        assert!(all(&org).iter().any(|row| row.id == three), "cut at {cut}");
    }
}

#[test]
fn a_header_cut_off_at_any_byte_begins_anew() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("org.state");
    drop(open(&path));
    let bytes = fs::read(&path).unwrap();
    for cut in 0..bytes.len() {
        fs::write(&path, &bytes[..cut]).unwrap();
        drop(open(&path));
        assert_eq!(fs::read(&path).unwrap(), bytes, "cut at {cut}");
    }
}

#[test]
fn damage_before_the_end_is_an_error_and_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("org.state");
    let org = open(&path);
    insert(&org, "One");
    let at = usize::try_from(fs::metadata(&path).unwrap().len()).unwrap();
    insert(&org, "Two");
    insert(&org, "Three");
    drop(org);
    let mut bytes = fs::read(&path).unwrap();
    bytes[at + 30] ^= 1;
    fs::write(&path, &bytes).unwrap();
    let (message, next) = message(TestOrg::builder().open(&path));
    assert!(message.contains(&format!("damaged at byte {at}")), "{message}");
    assert!(next.contains("copy"), "{next}");
    assert_eq!(fs::read(&path).unwrap(), bytes);
}

#[test]
fn options_that_contradict_the_file_are_refused_naming_both() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("org.state");
    drop(open(&path));
    let (text, next) = message(TestOrg::builder().seed(6).open(&path));
    assert!(text.contains("seed 6") && text.contains("seed 5") && text.contains("org.state"), "{text}");
    assert!(next.contains("another state file"), "{next}");
    let (text, _) = message(TestOrg::builder().accounts(4).open(&path));
    assert!(text.contains("accounts 4") && text.contains("accounts 3"), "{text}");
    let (text, _) = message(TestOrg::builder().dataset(Dataset::Empty).open(&path));
    assert!(text.contains("empty") && text.contains("demo"), "{text}");
    // Not asked for: taken from the file.
    assert_eq!(TestOrg::builder().open(&path).unwrap().origin().seed, 5);
}

#[test]
fn a_file_in_use_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("org.state");
    let _org = open(&path);
    assert!(message(TestOrg::builder().open(&path)).0.contains("in use by another process"));
}

#[test]
fn a_foreign_file_is_refused_and_kept() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("precious.txt");
    fs::write(&path, "my thesis\n").unwrap();
    assert!(message(TestOrg::builder().open(&path)).0.contains("is not a state file"));
    assert_eq!(fs::read_to_string(&path).unwrap(), "my thesis\n");
    let (_, next) = message(TestOrg::builder().open(dir.path().join("no/such/org.state")));
    assert!(next.contains("directory"), "{next}");
    assert!(TestOrg::builder().open(dir.path()).is_err());
}

#[cfg(unix)]
#[test]
fn the_file_is_private() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("org.state");
    drop(open(&path));
    let mode = || fs::metadata(&path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(), 0o600);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    drop(open(&path));
    assert_eq!(mode(), 0o600);
}

/// What a random client does.
#[derive(Debug, Clone)]
enum Act {
    Insert(String),
    Rename(usize, String),
    Revenue(usize, f64),
    Undone(String),
    ClosePlay(usize),
    Wait(u32),
    Restart,
}
fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        ".{0,20}".prop_map(Act::Insert),
        (any::<usize>(), ".{0,20}").prop_map(|(at, name)| Act::Rename(at, name)),
        (any::<usize>(), any::<i32>()).prop_map(|(at, n)| Act::Revenue(at, f64::from(n) / 7.0)),
        ".{0,20}".prop_map(Act::Undone),
        (0usize..7).prop_map(Act::ClosePlay),
        (0u32..100_000).prop_map(Act::Wait),
        Just(Act::Restart),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn replay_equals_the_live_state(acts in prop::collection::vec(act(), 0..25)) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("org.state");
        let mut org = TestOrg::builder().accounts(1).open(&path).unwrap();
        let mut last = org.transact(|state| state.rows("Account").last().unwrap().id).unwrap();
        let plays = ["Onboard", "Adopt", "Grow", "Expand", "Renew", "Recover", "Advocate"];
        for act in acts {
            let ids: Vec<SfId> = org.transact(|state| state.rows("Account").map(|r| r.id).collect()).unwrap();
            match act {
                Act::Insert(name) => {
                    let id = insert(&org, &name);
                    prop_assert!(id > last);
                    last = id;
                }
                Act::Rename(at, name) => {
                    org.transact(|s| s.update_row(ids[at % ids.len()], [("Name", Cell::text(&name))]).unwrap()).unwrap();
                }
                Act::Revenue(at, n) => {
                    let fields = [("AnnualRevenue", Cell::Double(n))];
                    org.transact(|s| s.update_row(ids[at % ids.len()], fields).unwrap()).unwrap();
                }
                Act::Undone(name) => {
                    let undo = |state: &mut State| {
                        let before = state.savepoint();
                        let id = state.insert_row("Account", [("Name", Cell::text(&name))]).unwrap();
                        state.rollback_to(before);
                        id
                    };
                    org.transact(undo).unwrap();
                }
                Act::ClosePlay(at) => {
                    org.transact(|s| s.set_picklist_active("Account", "CX_Play__c", plays[at], false).unwrap()).unwrap();
                }
                Act::Wait(seconds) => org.clock().advance(Duration::from_secs(u64::from(seconds))),
                Act::Restart => {
                    let rows = all(&org);
                    drop(org);
                    org = TestOrg::builder().open(&path).unwrap();
                    prop_assert_eq!(all(&org), rows);
                }
            }
        }
        let rows = all(&org);
        drop(org);
        prop_assert_eq!(all(&TestOrg::builder().open(&path).unwrap()), rows);
    }
}
