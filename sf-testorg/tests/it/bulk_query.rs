//! Bulk queries: from a statement to pages of CSV.
use crate::given::{Given, V, read};
use serde_json::{Value, json};
use sf_testorg::{Assumptions, Effect, Fault, On, Request, Response};

impl Given {
    pub(crate) fn export(&self, soql: &str) -> String {
        let (status, body) = self.post("/jobs/query", json!({"operation": "query", "query": soql}));
        assert_eq!(status, 200, "{body}");
        let id = body["id"].as_str().unwrap().to_owned();
        assert_eq!(self.get(&format!("/jobs/query/{id}")).1["state"], "InProgress");
        assert_eq!(self.get(&format!("/jobs/query/{id}")).1["state"], "JobComplete");
        id
    }
    pub(crate) fn results(&self, id: &str, parameters: &str) -> Response {
        self.send(
            Request::get(format!("{V}/jobs/query/{id}/results{parameters}")).header("Accept", "text/csv"),
        )
    }
    /// All pages: rows without header, and how many rows each page had.
    pub(crate) fn pages(&self, id: &str, parameters: &str) -> (Vec<String>, Vec<usize>) {
        let (mut rows, mut sizes, mut next) = (Vec::new(), Vec::new(), String::new());
        loop {
            let page = self.results(id, &format!("?{parameters}{next}"));
            assert_eq!(page.status, 200, "{}", page.text());
            let lines: Vec<String> = page.text().lines().skip(1).map(str::to_owned).collect();
            assert_eq!(page.find_header("Sforce-NumberOfRecords"), Some(lines.len().to_string().as_str()));
            sizes.push(lines.len());
            rows.extend(lines);
            match page.find_header("Sforce-Locator").unwrap() {
                "null" => return (rows, sizes),
                locator => next = format!("&locator={locator}"),
            }
        }
    }
}

#[test]
fn given_a_query_job_when_followed_then_every_answer_is_whole() {
    let given = Given::empty();
    let now = "2026-01-05T09:00:00.000+0000";
    given.account("a");
    let (status, created) = given.post(
        "/jobs/query",
        json!({"operation": "queryAll", "query": "select Id from account",
        "contentType": "CSV", "columnDelimiter": "CARET", "lineEnding": "CRLF"}),
    );
    let id = created["id"].as_str().unwrap().to_owned();
    let mut job = json!({"id": id, "operation": "queryAll", "object": "Account", "createdById": given.org.credentials().user_id,
        "createdDate": now, "systemModstamp": now, "state": "UploadComplete", "concurrencyMode": "Parallel",
        "contentType": "CSV", "apiVersion": 66.0, "lineEnding": "CRLF", "columnDelimiter": "CARET"});
    assert_eq!((status, &created), (200, &job));
    job["state"] = json!("InProgress");
    for (key, value) in [
        ("jobType", json!("V2Query")),
        ("numberRecordsProcessed", json!(0)),
        ("retries", json!(0)),
        ("totalProcessingTime", json!(0)),
        ("isPkChunkingSupported", json!(true)),
    ] {
        job[key] = value;
    }
    assert_eq!(given.get(&format!("/jobs/query/{id}")).1, job);
    assert_eq!(given.results(&id, "").status, 400, "not yet");
    (job["state"], job["numberRecordsProcessed"]) = (json!("JobComplete"), json!(1));
    assert_eq!(given.get(&format!("/jobs/query/{id}")).1, job);
    let aborted = given.patch(&format!("/jobs/query/{id}"), json!({"state": "Aborted"}));
    let message =
        json!([{"message": "Aborting already Completed Job not allowed", "errorCode": "INVALIDJOBSTATE"}]);
    assert_eq!(aborted, (400, message));
    assert_eq!(given.patch(&format!("/jobs/query/{id}"), json!({"state": "UploadComplete"})).0, 400);
    assert_eq!(given.get(&format!("/jobs/ingest/{id}")).0, 404, "it is no ingest job");
    assert_eq!(given.delete(&format!("/jobs/query/{id}")).0, 204);
    assert_eq!(given.results(&id, "").status, 404);

    let (_, created) =
        given.post("/jobs/query", json!({"operation": "query", "query": "SELECT Id FROM Account"}));
    let path = format!("/jobs/query/{}", created["id"].as_str().unwrap());
    let running = json!([{"message": "Error encountered when deleting the job because the job is not terminated", "errorCode": "API_ERROR"}]);
    assert_eq!(given.delete(&path), (400, running));
    assert_eq!(given.patch(&path, json!({"state": "Aborted"})).1["state"], "Aborted");
    assert_eq!(given.delete(&path), (204, Value::Null));
}

#[test]
fn given_rows_when_exported_then_values_have_the_forms_of_csv() {
    let given = Given::empty();
    let id = given
        .insert("Account", json!({"Name": "A \"q\",\nB", "NumberOfEmployees": 7, "AnnualRevenue": 1.6e13}));
    given.opportunity(&id, "o", "Prospecting");
    let job = given.export("SELECT AnnualRevenue, name, NumberOfEmployees, CreatedDate, IsDeleted, Phone, owner.username FROM Account");
    let text = given.results(&job, "").text();
    let user = given.org.credentials().username;
    let header = "\"AnnualRevenue\",\"Name\",\"NumberOfEmployees\",\"CreatedDate\",\"IsDeleted\",\"Phone\",\"Owner.Username\"\n";
    let row = format!(
        "\"1.6E13\",\"A \"\"q\"\",\nB\",\"7\",\"2026-01-05T09:00:00.000Z\",\"false\",\"\",\"{user}\"\n"
    );
    assert_eq!(text, format!("{header}{row}"));
    let job = given.export("SELECT CloseDate, Account.Name, Amount, toLabel(StageName) Label FROM Opportunity WHERE CALENDAR_YEAR(CloseDate) = 2026");
    assert_eq!(
        given.results(&job, "").text(),
        "\"CloseDate\",\"Account.Name\",\"Amount\",\"Label\"\n\"2026-03-31\",\"A \"\"q\"\",\nB\",\"\",\"Prospecting\"\n"
    );
    assert_eq!(given.results(&job, "").find_header("Content-Type"), Some("text/csv"));

    let (_, created) = given.post(
        "/jobs/query",
        json!({"operation": "query", "query": "SELECT Id, Phone FROM Account",
        "columnDelimiter": "TAB", "lineEnding": "CRLF"}),
    );
    let job = created["id"].as_str().unwrap();
    (0..2).for_each(|_| drop(given.get(&format!("/jobs/query/{job}"))));
    assert_eq!(given.results(job, "").text(), format!("\"Id\"\t\"Phone\"\r\n\"{id}\"\t\"\"\r\n"));

    given.delete(&format!("/sobjects/Account/{id}"));
    let job = given.export("SELECT Id FROM Account");
    let none = given.results(&job, "");
    assert_eq!(
        (
            none.text().as_str(),
            none.find_header("Sforce-Locator"),
            none.find_header("Sforce-NumberOfRecords")
        ),
        ("\"Id\"\n", Some("null"), Some("0"))
    );
    let mut other = Assumptions::default();
    other.bulk.empty_result_has_header = false;
    let given = Given::with(|b| b.assumptions(other));
    let job = given.export("SELECT Id FROM Account");
    assert_eq!(given.results(&job, "").text(), "");
}

#[test]
fn given_many_rows_when_exported_then_they_come_in_pages_and_in_no_order() {
    let given = Given::demo();
    let ids: Vec<String> = given
        .column("SELECT Id FROM Account", "Id")
        .iter()
        .map(|id| format!("\"{}\"", id.as_str().unwrap()))
        .collect();
    let job = given.export("SELECT Id FROM Account");
    let (rows, sizes) = given.pages(&job, "");
    assert_eq!(sizes, [20, 20, 20], "a third each");
    let sorted = |mut rows: Vec<String>| {
        rows.sort();
        rows
    };
    assert_ne!(rows, ids);
    assert_eq!(sorted(rows.clone()), sorted(ids.clone()));
    assert_eq!(given.pages(&job, "").0, rows, "the same every time");
    assert_eq!(given.pages(&job, "maxRecords=7").1, [7, 7, 7, 7, 7, 7, 7, 7, 4]);
    assert_eq!(given.pages(&job, "maxRecords=50000").1, [20, 20, 20], "only a ceiling");
    for wrong in ["?maxRecords=0", "?maxRecords=x", "?locator=null", "?locator=%21", "?locator=OTk5"] {
        assert_eq!(given.results(&job, wrong).status, 400, "{wrong}");
    }
    given.org.inject(Fault::new(On::Operation("bulk_query_results".into()), Effect::ShortPage(3)));
    assert_eq!(given.pages(&job, "").1, [3, 20, 20, 17]);

    let ordered = given.export("SELECT Id FROM Account ORDER BY Id DESC");
    assert_eq!(given.pages(&ordered, "").0, sorted(ids).into_iter().rev().collect::<Vec<_>>());
    let limited = given.export("SELECT Id FROM Account LIMIT 5");
    assert_eq!(given.pages(&limited, "").1, [2, 2, 1]);

    let (_, pages) = given.get(&format!("/jobs/query/{job}/resultPages"));
    let urls: Vec<&str> =
        pages["resultPages"].as_array().unwrap().iter().map(|p| p["resultUrl"].as_str().unwrap()).collect();
    assert_eq!((&pages["done"], &pages["nextRecordsUrl"], urls.len()), (&json!(true), &Value::Null, 3));
    let all: String = urls
        .iter()
        .flat_map(|url| {
            given
                .send(Request::get(*url))
                .text()
                .lines()
                .skip(1)
                .map(|l| l.to_owned() + "\n")
                .collect::<Vec<_>>()
        })
        .collect();
    assert_eq!(all.lines().collect::<Vec<_>>(), rows);

    let small = Given::with(|b| b.bulk_page_rows(2));
    (0..13).for_each(|i| drop(small.account(&i.to_string())));
    let job = small.export("SELECT Id FROM Account");
    let (_, first) = small.get(&format!("/jobs/query/{job}/resultPages"));
    assert_eq!((&first["done"], first["resultPages"].as_array().unwrap().len()), (&json!(false), 5));
    let (_, second) = small.get(first["nextRecordsUrl"].as_str().unwrap());
    assert_eq!((&second["done"], second["resultPages"].as_array().unwrap().len()), (&json!(true), 2));
}

#[test]
fn given_a_statement_when_bulk_does_not_support_it_then_it_is_refused_at_once() {
    let given = Given::empty();
    let post = |soql: &str| given.post("/jobs/query", json!({"operation": "query", "query": soql}));
    for (soql, message) in [
        ("SELECT COUNT() FROM Account", "Aggregate functions not supported in Bulk Query"),
        ("SELECT COUNT(Id) FROM Account", "Aggregate functions not supported in Bulk Query"),
        ("SELECT Name FROM Account GROUP BY Name", "GROUP BY not supported in Bulk Query"),
        ("SELECT Id FROM Account LIMIT 1 OFFSET 1", "OFFSET not supported in Bulk Query"),
        ("SELECT TYPEOF What WHEN Account THEN Name END FROM Task", "TYPEOF not supported in Bulk Query"),
        ("SELECT BillingAddress FROM Account", "Selecting compound data not supported in Bulk Query"),
        (
            "SELECT Id, (SELECT Id FROM Opportunities) FROM Account",
            "Aggregate Relationships not supported in Bulk V2 Query with CSV content type",
        ),
        (
            "SELECT FIELDS(ALL) FROM Account LIMIT 1",
            "FIELDS(ALL) and FIELDS(CUSTOM) not supported in Bulk Query",
        ),
        ("SELECT VersionData FROM ContentVersion", "Binary fields not supported in Bulk Query"),
    ] {
        assert_eq!(post(soql), (400, json!([{"message": message, "errorCode": "API_ERROR"}])), "{soql}");
    }
    assert_eq!(
        post("SELECT Id FROM Foo").1,
        json!([{"message": "Entity 'Foo' is not supported by the Bulk API.", "errorCode": "INVALIDENTITY"}])
    );
    for soql in
        ["SELECT Foo FROM Account", "SELECT Id FORM Account", "nonsense", "SELECT Id, Id FROM Account"]
    {
        let (status, body) = post(soql);
        assert_eq!((status, &body[0]["errorCode"]), (400, &json!("API_ERROR")), "{soql}");
    }
    for body in [
        json!({"query": "SELECT Id FROM Account"}),
        json!({"operation": "query"}),
        json!({"operation": "insert", "query": "SELECT Id FROM Account"}),
        json!([]),
    ] {
        assert_eq!(given.post("/jobs/query", body.clone()).0, 400, "{body}");
    }
    let mut other = Assumptions::default();
    other.bulk.query_errors_are_api_errors = false;
    let given = Given::with(|b| b.assumptions(other));
    let (_, body) =
        given.post("/jobs/query", json!({"operation": "query", "query": "SELECT Foo FROM Account"}));
    assert_eq!(body[0]["errorCode"], "INVALID_FIELD");
}

#[test]
fn given_another_version_when_results_are_read_then_it_is_refused() {
    let given = Given::empty();
    given.account("a");
    let job = given.export("SELECT Id FROM Account");
    let old = |resource: &str| {
        given.send(Request::get(format!("/services/data/v65.0/jobs/query/{job}/{resource}")))
    };
    assert_eq!((old("results").status, old("resultPages").status, old("").status), (409, 409, 200));
    let at = |version: u16, path: &str| {
        given.send(Request::get(format!("/services/data/v{version}.0/jobs/{path}"))).status
    };
    assert_eq!((at(40, "ingest"), at(41, "ingest"), at(46, "query"), at(47, "query")), (404, 200, 404, 200));
    let body = json!({"operation": "query", "query": "SELECT Name, Id FROM Account"}).to_string();
    let created = read(&given.send(Request::post("/services/data/v49.0/jobs/query", body)));
    let path = format!("/services/data/v49.0/jobs/query/{}", created["id"].as_str().unwrap());
    (0..2).for_each(|_| drop(given.send(Request::get(path.as_str()))));
    let text = given.send(Request::get(format!("{path}/results"))).text();
    assert!(text.starts_with("\"Id\",\"Name\"\n"), "columns by name before 50.0: {text}");
}
