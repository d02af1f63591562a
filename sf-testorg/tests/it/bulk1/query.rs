//! Query jobs: results in three formats, several of them, none, and PK chunking.
use super::{CSV, JSON, NS, XML, field, job, request};
use crate::given::{Given, read};
use serde_json::{Value, json};
use sf_testorg::Method;

fn rows(n: usize) -> Given {
    let given = Given::empty();
    (0..n).for_each(|i| drop(given.account(&format!("n{i:02}"))));
    given
}

impl Given {
    /// The results of a query, in the order of their list.
    fn bulk1_query(&self, kind: &str, soql: &str) -> Vec<String> {
        self.bulk1_query_by("query", kind, soql)
    }
    fn bulk1_query_by(&self, operation: &str, kind: &str, soql: &str) -> Vec<String> {
        let from = soql.split(" FROM ").nth(1).unwrap().split(' ').next().unwrap();
        let header = match kind {
            "JSON" => JSON,
            "CSV" => CSV,
            _ => XML,
        };
        let id = self.bulk1_job(job(from, operation, kind));
        let batch = self.bulk1_batch(&id, header, soql);
        assert_eq!(self.bulk1_wait(&id, &batch), ("Completed".into(), String::new()), "{soql}");
        let path = format!("/job/{id}/batch/{batch}/result");
        self.bulk1_results(&path)
    }
    fn bulk1_results(&self, path: &str) -> Vec<String> {
        let list = self.bulk1_get(path);
        let ids: Vec<String> =
            list.text().split("752").skip(1).map(|rest| format!("752{}", &rest[..12])).collect();
        let wanted = if list.find_header("Content-Type") == Some(JSON) {
            json!(ids).to_string()
        } else {
            let ids: String = ids.iter().map(|id| format!("<result>{id}</result>")).collect();
            format!("<result-list xmlns=\"{NS}\">{ids}</result-list>")
        };
        assert_eq!((list.status, list.text()), (200, wanted));
        ids.iter().map(|id| self.bulk1_get(&format!("{path}/{id}")).text()).collect()
    }
    fn bulk1_failed(&self, kind: &str, object: &str, soql: &str) -> String {
        let (state, message, result) = self.bulk1_load(job(object, "query", kind), soql);
        assert_eq!((state.as_str(), result.status), ("Failed", 400), "{soql}");
        message
    }
}

#[test]
fn results_come_in_several_parts_in_every_format() {
    let given = rows(5);
    let ids = given.column("SELECT Id FROM Account ORDER BY Name", "Id");
    let ids: Vec<&str> = ids.iter().map(|id| id.as_str().unwrap()).collect();
    let soql = "SELECT Name, Owner.IsActive, CreatedDate, Phone FROM Account ORDER BY Name";
    let head = "\"Name\",\"Owner.IsActive\",\"CreatedDate\",\"Phone\"\n";
    let line = |i: usize| format!("\"n0{i}\",\"true\",\"2026-01-05T09:00:00.000Z\",\"\"\n");
    assert_eq!(
        given.bulk1_query("CSV", soql),
        [
            format!("{head}{}{}", line(0), line(1)),
            format!("{head}{}{}", line(2), line(3)),
            format!("{head}{}", line(4))
        ]
    );
    let user = given.org.credentials().user_id;
    let row = |i: usize| {
        json!({"attributes": {"type": "Account", "url": format!("/services/data/v66.0/sobjects/Account/{}", ids[i])},
            "Name": format!("n0{i}"), "Owner": {"attributes": {"type": "User", "url": format!("/services/data/v66.0/sobjects/User/{user}")},
            "IsActive": true}, "CreatedDate": 1_767_603_600_000_i64, "Phone": null})
    };
    let parts: Vec<Value> =
        given.bulk1_query("JSON", soql).iter().map(|text| serde_json::from_str(text).unwrap()).collect();
    assert_eq!(parts, [json!([row(0), row(1)]), json!([row(2), row(3)]), json!([row(4)])]);
    let parts = given
        .bulk1_query("XML", "SELECT Id, Name, Owner.IsActive, CreatedDate, Phone FROM Account ORDER BY Name");
    assert_eq!(parts.len(), 3);
    assert_eq!(
        parts[2],
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><queryResult xmlns=\"{NS}\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">\
             <records xsi:type=\"sObject\"><type>Account</type><Id>{0}</Id><Id>{0}</Id><Name>n04</Name><Owner xsi:type=\"sObject\">\
             <type>User</type><Id xsi:nil=\"true\"/><IsActive>true</IsActive></Owner><CreatedDate>2026-01-05T09:00:00.000Z</CreatedDate>\
             <Phone xsi:nil=\"true\"/></records></queryResult>",
            ids[4]
        )
    );
}

#[test]
fn without_rows_each_format_has_its_own_answer() {
    let given = Given::empty();
    let soql = "SELECT Id FROM Account";
    assert_eq!(given.bulk1_query("CSV", soql), ["Records not found for this query"]);
    assert_eq!(given.bulk1_query("JSON", soql), Vec::<String>::new());
    let empty = given.bulk1_query("XML", soql);
    assert_eq!(
        empty,
        [format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><queryResult xmlns=\"{NS}\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"></queryResult>"
        )]
    );
}

#[test]
fn the_size_of_results_and_deleted_rows_are_chosen() {
    let given = Given::with(|b| b.bulk_page_rows(2));
    let ids: Vec<String> = (0..5).map(|i| given.account(&format!("n{i}"))).collect();
    given.delete(&format!("/sobjects/Account/{}", ids[0]));
    let count = |operation: &str| {
        let parts = given.bulk1_query_by(operation, "CSV", "SELECT Id, Name FROM Account");
        parts.iter().map(|part| part.lines().count() - 1).collect::<Vec<_>>()
    };
    assert_eq!((count("query"), count("queryAll")), (vec![2, 2], vec![2, 2, 1]));
}

#[test]
fn a_statement_that_cannot_be_run_fails_its_batch() {
    let given = rows(1);
    let failed = "InvalidBatch : Failed to process query: ";
    for kind in ["CSV", "JSON"] {
        let message =
            |soql: &str| given.bulk1_failed(kind, "Account", soql).strip_prefix(failed).unwrap().to_owned();
        assert_eq!(
            message("SELECT Id FROM Contact"),
            "INVALID_TYPE_FOR_OPERATION: The root entity of the requested query (Contact) does not match the entity of the requested Bulk API Job (Account)."
        );
        assert_eq!(
            message("SELECT BillingAddress FROM Account"),
            "FUNCTIONALITY_NOT_ENABLED: Selecting compound data not supported in Bulk Query"
        );
        assert_eq!(
            message("SELECT Id, (SELECT Id FROM Contacts) FROM Account"),
            "FUNCTIONALITY_NOT_ENABLED: Aggregate Relationships not supported in Bulk Query"
        );
        assert!(message("SELECT Nope FROM Account").starts_with("INVALID_FIELD: "));
        assert!(message("SELECT Id FORM Account").starts_with("MALFORMED_QUERY: "));
        assert!(message("SELECT COUNT() FROM Account").contains("not supported in Bulk Query"));
    }
}

#[test]
fn chunks_are_batches_of_their_own() {
    let given = rows(5);
    let wanted = job("Account", "query", "CSV").to_string();
    let create = |value: &str| {
        let request = request(&given, Method::Post, "/job", JSON, wanted.clone())
            .header("Sforce-Enable-PKChunking", value);
        given.org.handle(&request)
    };
    let id = read(&create("chunkSize=2"))["id"].as_str().unwrap().to_owned();
    let soql = "SELECT Name FROM Account WHERE Name != 'n01' OR Name = 'x'";
    let original = given.bulk1_batch(&id, CSV, soql);
    assert_eq!(given.bulk1_wait(&id, &original), ("NotProcessed".into(), String::new()));
    (0..3).for_each(|_| drop(given.bulk1_get(&format!("/job/{id}/batch"))));
    let list = given.bulk1_get(&format!("/job/{id}/batch")).text();
    let parts: Vec<(String, String)> =
        list.split("<batchInfo>").skip(1).map(|part| (field(part, "id"), field(part, "state"))).collect();
    let states: Vec<&str> = parts.iter().map(|(_, state)| state.as_str()).collect();
    assert_eq!(states, ["NotProcessed", "Completed", "Completed", "Completed"]);
    let ids = given.column("SELECT Id FROM Account ORDER BY Id", "Id");
    let ids: Vec<&str> = ids.iter().map(|id| id.as_str().unwrap()).collect();
    let sent = given.bulk1_get(&format!("/job/{id}/batch/{}/request", parts[1].0)).text();
    assert_eq!(
        sent,
        format!(
            "SELECT Name FROM Account WHERE (Name != 'n01' OR Name = 'x') AND Id >= '{}' AND Id < '{}'",
            ids[0], ids[2]
        )
    );
    let mut names: Vec<String> = Vec::new();
    for (part, _) in &parts[1..] {
        let results = given.bulk1_results(&format!("/job/{id}/batch/{part}/result"));
        names.extend(results.iter().flat_map(|text| text.lines().skip(1).map(str::to_owned)));
    }
    names.sort();
    assert_eq!(names, ["\"n00\"", "\"n02\"", "\"n03\"", "\"n04\""]);
    let list = given.get("/jobs/query?jobType=Classic&isPkChunkingEnabled=true").1;
    assert_eq!(list["records"][0]["id"], json!(id));
    assert_eq!(given.get("/limits").1["DailyBulkApiBatches"]["Remaining"], 14_996, "each counts");

    let refused = create("chunkSize=0");
    assert_eq!((refused.status, read(&refused)["exceptionCode"].clone()), (400, json!("InvalidJob")));
    let id = read(&create("true"))["id"].as_str().unwrap().to_owned();
    let ordered = given.bulk1_batch(&id, CSV, "SELECT Name FROM Account ORDER BY Name");
    let (state, message) = given.bulk1_wait(&id, &ordered);
    assert_eq!(
        (state.as_str(), message.contains("PK chunking works only with")),
        ("Failed", true),
        "{message}"
    );
    let id = read(&create("false"))["id"].as_str().unwrap().to_owned();
    let plain = given.bulk1_batch(&id, CSV, "SELECT Name FROM Account ORDER BY Name");
    assert_eq!(given.bulk1_wait(&id, &plain).0, "Completed");
}
