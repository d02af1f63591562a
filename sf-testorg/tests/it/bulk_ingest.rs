//! What a bulk job does with its rows.
use crate::{
    bulk_jobs::accounts,
    given::{Given, V, read},
};
use serde_json::{Value, json};
use sf_testorg::{Assumptions, Method, Request, TestOrg};

/// Rows of a result file behind its header, sorted: the org shuffles them.
fn rows(file: &str) -> Vec<String> {
    let mut lines: Vec<String> = file.lines().skip(1).map(str::to_owned).collect();
    lines.sort();
    lines
}
fn message(answer: &(u16, Value)) -> (u16, &str, &str) {
    (answer.0, answer.1[0]["errorCode"].as_str().unwrap_or(""), answer.1[0]["message"].as_str().unwrap_or(""))
}

#[test]
fn given_a_create_request_when_it_is_wrong_then_it_is_refused() {
    let given = Given::empty();
    let post = |body: Value| given.post("/jobs/ingest", body);
    let entity = "Entity 'Foo' is not supported by the Bulk API.";
    assert_eq!(
        message(&post(json!({"object": "Foo", "operation": "insert"}))),
        (400, "INVALIDENTITY", entity)
    );
    for (body, code) in [
        (json!({"operation": "insert"}), "INVALIDJOB"),
        (json!({"object": "Account"}), "INVALIDJOB"),
        (json!({"object": "Account", "operation": "merge"}), "JSON_PARSER_ERROR"),
        (json!({"object": "Account", "operation": "query"}), "JSON_PARSER_ERROR"),
        (json!({"object": "Account", "operation": "insert", "lineEnding": "CR"}), "JSON_PARSER_ERROR"),
        (json!({"object": "Account", "operation": "insert", "columnDelimiter": ","}), "JSON_PARSER_ERROR"),
        (json!({"object": "Account", "operation": "insert", "contentType": "JSON"}), "JSON_PARSER_ERROR"),
        (json!({"object": "Account", "operation": "upsert"}), "INVALIDJOB"),
        (json!({"object": "Account", "operation": "upsert", "externalIdFieldName": "Phone"}), "INVALIDJOB"),
        (json!({"object": "Account", "operation": "hardDelete"}), "FEATURENOTENABLED"),
        (json!([1]), "JSON_PARSER_ERROR"),
    ] {
        let answer = post(body.clone());
        assert_eq!((answer.0, message(&answer).1), (400, code), "{body}");
    }
    let (_, job) = post(
        json!({"object": "Case", "operation": "upsert", "externalIdFieldName": "id", "assignmentRuleId": "01Q5e000000abcd"}),
    );
    assert_eq!(
        (&job["externalIdFieldName"], &job["assignmentRuleId"]),
        (&json!("Id"), &json!("01Q5e000000abcd"))
    );
}

#[test]
fn given_rows_when_inserted_then_results_tell_ids_and_errors() {
    let given = Given::empty();
    let info = given.load(accounts("insert"), "Name,\"NumberOfEmployees\"\nAcme,5\n,6\n\"Glo,bex\",many\n");
    assert_eq!((&info["numberRecordsProcessed"], &info["numberRecordsFailed"]), (&json!(3), &json!(2)));
    let id = given.column("SELECT Id FROM Account", "Id")[0].as_str().unwrap().to_owned();
    let done =
        format!("\"sf__Id\",\"sf__Created\",Name,\"NumberOfEmployees\"\n\"{id}\",\"true\",\"Acme\",\"5\"\n");
    assert_eq!(given.file(&info, "successfulResults"), done);
    assert_eq!(given.file(&info, "successfulResults/"), done);
    let failed = given.file(&info, "failedResults");
    assert!(failed.starts_with("\"sf__Id\",\"sf__Error\",Name,\"NumberOfEmployees\"\n"), "{failed}");
    let missing = "\"\",\"REQUIRED_FIELD_MISSING:Required fields are missing: [Name]:Name --\",\"\",\"6\"";
    let wrong = "\"\",\"INVALID_TYPE_ON_FIELD_IN_RECORD:Employees: value not of required type: many:NumberOfEmployees --\",\"Glo,bex\",\"many\"";
    assert_eq!(rows(&failed), [wrong, missing]);
    assert_eq!(given.file(&info, "unprocessedrecords"), "Name,\"NumberOfEmployees\"\n");

    let old = Request::get(format!(
        "/services/data/v52.0/jobs/ingest/{}/failedResults",
        info["id"].as_str().unwrap()
    ));
    assert!(given.send(old).text().starts_with("\"sf__Id\""), "the job's version counts, not the request's");
    let empty = given.load(accounts("insert"), "Name\n");
    assert_eq!((&empty["state"], &empty["numberRecordsProcessed"]), (&json!("JobComplete"), &json!(0)));
    assert_eq!(given.file(&empty, "successfulResults"), "\"sf__Id\",\"sf__Created\",Name\n");
}

#[test]
fn given_rows_when_updated_then_empty_is_ignored_and_na_is_null() {
    let given = Given::empty();
    let a = given
        .insert("Account", json!({"Name": "a", "Phone": "1", "Description": "x", "NumberOfEmployees": 7}));
    let b = given.account("b");
    let csv = format!(
        "id,PHONE,Description,NumberOfEmployees\n{a},,#N/A,#N/A\n{b},2,#n/a,\n{},3,,\n,4,,\nnope,5,,\n",
        &a[..15]
    );
    let info = given.load(accounts("update"), csv);
    assert_eq!(info["numberRecordsFailed"], 4, "two rows of one chunk about the same record fail both");
    let (_, row) = given.get(&format!("/sobjects/Account/{b}"));
    assert_eq!((&row["Phone"], &row["Description"]), (&json!("2"), &json!("#n/a")));
    let csv = format!("Id,Phone,Description,NumberOfEmployees\n{a},,#N/A,#N/A\n");
    let info = given.load(accounts("update"), csv);
    assert_eq!(
        given.file(&info, "successfulResults").lines().nth(1).unwrap(),
        format!("\"{a}\",\"false\",\"{a}\",\"\",\"#N/A\",\"#N/A\"")
    );
    let (_, row) = given.get(&format!("/sobjects/Account/{a}"));
    assert_eq!(
        (&row["Phone"], &row["Description"], &row["NumberOfEmployees"]),
        (&json!("1"), &Value::Null, &Value::Null)
    );

    let info = given.load(accounts("update"), "Phone\n1\n");
    let failed = given.file(&info, "failedResults");
    assert_eq!(rows(&failed), ["\"\",\"MISSING_ARGUMENT:Id not specified in an update call:--\",\"1\""]);
    let gone = given.account("gone");
    given.delete(&format!("/sobjects/Account/{gone}"));
    let info = given.load(accounts("update"), format!("Id,Phone\n{gone},1\n"));
    assert_eq!(
        rows(&given.file(&info, "failedResults")),
        [format!("\"{gone}\",\"ENTITY_IS_DELETED:entity is deleted:--\",\"{gone}\",\"1\"")]
    );
}

#[test]
fn given_rows_when_deleted_then_only_ids_are_taken() {
    let given = Given::with(|b| b.bulk_hard_delete());
    let [a, b, c] = ["a", "b", "c"].map(|name| given.account(name));
    let info = given.load(accounts("delete"), format!("Id\n{a}\n"));
    assert_eq!(
        given.file(&info, "successfulResults"),
        format!("\"sf__Id\",\"sf__Created\",Id\n\"{a}\",\"false\",\"{a}\"\n")
    );
    let all =
        |given: &Given| given.get("/queryAll?q=SELECT+Id+FROM+Account+ORDER+BY+Id").1["totalSize"].clone();
    assert_eq!(all(&given), 3);
    given.opportunity(&b, "o", "Prospecting");
    let info = given.load(accounts("hardDelete"), format!("Id\n{b}\n"));
    assert_eq!(
        (&info["operation"], &info["numberRecordsFailed"]),
        (&json!("hardDelete"), &json!(0)),
        "{info}"
    );
    assert_eq!(all(&given), 2, "not even in the recycle bin");
    assert_eq!(
        given.get("/queryAll?q=SELECT+Id+FROM+Opportunity").1["totalSize"],
        0,
        "nor what went with it"
    );
    let info = given.load(accounts("delete"), format!("Id,Name\n{c},c\n"));
    assert_eq!(
        (&info["state"], &info["errorMessage"]),
        (&json!("Failed"), &json!("InvalidBatch : Field name not found : Name"))
    );
    assert_eq!(given.file(&info, "unprocessedrecords"), format!("Id,Name\n{c},c\n"));
    assert_eq!(
        (given.file(&info, "successfulResults"), given.file(&info, "failedResults")),
        ("\"sf__Id\",\"sf__Created\",Id,Name\n".into(), "\"sf__Id\",\"sf__Error\",Id,Name\n".into()),
    );
}

/// An object with an external id and a lookup to itself.
pub(crate) fn with_external_id(assumptions: Assumptions) -> Given {
    let field = |name: &str, kind: &str, more: Value| {
        let mut all = json!({"name": name, "label": name, "type": kind, "length": 255, "createable": true, "updateable": true,
            "nillable": true, "filterable": true, "sortable": true, "groupable": true});
        all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        all
    };
    let describe = json!({"name": "Thing__c", "label": "Thing", "keyPrefix": "a00", "custom": true, "createable": true,
        "updateable": true, "deletable": true, "queryable": true, "fields": [
            field("Id", "id", json!({"createable": false, "updateable": false, "nillable": false})),
            field("Name", "string", json!({})),
            field("IsDeleted", "boolean", json!({"nillable": false, "createable": false, "updateable": false})),
            field("SystemModstamp", "datetime", json!({"createable": false, "updateable": false})),
            field("Key__c", "string", json!({"externalId": true, "idLookup": true})),
            field("On__c", "boolean", json!({"nillable": false})),
            field("At__c", "datetime", json!({})), field("Day__c", "date", json!({})),
            field("Parent__c", "reference", json!({"referenceTo": ["Thing__c"], "relationshipName": "Parent__r"})),
    ]});
    let builder = TestOrg::builder().dataset(sf_testorg::demo::Dataset::Empty).assumptions(assumptions);
    Given { org: builder.object(describe).unwrap().build() }
}
pub(crate) fn things(operation: &str) -> Value {
    json!({"object": "Thing__c", "operation": operation, "externalIdFieldName": "Key__c"})
}

#[test]
fn given_an_external_id_when_upserted_then_created_tells_which() {
    let given = with_external_id(Assumptions::default());
    let old = given.insert("Thing__c", json!({"Key__c": "k1", "Name": "old"}));
    let two = [1, 2].map(|_| given.insert("Thing__c", json!({"Key__c": "twice"})));
    let info = given.load(things("upsert"), "Key__c,Name\nk1,new\nk2,x\ntwice,y\n,z\ndup,1\nDUP,2\n");
    assert_eq!((&info["externalIdFieldName"], &info["numberRecordsFailed"]), (&json!("Key__c"), &json!(4)));
    let done = rows(&given.file(&info, "successfulResults"));
    assert!(done.contains(&format!("\"{old}\",\"false\",\"k1\",\"new\"")) && done.len() == 2, "{done:?}");
    assert!(done.iter().any(|row| row.ends_with("\"true\",\"k2\",\"x\"")), "{done:?}");
    let failed = rows(&given.file(&info, "failedResults"));
    let codes: Vec<&str> = failed.iter().map(|row| row.split([':', '"']).nth(3).unwrap()).collect();
    assert_eq!(
        codes,
        ["DUPLICATE_EXTERNAL_ID", "DUPLICATE_VALUE", "DUPLICATE_VALUE", "MISSING_ARGUMENT"],
        "{two:?}"
    );
    let info = given.load(
        json!({"object": "Thing__c", "operation": "upsert", "externalIdFieldName": "Id"}),
        format!("Id,Name\n{old},byId\n,fresh\n"),
    );
    assert_eq!(info["numberRecordsFailed"], 0);
    assert_eq!(given.records("SELECT Id FROM Thing__c WHERE Name IN ('byId', 'fresh')").len(), 2);
}

#[test]
fn given_values_when_loaded_then_their_documented_forms_are_read() {
    let given = with_external_id(Assumptions::default());
    let csv = "Key__c,On__c,At__c,Day__c\n\
               a,TRUE,2026-01-02T03:04:05.000Z,2026-01-02\n\
               b,1,2026-01-02T03:04:05+05:00,\n\
               c,f,2026-01-02T03:04:05Z,\n\
               d,yes,,\ne,,02/01/2026,\nf,,,2026-01-02+01:00\n";
    let info = given.load(things("insert"), csv);
    assert_eq!(info["numberRecordsFailed"], 3);
    let rows = given.records("SELECT On__c, At__c, Day__c FROM Thing__c ORDER BY Key__c");
    let cells: Vec<Value> = rows.iter().map(|r| json!([r["On__c"], r["At__c"], r["Day__c"]])).collect();
    assert_eq!(
        cells,
        [
            json!([true, "2026-01-02T03:04:05.000+0000", "2026-01-02"]),
            json!([true, "2026-01-01T22:04:05.000+0000", null]),
            json!([false, "2026-01-02T03:04:05.000+0000", null])
        ]
    );
    let mut strict = Assumptions::default();
    strict.bulk.short_booleans = false;
    let given = with_external_id(strict);
    assert_eq!(given.load(things("insert"), "On__c\n1\ntrue\n")["numberRecordsFailed"], 1);
}

#[test]
fn given_relationship_columns_when_loaded_then_parents_are_found_by_their_external_ids() {
    let given = with_external_id(Assumptions::default());
    let parent = given.insert("Thing__c", json!({"Key__c": "p"}));
    let info = given.load(things("insert"), "Key__c,parent__R.key__C\na,p\nb,nobody\nc,\n");
    assert_eq!(info["numberRecordsFailed"], 1);
    let failed = given.file(&info, "failedResults");
    assert!(failed.contains("\"INVALID_FIELD:Foreign key external ID: nobody not found for field Key__c in entity Thing__c:--\""), "{failed}");
    assert_eq!(
        given.column("SELECT Parent__c FROM Thing__c WHERE Key__c = 'a'", "Parent__c"),
        [json!(parent)]
    );
    given.load(things("upsert"), "Key__c,Parent__r.Key__c\na,\n");
    assert_eq!(
        given.column("SELECT Parent__c FROM Thing__c WHERE Key__c = 'a'", "Parent__c"),
        [json!(parent)]
    );
    given.load(things("upsert"), "Key__c,Parent__r.Key__c\na,#N/A\n");
    assert_eq!(given.column("SELECT Parent__c FROM Thing__c WHERE Key__c = 'a'", "Parent__c"), [Value::Null]);

    let given = Given::empty();
    let lead = given.insert("Lead", json!({"LastName": "l", "Company": "c", "Email": "l@acme.example"}));
    let user = given.org.credentials();
    let csv = format!("Subject,Lead:Who.Id,Status,Priority\ns,{lead},Not Started,Normal\n");
    let info = given.load(json!({"object": "Task", "operation": "insert"}), csv);
    assert_eq!(
        (&info["state"], &info["numberRecordsFailed"]),
        (&json!("JobComplete"), &json!(0)),
        "{}",
        given.file(&info, "failedResults")
    );
    assert_eq!(given.column("SELECT WhoId FROM Task", "WhoId"), [json!(lead)]);
    let info = given.load(accounts("insert"), format!("Name,Owner.Username\na,{}\n", user.username));
    assert_eq!(info["numberRecordsFailed"], 0, "{}", given.file(&info, "failedResults"));
    for (object, header) in [
        ("Task", "Who.Email"),
        ("Account", "User:Owner.Username"),
        ("Account", "Owner.FirstName"),
        ("Account", "Owner.Manager.Username"),
        ("Account", "Opportunities.Name"),
        ("Task", "Account:Who.Id"),
    ] {
        let info = given.load(json!({"object": object, "operation": "insert"}), format!("{header}\nx\n"));
        assert_eq!(
            info["errorMessage"],
            format!("InvalidBatch : Field name not found : {header}"),
            "{object}"
        );
    }
}

#[test]
fn given_a_file_that_cannot_be_read_when_processed_then_the_job_fails_as_documented() {
    let given = Given::empty();
    for (csv, message) in [
        (
            "Name\r\nAcme\r\n",
            "ClientInputError : LineEnding is invalid on user data. Current LineEnding setting is LF",
        ),
        ("Name,Foo__c,Bar__c\nAcme,1,2\n", "InvalidBatch : Field name not found : Foo__c"),
        ("\u{feff}Name\nAcme\n", "InvalidBatch : Field name not found : \u{feff}Name"),
        ("Name;Phone\nAcme;1\n", "InvalidBatch : Field name not found : Name;Phone"),
        ("Name,name\nAcme,1\n", "InvalidBatch : Field name is not unique : name"),
    ] {
        let info = given.load(accounts("insert"), csv);
        assert_eq!((&info["state"], info["errorMessage"].as_str().unwrap()), (&json!("Failed"), message));
        assert_eq!((&info["numberRecordsProcessed"], &info["numberRecordsFailed"]), (&json!(0), &json!(0)));
        assert_eq!(given.file(&info, "unprocessedrecords"), csv);
    }
    assert_eq!(given.records("SELECT Id FROM Account").len(), 0);
    let id = given.job(accounts("insert"));
    given.close(&id);
    given.info(&id);
    assert_eq!(given.info(&id)["state"], "JobComplete", "nothing was uploaded");
    let hidden = Given::empty();
    hidden.org.set_field_access(
        &sf_core::object!("Account"),
        &sf_core::field!("Phone"),
        sf_testorg::FieldAccess::Hidden,
    );
    let info = hidden.load(accounts("insert"), "Name,Phone\na,1\n");
    assert_eq!(info["errorMessage"], "InvalidBatch : Field name not found : Phone");
}

#[test]
fn given_a_multipart_request_when_sent_then_the_job_has_its_data() {
    let send = |given: &Given, body: &str| {
        let mut request = Request::new(Method::Post, format!("{V}/jobs/ingest"))
            .header("Content-Type", "multipart/form-data; boundary=BOUNDARY");
        request.body = body.as_bytes().to_vec();
        let response = given.send(request);
        (response.status, read(&response))
    };
    let body = "--BOUNDARY\nContent-Type: application/json\nContent-Disposition: form-data; name=\"job\"\n\n\
                {\"object\":\"Account\",\"operation\":\"insert\"}\n\n--BOUNDARY\nContent-Type: text/csv\n\
                Content-Disposition: form-data; name=\"content\"; filename=\"content\"\n\nName\nAcme\n\"a\n\nb\"\n--BOUNDARY--\n";
    let given = Given::empty();
    let (status, job) = send(&given, body);
    assert_eq!((status, &job["state"], job.get("contentUrl")), (200, &json!("UploadComplete"), None));
    let id = job["id"].as_str().unwrap();
    assert_eq!(
        (given.info(id)["state"].clone(), given.info(id)["numberRecordsProcessed"].clone()),
        (json!("InProgress"), json!(2))
    );
    assert_eq!(given.records("SELECT Id FROM Account").len(), 2);
    // With CRLF everywhere the data's own lines end so too.
    let (status, job) =
        send(&given, &body.replace('\n', "\r\n").replace("\"insert\"", "\"insert\",\"lineEnding\":\"CRLF\""));
    assert_eq!(status, 200, "{job}");
    given.info(job["id"].as_str().unwrap());
    assert_eq!(given.info(job["id"].as_str().unwrap())["numberRecordsProcessed"], 2);
    for wrong in [
        body.replace("--BOUNDARY--", ""),
        body.replace("name=\"content\"", "name=\"other\""),
        "x".into(),
        body.replace("Acme", &"x".repeat(100_001)),
    ] {
        assert_eq!(send(&given, &wrong).0, 400);
    }
    let mut other = Assumptions::default();
    other.bulk.multipart_closes = false;
    let given = Given::with(|b| b.assumptions(other));
    let (_, job) = send(&given, body);
    assert_eq!(job["state"], "Open");
    assert_eq!(given.close(job["id"].as_str().unwrap()).0, 200);
}

#[test]
fn given_many_rows_when_loaded_then_each_chunk_of_200_is_a_transaction() {
    use std::sync::{Arc, Mutex};
    struct Sizes(Arc<Mutex<Vec<usize>>>);
    impl sf_testorg::CommitHook for Sizes {
        fn committed(&mut self, commit: &sf_testorg::state::Commit) -> std::io::Result<()> {
            self.0.lock().unwrap().push(commit.rows.len());
            Ok(())
        }
    }
    let given = Given::empty();
    let sizes = Arc::new(Mutex::new(Vec::new()));
    given.org.on_save(sf_core::object!("Account"), |row| {
        if row.get("Name").as_str() == Some("n7") {
            row.refuse("not seven");
        }
    });
    given.org.on_commit(Sizes(sizes.clone()));
    let csv: String =
        std::iter::once("Name\n".to_owned()).chain((0..450).map(|i| format!("n{i}\n"))).collect();
    let info = given.load(accounts("insert"), csv);
    assert_eq!(*sizes.lock().unwrap(), [0, 199, 200, 50], "the job's id, then the chunks");
    assert_eq!((&info["apexProcessingTime"], &info["apiActiveProcessingTime"]), (&json!(3), &json!(453)));
    let failed = given.file(&info, "failedResults");
    assert_eq!(rows(&failed), ["\"\",\"FIELD_CUSTOM_VALIDATION_EXCEPTION:not seven:--\",\"n7\""]);
    let done: Vec<String> =
        given.file(&info, "successfulResults").lines().skip(1).map(str::to_owned).collect();
    let mut sorted = done.clone();
    sorted.sort();
    assert_ne!(done, sorted, "not in the order of the upload");
}
