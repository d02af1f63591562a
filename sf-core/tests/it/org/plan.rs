//! What a plan of a read says, and that it is what the call does.
use crate::fake::{Fake, run};
use sf_core::{
    Capabilities, Org, QueryOptions, Soql,
    plan::{ReadPath, ReadPlan, Thresholds},
    protocol::Response,
};

fn large(text: &str) -> ReadPlan {
    let org = Org::new(Fake::new().transport());
    org.plan_read(Soql::raw(text), &QueryOptions::new(), &Thresholds::new(), Some(1_000_000)).unwrap()
}

#[test]
fn no_job_is_named_for_a_statement_that_a_job_refuses() {
    for text in [
        "SELECT Id, (SELECT Id FROM Contacts) FROM Account",
        "SELECT COUNT() FROM Account",
        "SELECT Name, COUNT(Id) FROM Account GROUP BY Name",
        "SELECT Name FROM Account GROUP BY Name",
        "SELECT Id FROM Account LIMIT 5 OFFSET 5",
        "SELECT TYPEOF What WHEN Account THEN Name END FROM Event",
    ] {
        let org = Org::new(Fake::new().transport());
        let refused = run(org.bulk_query(Soql::raw(text)).try_next()).unwrap_err().to_string();
        let plan = large(text);
        assert_eq!((plan.path, plan.api_calls), (ReadPath::Get, 500), "{text}");
        let why = format!("no Bulk job although more than 200000 rows are expected: {refused}");
        assert_eq!(plan.why[0], why);
    }
    let mut fake = Fake::new();
    fake.capabilities.bulk = false;
    let plan = Org::new(fake.transport())
        .plan_read(
            Soql::raw("SELECT Id FROM Account"),
            &QueryOptions::new(),
            &Thresholds::new(),
            Some(200_001),
        )
        .unwrap();
    assert_eq!((plan.path, plan.api_calls), (ReadPath::Get, 101));
    assert!(plan.why[0].ends_with("the transport has none"), "{plan}");
}

/// One status request is the least that can be, so with a job that is done at once the plan is exact.
#[test]
fn a_job_makes_the_calls_that_were_planned() {
    const JOB: &str = r#"{"id":"750000000000001AAA","state":"JobComplete","object":"Account"}"#;
    let page = |locator: &str| {
        let headers = vec![("sforce-locator".to_owned(), locator.to_owned())];
        Response::new(200, headers, "\"Id\"\n\"001000000000001AAA\"\n")
    };
    let soql = || Soql::raw("SELECT Id FROM Account");
    for (rows, thresholds) in [
        (25_000, Thresholds::new().with_bulk_reads(20_000)),
        (5, Thresholds::new().with_bulk_reads(0).with_bulk_page_rows(2)),
    ] {
        let fake = Fake::new()
            .answer(200, JOB)
            .answer(200, JOB)
            .response(page("a"))
            .response(page("b"))
            .response(page("null"));
        let org = Org::new(fake.transport());
        let plan = org.plan_read(soql(), &QueryOptions::new(), &thresholds, Some(rows)).unwrap();
        assert_eq!(plan.path, ReadPath::Bulk);
        let mut job = org.bulk_query(soql());
        // Without a setting of its own a job has the pages that a plan reckons with.
        if thresholds.bulk_page_rows != Thresholds::new().bulk_page_rows {
            job = job.with_page_rows(thresholds.bulk_page_rows);
        }
        assert_eq!(run(job.all()).unwrap().len(), 3);
        assert_eq!(fake.lines().len() as u64, plan.api_calls);
        let asked = format!("maxRecords={}", thresholds.bulk_page_rows);
        assert_eq!(
            fake.lines()
                .iter()
                .filter(|line| line.ends_with(&asked) || line.contains(&format!("{asked}&")))
                .count(),
            3
        );
    }
}

#[test]
fn the_plan_of_a_query_is_never_a_job_and_counts_the_pages_of_the_size_that_is_asked_for() {
    let org = Org::new(Fake::new().transport());
    let soql = || Soql::raw("SELECT Id FROM Account");
    let plan = org.plan_query(soql(), Some(1_000_000)).unwrap();
    assert_eq!((plan.path, plan.api_calls), (ReadPath::Get, 500));
    let small = QueryOptions::new().with_page_size(500);
    let plan = org.plan_read(soql(), &small, &Thresholds::rest_only(), Some(1_000_000)).unwrap();
    assert_eq!(plan.api_calls, 2_000);
    // Over `sf` each call costs two.
    let mut fake = Fake::new();
    fake.capabilities = Capabilities::default();
    fake.capabilities.requests_per_call = 2;
    let plan =
        Org::new(fake.transport()).plan_read(soql(), &small, &Thresholds::new(), Some(1_000_000)).unwrap();
    assert_eq!((plan.path, plan.api_calls), (ReadPath::Bulk, 204));
}
