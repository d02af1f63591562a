//! Large results through `Org`: pages ahead and ranges of ids, over an org whose answers take their (virtual) time.
use sf_core::{
    CallOptions, Capabilities, Clock, Fields, Org, Record, Result, SfId, Timestamp, Write, field, object,
    protocol::{BodySink, Exchange, Protocol, Request, Response},
};
use sf_soql::prelude::*;
use sf_testorg::{Effect, Fault, On, TestOrg, Wire, state::Cell};
use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
    time::Duration,
};

const LATENCY: Duration = Duration::from_millis(50);

fn filled(rows: usize) -> TestOrg {
    let test = TestOrg::empty();
    fill(&test, rows);
    test.page_size(50);
    test.latency(LATENCY);
    test
}
fn fill(test: &TestOrg, rows: usize) {
    let filled = test.transact(|state| {
        for at in 0..rows {
            state.insert_row("Account", [("Name", Cell::text(format!("A{at}")))]).unwrap();
        }
    });
    filled.unwrap();
}
fn by_id() -> Query {
    Query::from(object!("Account")).select([field!("Id"), field!("Name")]).order_by(field!("Id"))
}
fn insert(test: &TestOrg, name: &str) -> SfId {
    let fields = Fields::new().set(field!("Name"), name);
    test.apply(Write::Insert { object: object!("Account"), fields }).unwrap()
}
fn all_ids(test: &TestOrg) -> BTreeSet<SfId> {
    test.rows(&object!("Account")).iter().filter_map(|row| row.id).collect()
}
/// The ids of rows, none of which may come twice.
fn ids(rows: &[Record]) -> BTreeSet<SfId> {
    let ids: BTreeSet<SfId> = rows.iter().filter_map(|row| row.id).collect();
    assert_eq!(ids.len(), rows.len(), "a row came twice");
    ids
}

/// The org's wire, which counts what is under way and calls back before every request.
#[derive(Clone)]
struct Counted {
    wire: Wire,
    state: Arc<Mutex<State>>,
}
#[derive(Default)]
struct State {
    now: usize,
    most: usize,
    calls: usize,
    before: Option<Box<dyn FnMut(usize) + Send>>,
}
impl std::fmt::Debug for Counted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Counted")
    }
}
struct Leaves(Arc<Mutex<State>>);
impl Drop for Leaves {
    fn drop(&mut self) {
        self.0.lock().unwrap().now -= 1;
    }
}
#[async_trait::async_trait]
impl Exchange for Counted {
    fn capabilities(&self) -> Capabilities {
        self.wire.capabilities()
    }
    fn usage(&self) -> sf_core::Usage {
        self.wire.usage()
    }
    async fn exchange(
        &self,
        request: &Request,
        sink: Option<&mut dyn BodySink>,
        options: &CallOptions,
    ) -> Result<Response> {
        let before = {
            let mut state = self.state.lock().unwrap();
            state.now += 1;
            state.calls += 1;
            state.most = state.most.max(state.now);
            state.before.take().map(|before| (before, state.calls))
        };
        let _leaves = Leaves(self.state.clone());
        if let Some((mut before, calls)) = before {
            before(calls);
            self.state.lock().unwrap().before = Some(before);
        }
        self.wire.exchange(request, sink, options).await
    }
}
fn counted(test: &TestOrg) -> (Org, Arc<Mutex<State>>) {
    let wire = Counted { wire: test.wire(), state: Arc::default() };
    let state = wire.state.clone();
    (Org::builder(Protocol::new(wire)).clock(test.clock()).build(), state)
}
fn since(start: Timestamp, now: Timestamp) -> Duration {
    Duration::from_millis(u64::try_from(now.millis() - start.millis()).unwrap())
}
/// The rows, how long it took, the calls, and how many of them were under way at once.
fn read(test: &TestOrg, parallel: usize) -> (Vec<Record>, Duration, usize, usize) {
    let (org, state) = counted(test);
    let start = test.clock().now();
    let rows = test.clock().run(org.query(by_id()).with_parallel(parallel).all()).unwrap();
    let state = state.lock().unwrap();
    (rows, since(start, test.clock().now()), state.calls, state.most)
}

#[test]
fn a_hundred_pages_come_in_a_seventh_of_the_time_by_eight_ranges() {
    let test = filled(5_000);
    let (rows, alone, calls, most) = read(&test, 1);
    assert_eq!((ids(&rows), calls, most), (all_ids(&test), 100, 1));
    let (rows, together, calls, most) = read(&test, 8);
    assert_eq!((ids(&rows), most), (all_ids(&test), 8));
    assert!(together * 7 <= alone, "{together:?} and {alone:?} alone");
    assert!(calls <= 108, "{calls} calls");
}

#[test]
fn a_result_of_any_size_comes_once() {
    for rows in [0, 1, 2, 49, 50, 51, 99, 100, 101, 149, 700] {
        let test = filled(rows);
        for parallel in [2, 5, 32] {
            let (found, _, calls, most) = read(&test, parallel);
            assert_eq!(ids(&found), all_ids(&test), "{rows} rows by {parallel}");
            assert!(most <= parallel, "{most} calls under way");
            assert!(calls <= rows.div_ceil(50) * 9 / 8 + 2 * parallel, "{calls} calls for {rows} rows");
        }
    }
}

/// Rows of other instances, and of blocks of ids with wide gaps between them.
#[test]
fn ids_that_are_spread_unevenly_come_once_and_still_sooner() {
    let test = TestOrg::empty();
    let filled = test.transact(|state| {
        // How far away a part of the rows is, and how many it has.
        for (far, rows) in
            [(0, 30), (40_000_000_000_000, 1_500), (9_000_000, 900), (600_000_000_000_000_000, 1_570)]
        {
            state.skip_ids("Account", far).unwrap();
            for at in 0..rows {
                if at % 100 == 0 {
                    state.skip_ids("Account", 3_000).unwrap();
                }
                state.insert_row("Account", [("Name", Cell::text("x"))]).unwrap();
            }
        }
    });
    filled.unwrap();
    test.page_size(50);
    test.latency(LATENCY);
    let (rows, alone, sequential, _) = read(&test, 1);
    assert_eq!(rows.len(), 4_000);
    let (rows, together, calls, _) = read(&test, 8);
    assert_eq!(ids(&rows), all_ids(&test));
    assert!(together * 4 <= alone, "{together:?} and {alone:?} alone");
    assert!(calls <= sequential * 9 / 8 + 16, "{calls} calls");
}

#[test]
fn rows_created_and_deleted_meanwhile_disturb_no_other() {
    let test = filled(2_000);
    let before = all_ids(&test);
    let (org, state) = counted(&test);
    let changed: Arc<Mutex<BTreeSet<SfId>>> = Arc::default();
    let (world, noted) = (test.clone(), changed.clone());
    let mut victims: Vec<SfId> = before.iter().copied().step_by(29).collect();
    state.lock().unwrap().before = Some(Box::new(move |call| {
        let mut noted = noted.lock().unwrap();
        noted.insert(insert(&world, &format!("new {call}")));
        if !victims.is_empty() {
            let id = victims.swap_remove(call * 37 % victims.len());
            world.apply(Write::Delete { id }).unwrap();
            noted.insert(id);
        }
    }));
    let rows = test.clock().run(org.query(by_id()).with_parallel(6).all()).unwrap();
    state.lock().unwrap().before = None;
    let changed = changed.lock().unwrap();
    assert!(changed.len() > 60, "{}", changed.len());
    let found = ids(&rows);
    let stayed: BTreeSet<SfId> = before.difference(&changed).copied().collect();
    assert!(stayed.is_subset(&found), "{} rows are missing", stayed.difference(&found).count());
    assert!(found.iter().all(|id| before.contains(id) || changed.contains(id)));
}

#[test]
fn lost_cursors_cost_calls_and_no_row() {
    let test = filled(2_000);
    for skip in [0, 3, 9, 20, 31] {
        test.inject(Fault::new(On::Any, Effect::LoseLocators).skip(skip));
    }
    let (rows, _, calls, _) = read(&test, 6);
    assert_eq!(ids(&rows), all_ids(&test));
    assert!(calls > 40, "{calls}");
    assert!(test.faults().is_empty(), "{:?}", test.faults());
}

#[test]
fn a_failed_page_ends_the_rows_and_nothing_else_is_sent() {
    let test = filled(2_000);
    test.inject(Fault::new(On::Any, Effect::Status(500, "UNKNOWN_EXCEPTION".into())).skip(12));
    let (org, state) = counted(&test);
    let mut rows = org.query(by_id()).with_parallel(6);
    let mut found = Vec::new();
    let error = test.clock().run(async {
        loop {
            match rows.try_next().await {
                Ok(row) => found.push(row.unwrap()),
                Err(error) => return error,
            }
        }
    });
    assert_eq!(error.failure().status, Some(500));
    assert!(ids(&found).len() >= 300, "{}", found.len());
    let calls = state.lock().unwrap().calls;
    assert!(test.clock().run(rows.try_next()).unwrap().is_none());
    assert_eq!(state.lock().unwrap().calls, calls);
}

#[test]
fn child_rows_are_complete_in_parallel_too() {
    let test = TestOrg::empty();
    let filled = test.transact(|state| {
        for at in 0..300 {
            let account = state.insert_row("Account", [("Name", Cell::text(format!("A{at}")))]).unwrap();
            for deal in 0..at % 7 {
                let fields =
                    [("LastName", Cell::text(format!("C{deal}"))), ("AccountId", Cell::from(account))];
                state.insert_row("Contact", fields).unwrap();
            }
        }
    });
    filled.unwrap();
    test.page_size(20);
    let query =
        Query::parse("SELECT Id, Name, (SELECT LastName FROM Contacts) FROM Account ORDER BY Id").unwrap();
    let (org, _) = counted(&test);
    let rows = test.clock().run(org.query(query).with_parallel(4).all()).unwrap();
    assert_eq!(ids(&rows).len(), 300);
    for row in rows {
        let name = row.get::<String>("Name").unwrap().into_value().unwrap();
        let number: usize = name[1..].parse().unwrap();
        let children = row.children("Contacts").map_or(0, |children| children.rows.len());
        assert_eq!(children, number % 7, "{name}");
    }
}

/// The second page travels while the rows of the first are worked on.
#[test]
fn the_next_page_travels_while_rows_are_worked_on() {
    let test = filled(500);
    let spent = |ahead: usize| {
        let (org, state) = counted(&test);
        let clock = test.clock();
        let start = clock.now();
        let mut rows = org.query(by_id()).with_prefetch(ahead);
        let mut count = 0;
        clock.run(async {
            while rows.try_next().await.unwrap().is_some() {
                count += 1;
                clock.sleep_until(clock.now() + Duration::from_millis(1)).await;
            }
        });
        assert_eq!((count, state.lock().unwrap().calls), (500, 10));
        since(start, clock.now())
    };
    // 500 rows of 1 ms, and the ten pages of 50 ms in between, or one alone.
    assert_eq!(spent(0), Duration::from_millis(1_000));
    assert!(spent(1) <= Duration::from_millis(560), "{:?}", spent(1));
}

#[test]
fn the_pieces_of_a_long_list_are_read_as_one() {
    let test = filled(1_200);
    let wanted: Vec<SfId> = all_ids(&test).into_iter().step_by(2).collect();
    // Twice in another form: no row comes twice.
    let again = wanted.iter().take(40).map(|id| id.as_15().to_owned());
    let list: Vec<String> = wanted.iter().map(ToString::to_string).chain(again).collect();
    let query = Query::from(object!("Account")).select([field!("Id")]).filter(field!("Id").is_in(list));
    let budget = sf_soql::SplitBudget::default().values(80);
    for parallel in [1, 4] {
        let (org, state) = counted(&test);
        let pieces = query.split_in(&budget).unwrap();
        let number = pieces.len();
        let rows = test.clock().run(org.query_all_of(pieces).with_parallel(parallel).all()).unwrap();
        assert_eq!(ids(&rows), wanted.iter().copied().collect());
        let calls = state.lock().unwrap().calls;
        match parallel {
            // Each piece of 80 has two pages; five pages are a call.
            1 => assert_eq!((number, calls), (8, 4)),
            _ => assert!(calls >= number, "{calls} calls"),
        }
    }
}
