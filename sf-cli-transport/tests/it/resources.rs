//! What is built on `call` and `download`: files, searches, plans of queries.
use crate::fake::Fake;
use sf_core::{
    Org, Soql, Sosl,
    models::ContentVersion,
    protocol::{Content, Saved},
};
use sf_testorg::TestOrg;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_comes_back_byte_by_byte() {
    let org = TestOrg::empty();
    let server = org.serve().unwrap();
    let fake = Fake::of(&server, &org);
    // No text in any encoding, and longer than a pipe holds.
    let bytes: Vec<u8> = (0..300_000_u32).map(|i| (i * 7 % 256) as u8).collect();
    for by_file in [false, true] {
        let sf = fake.sf().await;
        let sf = if by_file { sf.bodies_by_file() } else { sf };
        let door = Org::new(sf.connect().unwrap());
        let plan = ContentVersion { path_on_client: "plan.bin".into(), ..ContentVersion::default() };
        let file = door.files().upload(&plan, Content::bytes(bytes.clone())).await.unwrap();
        let mut copy = Saved::to(Vec::new());
        assert_eq!(door.files().download(file.version, &mut copy).await.unwrap(), bytes.len() as u64);
        assert!(copy.into_inner() == bytes, "other bytes came back");
    }
    assert_eq!(fake.left_over(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn searches_and_plans_show_nothing_in_arguments() {
    let org = TestOrg::demo();
    let server = org.serve().unwrap();
    let fake = Fake::of(&server, &org);
    let door = Org::new(fake.sf().await.connect().unwrap());
    let found =
        door.search(Sosl::raw("FIND {Acme} IN NAME FIELDS RETURNING Account(Id, Name)")).await.unwrap();
    assert!(!found.records().unwrap().is_empty());
    let plans = door.explain(Soql::raw("SELECT Id FROM Account WHERE Name = 'Acme'")).await.unwrap();
    assert!(!plans.is_empty());
    assert!(fake.calls().iter().all(|call| !call["argv"].to_string().contains("Acme")));
}
