//! Processes are what costs here: half a second each.
use crate::real::Real;
use sf_core::{ErrorKind, Fields, Org, Record, SfId, Soql, Transport, Write, WriteOptions, field, object};
use sf_testorg::TestOrg;

fn accounts(count: usize) -> Vec<Write> {
    let name = |n| Fields::new().set(field!("Name"), format!("Account {n:06}"));
    (0..count).map(|n| Write::Insert { object: object!("Account"), fields: name(n) }).collect()
}

fn set_site(id: SfId, site: &str) -> Write {
    let fields = Fields::new().set(field!("Site"), site);
    Write::Update { object: object!("Account"), id, fields, if_unmodified_since: None }
}

/// An org with this many accounts.
fn org(count: usize) -> (TestOrg, Vec<SfId>) {
    let org = TestOrg::empty();
    let ids = accounts(count).into_iter().map(|write| org.apply(write).unwrap()).collect();
    (org, ids)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs the real sf command (SF_REAL_COMMAND)"]
async fn a_thousand_updated_rows_are_one_process_and_mixed_verbs_five_at_most() {
    let (org, ids) = org(1_000);
    let real = Real::of(org).await;
    let (client, transport) = real.client();
    let before = transport.usage().spawns;
    let outcomes = client.write(ids.iter().map(|id| set_site(*id, "B")), &WriteOptions::new()).await;
    assert!(outcomes.iter().all(|outcome| outcome.is_done()), "{:?}", outcomes.iter().find(|o| !o.is_done()));
    assert_eq!(transport.usage().spawns - before, 1);
    assert_eq!(real.org.value(ids[999], "Site"), "B".into());

    // 400 inserts, 300 updates and 300 deletions.
    let mut mixed = accounts(400);
    mixed.extend(ids[..300].iter().map(|id| set_site(*id, "C")));
    mixed.extend(ids[300..600].iter().map(|id| Write::Delete { id: *id }));
    let before = transport.usage().spawns;
    let outcomes = client.write(mixed, &WriteOptions::new()).await;
    assert!(outcomes.iter().all(|outcome| outcome.is_done()), "{:?}", outcomes.iter().find(|o| !o.is_done()));
    let spawns = transport.usage().spawns - before;
    assert!(spawns <= 5, "{spawns} processes");
    assert_eq!(real.org.rows(&object!("Account")).len(), 1_000 + 400 - 300);
}

async fn read_all(client: &Org) -> Vec<SfId> {
    let rows = client.query(Soql::raw("SELECT Id, Name FROM Account ORDER BY Id")).all().await.unwrap();
    rows.iter().map(|row: &Record| row.id.unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs the real sf command (SF_REAL_COMMAND)"]
async fn twenty_thousand_rows_are_read_by_ten_processes() {
    let (org, mut ids) = org(20_000);
    ids.sort();
    let real = Real::of(org).await;
    let (client, transport) = real.client();
    assert_eq!(read_all(&client).await, ids);
    assert!(transport.usage().spawns <= 10, "{} processes", transport.usage().spawns);
    // The probe of the command, and the request.
    assert_eq!(transport.usage().calls, 2 * transport.usage().spawns);
}

/// Pain 15: the command stops at 50,000 rows, with exit code 0.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs the real sf command (SF_REAL_COMMAND)"]
async fn sixty_thousand_rows_come_all_beyond_the_silent_cap_of_the_command() {
    let (org, mut ids) = org(60_000);
    ids.sort();
    let real = Real::of(org).await;
    let many = real.builder().connect_many_rows().unwrap();
    let client = Org::new(many.clone());
    assert_eq!(read_all(&client).await.len(), 60_000);
    assert_eq!(many.usage().spawns, 1);
    let (client, transport) = real.client();
    assert_eq!(read_all(&client).await, ids);
    assert_eq!(transport.usage().spawns, 30);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs the real sf command (SF_REAL_COMMAND)"]
async fn a_syntax_error_is_the_orgs_own_word_on_both_ways() {
    let real = Real::of(TestOrg::demo()).await;
    let many = real.builder().connect_many_rows().unwrap();
    for client in [real.client().0, Org::new(many)] {
        let error = client.query(Soql::raw("SELECT Nme FROM Account")).all().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error:?}");
        assert_eq!(error.code().map(|code| code.as_str()), Some("INVALID_FIELD"));
        assert!(error.to_string().contains("No such column 'Nme'"), "{error}");
    }
}
