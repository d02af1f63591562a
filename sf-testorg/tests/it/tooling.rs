//! The Tooling API as far as clients ask a plain org: which packages are installed.
use crate::given::{Given, V, encode, read};
use serde_json::{Value, json};
use sf_testorg::{InstalledPackage, Request, TestOrg, demo::Dataset};

/// What `sf package installed list` sends.
const INSTALLED: &str = "SELECT Id, SubscriberPackageId, SubscriberPackage.NamespacePrefix, SubscriberPackage.Name, \
    SubscriberPackageVersion.Id, SubscriberPackageVersion.Name, SubscriberPackageVersion.MajorVersion, \
    SubscriberPackageVersion.MinorVersion, SubscriberPackageVersion.PatchVersion, SubscriberPackageVersion.BuildNumber, \
    SubscriberPackageVersion.IsManaged, SubscriberPackageVersion.Package2ContainerOptions FROM InstalledSubscriberPackage \
    ORDER BY SubscriberPackageId";

fn given() -> Given {
    let org = TestOrg::builder()
        .dataset(Dataset::Empty)
        .installed_package(
            InstalledPackage::new("Acme Billing", [2, 1, 0, 7]).namespace("acme").version_name("Spring"),
        )
        .build();
    let unlocked =
        InstalledPackage::new("Tools", [0, 3, 0, 1]).container_options("Unlocked").beta().publisher("Us");
    org.install_package(&unlocked).unwrap();
    Given { org }
}

fn query(given: &Given, soql: &str) -> (u16, Value) {
    given.get(&format!("/tooling/query?q={}", encode(soql)))
}

#[test]
fn given_packages_when_sf_lists_them_then_the_whole_answer_is_as_recorded() {
    let given = given();
    let (status, body) = query(&given, INSTALLED);
    let at = |object: &str, id: &Value| json!({"type": object, "url": format!("{V}/tooling/sobjects/{object}/{}", id.as_str().unwrap())});
    let row = |n: usize,
               name: &str,
               namespace: Value,
               version: &str,
               numbers: [u32; 4],
               managed: bool,
               options: Value| {
        let record = &body["records"][n];
        let (id, package, installed) =
            (&record["Id"], &record["SubscriberPackageId"], &record["SubscriberPackageVersion"]["Id"]);
        json!({"attributes": at("InstalledSubscriberPackage", id), "Id": id, "SubscriberPackageId": package,
            "SubscriberPackage": {"attributes": at("SubscriberPackage", package), "NamespacePrefix": namespace, "Name": name},
            "SubscriberPackageVersion": {"attributes": at("SubscriberPackageVersion", installed), "Id": installed, "Name": version,
                "MajorVersion": numbers[0], "MinorVersion": numbers[1], "PatchVersion": numbers[2], "BuildNumber": numbers[3],
                "IsManaged": managed, "Package2ContainerOptions": options}})
    };
    assert_eq!(status, 200, "{body}");
    assert_eq!(
        body,
        json!({"totalSize": 2, "done": true, "records": [
            row(0, "Acme Billing", json!("acme"), "Spring", [2, 1, 0, 7], true, Value::Null),
            row(1, "Tools", Value::Null, "Tools", [0, 3, 0, 1], false, json!("Unlocked"))]})
    );
    for (field, prefix) in [("Id", "0A3"), ("SubscriberPackageId", "033")] {
        assert!(body["records"][0][field].as_str().unwrap().starts_with(prefix));
    }
    assert!(body["records"][0]["SubscriberPackageVersion"]["Id"].as_str().unwrap().starts_with("04t"));
    let (status, body) = given.get(&format!("/tooling/query?q={}&columns=true", encode(INSTALLED)));
    assert_eq!((status, &body["entityName"]), (200, &json!("InstalledSubscriberPackage")));
}

#[test]
fn given_another_tooling_object_when_asked_for_then_it_is_no_type() {
    let given = given();
    for object in ["SandboxProcess", "ApexClass", "Account", "Package2"] {
        let soql = format!("SELECT Id FROM {object}");
        let (status, body) = query(&given, &soql);
        let message = body[0]["message"].as_str().unwrap();
        assert_eq!((status, &body[0]["errorCode"]), (400, &json!("INVALID_TYPE")), "{body}");
        assert!(message.contains(&format!("sObject type '{object}' is not supported.")), "{message}");
    }
    let (_, body) = query(&given, "SELECT Nope FROM InstalledSubscriberPackage");
    assert_eq!(body[0]["errorCode"], "INVALID_FIELD");
    // The data API does not know what is Tooling's.
    let (_, body) = given.query("SELECT Id FROM InstalledSubscriberPackage");
    assert_eq!(body[0]["errorCode"], "INVALID_TYPE");
}

#[test]
fn given_the_tooling_resources_when_asked_for_then_they_say_what_they_have() {
    let given = given();
    assert_eq!(given.get("").1["tooling"], format!("{V}/tooling"));
    assert_eq!(
        given.get("/tooling/").1,
        json!({"query": format!("{V}/tooling/query"), "sobjects": format!("{V}/tooling/sobjects")})
    );
    let (_, global) = given.get("/tooling/sobjects");
    let names: Vec<&Value> = global["sobjects"].as_array().unwrap().iter().map(|s| &s["name"]).collect();
    assert_eq!(
        json!(names),
        json!(["InstalledSubscriberPackage", "SubscriberPackage", "SubscriberPackageVersion"])
    );
    let (_, describe) = given.get("/tooling/sobjects/SubscriberPackageVersion/describe");
    assert_eq!((describe["fields"].as_array().unwrap().len(), &describe["createable"]), (23, &json!(false)));
    let id = query(&given, INSTALLED).1["records"][0]["Id"].as_str().unwrap().to_owned();
    let (status, row) = given.get(&format!("/tooling/sobjects/InstalledSubscriberPackage/{id}"));
    assert_eq!((status, &row["Id"]), (200, &json!(id)));
    for (method, path) in
        [("POST", "/tooling/sobjects/SubscriberPackage"), ("PATCH", "/tooling/query"), ("DELETE", "/tooling")]
    {
        let method = sf_testorg::Method::parse(method).unwrap();
        let response = given.send(Request::new(method, format!("{V}{path}")).json("{}"));
        assert_eq!((response.status, response.find_header("Allow")), (405, Some("GET,HEAD")));
        assert_eq!(read(&response)[0]["errorCode"], "METHOD_NOT_ALLOWED");
    }
    assert_eq!(given.get("/tooling/runTestsSynchronous").0, 404);
}

#[test]
fn given_many_packages_when_a_page_is_full_then_the_locator_is_toolings() {
    let given = given();
    for n in 0..5 {
        given.org.install_package(&InstalledPackage::new(format!("P{n}"), [1, 0, 0, n])).unwrap();
    }
    given.org.page_size(3);
    let (_, first) = query(&given, INSTALLED);
    let next = first["nextRecordsUrl"].as_str().unwrap();
    assert!(next.starts_with(&format!("{V}/tooling/query/0r8")), "{next}");
    let (status, second) = given.get(next);
    assert_eq!(
        (status, second["records"].as_array().unwrap().len(), &second["done"]),
        (200, 3, &json!(false))
    );
    // It is no locator of the data API.
    assert_eq!(given.get(&next.replace("/tooling", "")).0, 400);
    assert_eq!(given.org.calls().iter().filter(|call| call.operation() == "tooling").count(), 2);
    assert!(given.query("SELECT Id FROM User").0 == 200);
}
