//! Bulk API 2.0 jobs by the same steps as over REST: each is saved before the next one.
use crate::real::Real;
use sf_core::{BulkIngest, BulkJob, Fields, Org, Soql, Transport, field, object};
use sf_testorg::TestOrg;

fn rows() -> Vec<Fields> {
    let text = |n: usize| format!("row {n}: \"quoted\", 'both' ways,\nsecond line; 日本語 #N/A");
    (0..250)
        .map(|n| {
            Fields::new().set(field!("Name"), format!("Bulk {n:03}")).set(field!("Description"), text(n))
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs the real sf command (SF_REAL_COMMAND)"]
async fn rows_are_loaded_with_a_new_client_every_two_steps_and_read_back_by_a_query_job() {
    let real = Real::of(TestOrg::empty()).await;
    let mut saved = BulkJob::new(BulkIngest::insert(object!("Account")));
    let outcomes = 'load: loop {
        // As if the program were started again: what is known is what was saved. Every two steps, because a job that may have got
        // its data is replaced by the first step after a start: one step at a time would never come to the upload.
        let text = serde_json::to_string(&saved).unwrap();
        let mut load = real.client().0.bulk_resume(serde_json::from_str(&text).unwrap(), rows());
        for _ in 0..2 {
            match load.step().await.unwrap() {
                Some(job) => saved = job.clone(),
                None => break 'load load.report().outcomes,
            }
        }
    };
    assert_eq!(outcomes.len(), 250);
    let ids: Vec<_> = outcomes.into_iter().map(|outcome| outcome.into_result().unwrap().0).collect();
    for (n, (id, row)) in ids.iter().zip(rows()).enumerate() {
        assert_eq!(Some(&real.org.value(*id, "Description")), row.get(&field!("Description")), "row {n}");
    }
    assert_eq!(real.org.rows(&object!("Account")).len(), 250, "no row twice");

    let (client, transport): (Org, _) = real.client();
    let asked = Soql::raw("SELECT Id, Name, Description FROM Account").typed::<sf_core::models::Account>();
    let read = client.bulk_query(asked).with_page_rows(100).all().await.unwrap();
    assert_eq!(read.len(), 250);
    for account in read {
        let id = *account.id.value().unwrap();
        assert_eq!(
            real.org.value(id, "Description").as_str(),
            account.description.value().map(String::as_str)
        );
    }
    println!("{} processes", transport.usage().spawns);
}
