//! Files: ContentVersion, Document and Attachment, by JSON and by multipart; what follows from them; their bytes again.
use crate::given::{Given, V, read};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use sf_testorg::{Assumptions, Method, Request, Response, TestOrg};

/// A part: name, file name, content type, bytes.
type Part<'p> = (&'p str, Option<&'p str>, Option<&'p str>, &'p [u8]);

fn body(parts: &[Part<'_>]) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, file, kind, data) in parts {
        out.extend(format!("--boundary_string\r\nContent-Disposition: form-data; name=\"{name}\"").bytes());
        if let Some(file) = file {
            out.extend(format!("; filename=\"{file}\"").bytes());
        }
        if let Some(kind) = kind {
            out.extend(format!("\r\nContent-Type: {kind}").bytes());
        }
        out.extend(b"\r\n\r\n");
        out.extend(*data);
        out.extend(b"\r\n");
    }
    out.extend(b"--boundary_string--");
    out
}

fn send(given: &Given, method: Method, path: &str, parts: &[Part<'_>]) -> Response {
    let mut request = Request::new(method, format!("{V}{path}"))
        .header("Content-Type", "multipart/form-data; boundary=\"boundary_string\"");
    request.body = body(parts);
    given.send(request)
}

fn upload(
    given: &Given,
    method: Method,
    path: &str,
    fields: &Value,
    field: &str,
    data: &[u8],
) -> (u16, Value) {
    let fields = fields.to_string();
    let response = send(
        given,
        method,
        path,
        &[
            ("entity_content", None, Some("application/json"), fields.as_bytes()),
            (field, Some("plan.pdf"), Some("application/pdf"), data),
        ],
    );
    (response.status, read(&response))
}

fn version(given: &Given, path: &str, data: &[u8], more: Value) -> String {
    let mut fields = json!({"PathOnClient": path, "VersionData": STANDARD.encode(data)});
    fields.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    given.insert("ContentVersion", fields)
}

fn one(given: &Given, soql: &str) -> Value {
    let mut record = given.records(soql).remove(0);
    record.as_object_mut().unwrap().remove("attributes");
    record
}

fn bytes(given: &Given, path: &str) -> Vec<u8> {
    let response = given.send(Request::get(format!("{V}{path}")));
    assert_eq!(
        (response.status, response.find_header("Content-Type")),
        (200, Some("application/octetstream"))
    );
    response.body
}

/// Every byte, and what a multipart reader could stumble over.
fn awkward() -> Vec<u8> {
    let mut data: Vec<u8> = (0..=255).collect();
    data.extend(b"\r\n--boundary_strin\r\n--\r\n\r\n--boundary\n\r\n");
    data
}

#[test]
fn given_a_file_as_base64_when_created_then_everything_of_it_follows() {
    let given = Given::empty();
    let user = given.org.credentials().user_id;
    let id = version(&given, "C:\\plans\\Q1 plan.txt", b"hello", json!({"Description": "of ours"}));
    assert_eq!(&id[..3], "068");
    let row = one(
        &given,
        &format!(
            "SELECT Title, PathOnClient, Description, FileType, FileExtension, ContentSize, Checksum, VersionNumber, IsLatest, \
             IsMajorVersion, ContentLocation, Origin, PublishStatus, FirstPublishLocationId, OwnerId, ContentModifiedDate, \
             ContentModifiedById, ReasonForChange, VersionData, ContentDocumentId FROM ContentVersion WHERE Id = '{id}'"
        ),
    );
    let document = row["ContentDocumentId"].as_str().unwrap();
    assert_eq!(
        row,
        json!({"Title": "Q1 plan", "PathOnClient": "C:\\plans\\Q1 plan.txt", "Description": "of ours", "FileType": "TEXT",
            "FileExtension": "txt", "ContentSize": 5, "Checksum": "5d41402abc4b2a76b9719d911017c592", "VersionNumber": "1",
            "IsLatest": true, "IsMajorVersion": true, "ContentLocation": "S", "Origin": "C", "PublishStatus": "R",
            "FirstPublishLocationId": user, "OwnerId": user, "ContentModifiedDate": "2026-01-05T09:00:00.000+0000",
            "ContentModifiedById": user, "ReasonForChange": null,
            "VersionData": format!("{V}/sobjects/ContentVersion/{id}/VersionData"), "ContentDocumentId": document})
    );
    assert_eq!(&document[..3], "069");
    assert_eq!(
        one(
            &given,
            "SELECT Title, Description, FileType, FileExtension, ContentSize, PublishStatus, IsArchived, OwnerId, LatestPublishedVersionId FROM ContentDocument"
        ),
        json!({"Title": "Q1 plan", "Description": "of ours", "FileType": "TEXT", "FileExtension": "txt", "ContentSize": 5,
            "PublishStatus": "R", "IsArchived": false, "OwnerId": user, "LatestPublishedVersionId": id})
    );
    assert_eq!(
        one(
            &given,
            "SELECT LinkedEntityId, ContentDocumentId, ShareType, Visibility FROM ContentDocumentLink"
        ),
        json!({"LinkedEntityId": user, "ContentDocumentId": document, "ShareType": "I", "Visibility": "AllUsers"})
    );
    assert_eq!(bytes(&given, &format!("/sobjects/ContentVersion/{id}/VersionData")), b"hello");
}

#[test]
fn given_a_file_by_multipart_when_created_then_the_same_bytes_come_back() {
    let given = Given::empty();
    let account = given.account("Acme");
    let fields = json!({"Title": "Plan", "PathOnClient": "plan.pdf", "FirstPublishLocationId": account});
    let data = awkward();
    let (status, answer) =
        upload(&given, Method::Post, "/sobjects/ContentVersion", &fields, "VersionData", &data);
    let id = answer["id"].as_str().unwrap_or_default().to_owned();
    assert_eq!((status, &answer), (201, &json!({"id": id, "success": true, "errors": []})));
    assert_eq!(bytes(&given, &format!("/sobjects/ContentVersion/{id}/VersionData")), data);
    let row = one(
        &given,
        &format!(
            "SELECT FileType, ContentSize, PublishStatus, FirstPublishLocationId FROM ContentVersion WHERE Id = '{id}'"
        ),
    );
    assert_eq!(
        row,
        json!({"FileType": "PDF", "ContentSize": data.len(), "PublishStatus": "P", "FirstPublishLocationId": account})
    );
    let links = given.records(&format!(
        "SELECT ContentDocument.Title, ShareType FROM ContentDocumentLink WHERE LinkedEntityId = '{account}'"
    ));
    assert_eq!((links.len(), &links[0]["ShareType"]), (1, &json!("V")));
    assert_eq!(links[0]["ContentDocument"]["Title"], "Plan");
    let below = given.get(&format!("/sobjects/Account/{account}/ContentDocumentLinks")).1;
    assert_eq!(below["totalSize"], 1);
}

#[test]
fn given_a_document_when_a_new_version_comes_then_it_is_the_latest() {
    let given = Given::empty();
    let first = version(&given, "plan.txt", b"one", json!({}));
    let document = one(&given, "SELECT Id FROM ContentDocument")["Id"].as_str().unwrap().to_owned();
    let of_it = json!({"ContentDocumentId": document, "Title": "Better plan", "ReasonForChange": "typo"});
    let second = version(&given, "plan.csv", b"three", of_it);
    let rows =
        given.records("SELECT Id, VersionNumber, IsLatest, Title FROM ContentVersion ORDER BY VersionNumber");
    let shown: Vec<Value> =
        rows.iter().map(|r| json!([r["Id"], r["VersionNumber"], r["IsLatest"], r["Title"]])).collect();
    assert_eq!(json!(shown), json!([[first, "1", false, "plan"], [second, "2", true, "Better plan"]]));
    assert_eq!(
        one(&given, "SELECT Title, FileType, ContentSize, LatestPublishedVersionId FROM ContentDocument"),
        json!({"Title": "Better plan", "FileType": "CSV", "ContentSize": 5, "LatestPublishedVersionId": second})
    );
    assert_eq!(given.records("SELECT Id FROM ContentDocumentLink").len(), 1);
    assert_eq!(bytes(&given, &format!("/sobjects/ContentVersion/{first}/VersionData")), b"one");

    // Title and description live on both.
    assert_eq!(
        given.patch(&format!("/sobjects/ContentVersion/{second}"), json!({"Title": "Best plan"})).0,
        204
    );
    assert_eq!(one(&given, "SELECT Title FROM ContentDocument")["Title"], "Best plan");
    assert_eq!(
        given.patch(&format!("/sobjects/ContentDocument/{document}"), json!({"Title": "Plan"})).0,
        204
    );
    let latest = one(&given, "SELECT Title FROM ContentVersion WHERE IsLatest = true");
    assert_eq!(latest["Title"], "Plan");
    let (status, error) = given.patch(&format!("/sobjects/ContentVersion/{first}"), json!({"Title": "x"}));
    assert_eq!((status, &error[0]["errorCode"]), (400, &json!("FIELD_INTEGRITY_EXCEPTION")));

    // A version cannot be deleted; with the document all go.
    assert_eq!(given.delete(&format!("/sobjects/ContentVersion/{second}")).0, 400);
    assert_eq!(given.delete(&format!("/sobjects/ContentDocument/{document}")).0, 204);
    for object in ["ContentVersion", "ContentDocument", "ContentDocumentLink"] {
        assert_eq!(given.query(&format!("SELECT COUNT() FROM {object}")).1["totalSize"], 0, "{object}");
    }
}

#[test]
fn given_files_that_are_not_right_when_sent_then_each_is_refused_in_its_words() {
    let given = Given::empty();
    let account = given.account("Acme");
    version(&given, "plan.txt", b"one", json!({}));
    let document = one(&given, "SELECT Id FROM ContentDocument")["Id"].clone();
    let refused = |fields: Value| {
        let (status, body) = given.post("/sobjects/ContentVersion", fields);
        assert_eq!(status, 400, "{body}");
        body[0].clone()
    };
    assert_eq!(
        refused(json!({"VersionData": "aGk="})),
        json!({"message": "Required fields are missing: [Title, PathOnClient]", "errorCode": "REQUIRED_FIELD_MISSING",
            "fields": ["Title", "PathOnClient"]})
    );
    assert_eq!(
        refused(json!({"PathOnClient": "a.txt"})),
        json!({"message": "Required fields are missing: [VersionData]", "errorCode": "REQUIRED_FIELD_MISSING", "fields": ["VersionData"]})
    );
    assert_eq!(
        refused(json!({"PathOnClient": "a.txt", "VersionData": "a*"}))["errorCode"],
        "JSON_PARSER_ERROR"
    );
    assert_eq!(
        refused(
            json!({"PathOnClient": "a", "VersionData": "aGk=", "ContentDocumentId": document, "FirstPublishLocationId": account})
        )["errorCode"],
        "FIELD_INTEGRITY_EXCEPTION"
    );
    assert_eq!(
        refused(json!({"PathOnClient": "a", "VersionData": "aGk=", "ContentDocumentId": account}))["errorCode"],
        "MALFORMED_ID"
    );
    assert_eq!(
        refused(json!({"PathOnClient": "a", "VersionData": "aGk=", "Checksum": "x"}))["errorCode"],
        "INVALID_FIELD_FOR_INSERT_UPDATE"
    );
    let link = json!({"ContentDocumentId": document, "LinkedEntityId": account, "ShareType": "V"});
    assert_eq!(given.post("/sobjects/ContentDocumentLink", link.clone()).0, 201);
    let (status, body) = given.post("/sobjects/ContentDocumentLink", link);
    let message = format!(
        "Document with ID: {} is already linked with the entity with ID: {account}",
        document.as_str().unwrap()
    );
    assert_eq!(
        (status, body),
        (400, json!([{"message": message, "errorCode": "FIELD_INTEGRITY_EXCEPTION", "fields": []}]))
    );
    assert_eq!(given.get("/sobjects/ContentVersion/068000000009999AAA/VersionData").0, 404);
    assert_eq!(given.query("SELECT COUNT() FROM ContentVersion").1["totalSize"], 1);
}

#[test]
fn given_what_is_assumed_of_files_when_switched_then_it_is_otherwise() {
    let mut assumptions = Assumptions::default();
    assumptions.objects.file_title_from_path = false;
    assumptions.objects.file_needs_content = false;
    let given = Given {
        org: TestOrg::builder().dataset(sf_testorg::demo::Dataset::Empty).assumptions(assumptions).build(),
    };
    let (status, body) = given.post("/sobjects/ContentVersion", json!({"PathOnClient": "a.txt"}));
    assert_eq!((status, &body[0]["message"]), (400, &json!("Required fields are missing: [Title]")));
    let id = given.insert("ContentVersion", json!({"PathOnClient": "a.txt", "Title": "a"}));
    assert_eq!(bytes(&given, &format!("/sobjects/ContentVersion/{id}/VersionData")), b"");
}

#[test]
fn given_a_multipart_body_that_is_not_right_when_sent_then_it_says_what_is_missing() {
    let given = Given::empty();
    let json_part = ("entity_content", None, Some("application/json"), &b"{\"PathOnClient\":\"a.txt\"}"[..]);
    let file = ("VersionData", Some("a.txt"), Some("text/plain"), &b"x"[..]);
    let none = "Multipart message must include a non-binary part";
    for (parts, message) in [
        (vec![file], none),
        (vec![], none),
        (vec![("entity_content", None, None, &b"{}"[..]), file], none),
        (vec![json_part, json_part, file], "Cannot include more than one non-binary part"),
        (vec![json_part, file, file], "Cannot include more than one binary part"),
    ] {
        let response = send(&given, Method::Post, "/sobjects/ContentVersion", &parts);
        let wanted = json!([{"message": message, "errorCode": "INVALID_MULTIPART_REQUEST"}]);
        assert_eq!((response.status, read(&response)), (400, wanted));
    }
    let xml = ("entity_content", None, Some("application/xml"), &b"<ContentVersion/>"[..]);
    let response = send(&given, Method::Post, "/sobjects/ContentVersion", &[xml, file]);
    let message = "MediaType of 'application/xml' is not supported by this resource";
    assert_eq!(
        (response.status, read(&response)),
        (415, json!([{"message": message, "errorCode": "UNSUPPORTED_MEDIA_TYPE"}]))
    );
    let broken = ("entity_content", None, Some("application/json"), &b"{"[..]);
    let response = send(&given, Method::Post, "/sobjects/ContentVersion", &[broken, file]);
    assert_eq!(read(&response)[0]["errorCode"], "JSON_PARSER_ERROR");
    let elsewhere = ("Nowhere", Some("a.txt"), None, &b"x"[..]);
    let response = send(&given, Method::Post, "/sobjects/ContentVersion", &[json_part, elsewhere]);
    assert_eq!(read(&response)[0]["message"], "No such column 'Nowhere' on sobject of type ContentVersion");
    // A file that is itself JSON is no part with fields.
    let file = ("VersionData", Some("a.json"), Some("application/json"), &b"{\"a\":1}"[..]);
    let response = send(&given, Method::Post, "/sobjects/ContentVersion", &[json_part, file]);
    assert_eq!(response.status, 201, "{}", response.text());
    // Other resources take no multipart.
    let response = send(&given, Method::Post, "/composite", &[json_part]);
    assert_eq!(response.status, 415);
}

#[test]
fn given_the_limits_when_exceeded_then_each_form_has_its_error() {
    let given = Given::empty();
    let text = format!("{{\"PathOnClient\":\"a\",\"VersionData\":\"{}\"}}", "A".repeat(52_428_800));
    let response = given.send(Request::post(format!("{V}/sobjects/ContentVersion"), text));
    assert_eq!(
        (response.status, read(&response)),
        (
            400,
            json!([{"message": "Maximum size of request reached. Maximum size of request is 52428800 bytes.", "errorCode": "JSON_PARSER_ERROR"}])
        )
    );
    given.org.largest_upload(10);
    let fields = json!({"PathOnClient": "a.txt"});
    let of = |size: usize| {
        upload(&given, Method::Post, "/sobjects/ContentVersion", &fields, "VersionData", &vec![b'x'; size])
    };
    assert_eq!(of(10).0, 201);
    let (status, body) = of(11);
    assert_eq!(
        (status, body),
        (
            400,
            json!([{"message": "The file is too large: 11 bytes where 10 are allowed", "errorCode": "FILE_SIZE_LIMIT_EXCEEDED"}])
        )
    );
}

#[test]
fn given_a_document_in_a_folder_when_created_and_changed_then_its_body_follows() {
    let given = Given::empty();
    let folder = given.insert("Folder", json!({"Name": "Plans", "Type": "Document", "AccessType": "Public"}));
    let fields =
        json!({"Name": "Marketing Brochure Q1", "FolderId": folder, "Type": "pdf", "Keywords": "sales"});
    let (status, answer) = upload(&given, Method::Post, "/sobjects/Document/", &fields, "Body", b"old");
    assert_eq!(status, 201, "{answer}");
    let id = answer["id"].as_str().unwrap();
    let soql = "SELECT Name, DeveloperName, BodyLength, AuthorId, Body, Keywords FROM Document";
    let wanted = |length: u64, keywords: &str| {
        json!({"Name": "Marketing Brochure Q1", "DeveloperName": "Marketing_Brochure_Q1", "BodyLength": length,
            "AuthorId": given.org.credentials().user_id, "Body": format!("{V}/sobjects/Document/{id}/Body"), "Keywords": keywords})
    };
    assert_eq!(one(&given, soql), wanted(3, "sales"));
    let (status, answer) = upload(
        &given,
        Method::Patch,
        &format!("/sobjects/Document/{id}"),
        &json!({"Keywords": "new"}),
        "Body",
        &awkward(),
    );
    assert_eq!(status, 204, "{answer}");
    assert_eq!(one(&given, soql), wanted(awkward().len() as u64, "new"));
    assert_eq!(bytes(&given, &format!("/sobjects/Document/{id}/body")), awkward());
    let account = given.account("Acme");
    let (status, body) =
        given.post("/sobjects/Document", json!({"Name": "x", "FolderId": account, "Body": "aGk="}));
    assert_eq!(
        (status, body),
        (
            400,
            json!([{"message": format!("Folder ID: id value of incorrect type: {account}"), "errorCode": "MALFORMED_ID", "fields": ["FolderId"]}])
        )
    );
    let (_, body) = given.post("/sobjects/Document", json!({"Name": "x", "FolderId": folder}));
    assert_eq!(body[0]["message"], "Required fields are missing: [Body]");
}

#[test]
fn given_documents_as_a_collection_when_created_then_each_has_its_part() {
    let given = Given::empty();
    let folder = given.insert("Folder", json!({"Name": "Plans", "Type": "Document", "AccessType": "Public"}));
    let record = |name: &str, part: &str| json!({"attributes": {"type": "Document", "binaryPartName": part, "binaryPartNameAlias": "Body"}, "Name": name, "FolderId": folder});
    let collection = |parts: [&str; 2]| {
        let records = json!({"allOrNone": false, "records": [record("a", parts[0]), record("b", parts[1])]})
            .to_string();
        send(
            &given,
            Method::Post,
            "/composite/sobjects",
            &[
                ("collection", None, Some("application/json"), records.as_bytes()),
                ("part1", Some("1.pdf"), Some("application/pdf"), b"one"),
                ("part2", Some("2.pdf"), Some("application/pdf"), b"seven"),
            ],
        )
    };
    let response = collection(["part2", "part1"]);
    let answer = read(&response);
    assert_eq!(response.status, 200, "{answer}");
    let ids: Vec<&str> = answer.as_array().unwrap().iter().map(|r| r["id"].as_str().unwrap()).collect();
    assert_eq!(answer[0], json!({"id": ids[0], "success": true, "errors": []}));
    assert_eq!(bytes(&given, &format!("/sobjects/Document/{}/Body", ids[0])), b"seven");
    assert_eq!(bytes(&given, &format!("/sobjects/Document/{}/Body", ids[1])), b"one");
    let response = collection(["part1", "part3"]);
    assert_eq!(
        (response.status, read(&response)),
        (
            400,
            json!([{"message": "The binary part part3 is missing", "errorCode": "INVALID_MULTIPART_REQUEST"}])
        )
    );
    given.org.largest_upload(7);
    assert_eq!(read(&collection(["part1", "part2"]))[0]["errorCode"], "FILE_SIZE_LIMIT_EXCEEDED");
}

#[test]
fn given_an_attachment_when_its_parent_goes_then_it_goes_too() {
    let given = Given::empty();
    let account = given.account("Acme");
    let fields = json!({"Name": "a.bin", "ParentId": account, "ContentType": "text/plain", "Body": STANDARD.encode(awkward())});
    let id = given.insert("Attachment", fields);
    assert_eq!(
        one(&given, "SELECT Name, BodyLength, IsPrivate FROM Attachment"),
        json!({"Name": "a.bin", "BodyLength": awkward().len(), "IsPrivate": false})
    );
    assert_eq!(bytes(&given, &format!("/sobjects/Attachment/{id}/Body")), awkward());
    assert_eq!(
        given.records("SELECT Id, (SELECT Name FROM Attachments) FROM Account")[0]["Attachments"]["totalSize"],
        1
    );
    let (_, body) = given.post("/sobjects/Attachment", json!({"Name": "x", "ParentId": account}));
    assert_eq!(body[0]["message"], "Required fields are missing: [Body]");
    assert_eq!(given.delete(&format!("/sobjects/Account/{account}")).0, 204);
    assert_eq!(given.get(&format!("/sobjects/Attachment/{id}/Body")).0, 404);
}

#[test]
fn given_a_file_in_a_composite_when_read_then_it_is_no_json() {
    let given = Given::empty();
    let id = version(&given, "a.txt", b"x", json!({}));
    let head =
        given.send(Request::new(Method::Head, format!("{V}/sobjects/ContentVersion/{id}/VersionData")));
    assert_eq!((head.status, head.body.len()), (200, 0));
    let response =
        given.send(Request::new(Method::Delete, format!("{V}/sobjects/ContentVersion/{id}/VersionData")));
    assert_eq!((response.status, response.find_header("Allow")), (405, Some("GET,HEAD")));
}

#[test]
fn given_a_state_file_when_the_org_goes_on_then_uploads_are_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("org.state");
    let data: Vec<u8> = awkward().repeat(1000);
    let open =
        || Given { org: TestOrg::builder().dataset(sf_testorg::demo::Dataset::Empty).open(&path).unwrap() };
    let id = {
        let given = open();
        let fields = json!({"PathOnClient": "a.bin"});
        upload(&given, Method::Post, "/sobjects/ContentVersion", &fields, "VersionData", &data).1["id"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let given = open();
    assert_eq!(bytes(&given, &format!("/sobjects/ContentVersion/{id}/VersionData")), data);
    assert_eq!(one(&given, "SELECT ContentSize FROM ContentDocument")["ContentSize"], data.len());
}
