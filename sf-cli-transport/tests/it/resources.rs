//! What is built on `call` and `download`: files, searches, plans of queries.
use crate::fake::Fake;
use sf_core::{
    CallOptions, Org, Soql, Sosl, Transport,
    models::ContentVersion,
    protocol::{Content, Method, Request, Saved},
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

/// As over REST, whatever the command makes of it: JSON from an Apex method that returns a String.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_text_of_an_apex_resource_arrives_as_the_org_wrote_it_in_both_forms() {
    let said = "done: \"5\"\n";
    let json = serde_json::to_string(said).unwrap();
    let org = TestOrg::empty();
    let answer = sf_testorg::Response::new(200).json(json.clone());
    org.apex_rest(sf_testorg::Method::Post, "/text", move |_| Ok(answer.clone())).unwrap();
    org.apex_rest(sf_testorg::Method::Post, "/nothing", |_| Ok(sf_testorg::Response::new(204))).unwrap();
    let server = org.serve().unwrap();
    for version in ["2.150.6", "2.127.2"] {
        let transport = Fake::of(&server, &org).version(version);
        let transport = transport.sf().await.connect().unwrap();
        let ask = |path| Request::apex(Method::Post, [path]).with_json("{}");
        let text = transport.call(&ask("text"), &CallOptions::new()).await.unwrap();
        assert_eq!(
            (text.text(), text.json::<String>().unwrap().as_str()),
            (json.as_str(), said),
            "{version}"
        );
        assert_eq!(transport.call(&ask("nothing"), &CallOptions::new()).await.unwrap().text(), "");
    }
}
