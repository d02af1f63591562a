//! Versions, root, rows, queries, replication, search, limits.
use super::{each, has, is};
use crate::given::{Given, V, encode, read};
use serde_json::{Value, json};
use sf_testorg::Request;

#[test]
fn given_the_versions_and_the_root_when_asked_for_then_they_have_their_keys() {
    let given = Given::empty();
    let versions = read(&given.org.handle(&Request::get("/services/data")));
    each(&versions, "label:string url:string version:string");
    let (_, root) = given.get("");
    has(
        &root,
        "composite:url jobs:url limits:url parameterizedSearch:url query:url queryAll:url recent:url search:url sobjects:url \
         tooling:url identity:link",
    );
    for (name, url) in root.as_object().unwrap().iter().filter(|(name, _)| *name != "identity") {
        assert_eq!(url, &json!(format!("{V}/{name}")));
    }
    let (_, composite) = given.get("/composite");
    has(&composite, "batch:url graph:url sobjects:url tree:url");
}

#[test]
fn given_a_row_when_read_then_every_field_of_the_describe_is_there_in_its_type() {
    let given = Given::demo();
    for object in [
        "Account",
        "Contact",
        "Opportunity",
        "Case",
        "Task",
        "Event",
        "Lead",
        "User",
        "ContentVersion",
        "EmailMessage",
    ] {
        let (_, describe) = given.get(&format!("/sobjects/{object}/describe"));
        let fields = describe["fields"].as_array().unwrap();
        let words: Vec<String> = fields
            .iter()
            .map(|field| {
                let word = match field["type"].as_str().unwrap() {
                    "id" => "id",
                    "reference" => "id|null",
                    "boolean" => "bool",
                    "int" => "int|null",
                    "double" | "currency" | "percent" => "number|null",
                    "datetime" => "time|null",
                    "address" | "location" => "object|null",
                    "base64" => "url|null",
                    _ => "string|null",
                };
                format!("{}:{word}", field["name"].as_str().unwrap())
            })
            .collect();
        let ids = given.column(&format!("SELECT Id FROM {object} LIMIT 20"), "Id");
        assert!(!ids.is_empty(), "{object}");
        for id in ids {
            let (status, row) = given.get(&format!("/sobjects/{object}/{}", id.as_str().unwrap()));
            assert_eq!(status, 200);
            has(&row, &format!("attributes:object {}", words.join(" ")));
            has(&row["attributes"], "type:string url:url");
            for address in row.as_object().unwrap().values().filter(|v| v.get("city").is_some()) {
                has(
                    address,
                    "city:string|null country:string|null geocodeAccuracy:string|null latitude:number|null \
                     longitude:number|null postalCode:string|null state:string|null street:string|null",
                );
            }
        }
    }
}

#[test]
fn given_saves_when_answered_then_each_kind_has_its_keys() {
    let given = Given::empty();
    let (status, created) = given.post("/sobjects/Account", json!({"Name": "Acme"}));
    assert_eq!((status, created["success"].as_bool()), (201, Some(true)));
    has(&created, "id:id success:bool errors:array");
    let (status, created) = given.post("/sobjects/Account/Id", json!({"Name": "Acme"}));
    assert_eq!(status, 201);
    has(&created, "id:id success:bool errors:array created:bool");
    let (status, error) = given.post("/sobjects/Account", json!({}));
    assert_eq!(status, 400);
    each(&error, "message:string errorCode:string fields:array");
    let (status, error) = given.get("/sobjects/Account/001000000009999AAA");
    assert_eq!(status, 404);
    each(&error, "message:string errorCode:string");
}

#[test]
fn given_queries_when_answered_then_pages_parents_children_counts_and_groups_have_their_keys() {
    let given = Given::demo();
    given.org.page_size(10);
    let soql = "SELECT Id, Name, Industry, Owner.Name, Parent.Name, (SELECT Id, Amount FROM Opportunities) FROM Account";
    let (_, page) = given.query(soql);
    has(&page, "totalSize:int done:bool nextRecordsUrl:url records:array");
    each(
        &page["records"],
        "attributes:object Id:id Name:string Industry:string|null Owner:object Parent:object|null Opportunities:object|null",
    );
    let record = &page["records"][0];
    has(&record["attributes"], "type:string url:url");
    has(&record["Owner"], "attributes:object Name:string");
    let children: Vec<&Value> = page["records"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| &r["Opportunities"])
        .filter(|c| !c.is_null())
        .collect();
    assert!(!children.is_empty());
    for child in children {
        let keys = if child["done"] == true {
            "totalSize:int done:bool records:array"
        } else {
            "totalSize:int done:bool nextRecordsUrl:url records:array"
        };
        has(child, keys);
        each(&child["records"], "attributes:object Id:id Amount:number|null");
    }
    has(&given.query("SELECT Id FROM Account LIMIT 1").1, "totalSize:int done:bool records:array");
    assert_eq!(
        given.query("SELECT COUNT() FROM User WHERE Name = 'nobody'").1,
        json!({"totalSize": 0, "done": true, "records": []})
    );
    let (_, groups) =
        given.query("SELECT StageName, COUNT(Id) n, SUM(Amount) FROM Opportunity GROUP BY StageName");
    has(&groups, "totalSize:int done:bool records:array");
    each(&groups["records"], "attributes:object StageName:string n:int expr0:number|null");
    has(&groups["records"][0]["attributes"], "type:string");
    let (_, plans) =
        given.get(&format!("/query?explain={}", encode("SELECT Id FROM Account WHERE Name = 'x'")));
    has(&plans, "plans:array");
    each(
        &plans["plans"],
        "cardinality:int fields:array leadingOperationType:string notes:array relativeCost:number sobjectCardinality:int sobjectType:string",
    );
    let notes: Vec<Value> = plans["plans"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|p| p["notes"].as_array().unwrap().clone())
        .collect();
    each(&json!(notes), "description:string fields:array tableEnumOrId:string");
}

#[test]
fn given_the_other_resources_when_asked_for_then_they_have_their_keys() {
    let given = Given::demo();
    let id = given.account("Zebra");
    given.delete(&format!("/sobjects/Account/{}", given.account("Gone")));
    given.org.clock().advance(std::time::Duration::from_secs(3600));
    let window = "start=2026-01-05T08:30:00Z&end=2026-01-05T09:50:00Z".replace("08:30", "09:00");
    let (_, updated) = given.get(&format!("/sobjects/Account/updated/?{window}"));
    has(&updated, "ids:array latestDateCovered:time");
    assert!(updated["ids"].as_array().unwrap().iter().all(|id| is(id, "id")));
    let (_, deleted) = given.get(&format!("/sobjects/Account/deleted/?{window}"));
    has(&deleted, "deletedRecords:array earliestDateAvailable:time latestDateCovered:time");
    each(&deleted["deletedRecords"], "id:id deletedDate:time");
    let (_, found) = given.get(&format!("/search?q={}", encode("FIND {Zebra} RETURNING Account(Id, Name)")));
    has(&found, "searchRecords:array");
    each(&found["searchRecords"], "attributes:object Id:id Name:string");
    let (_, found) = given.get("/parameterizedSearch?q=Zebra&sobject=Account&Account.fields=Id,Name");
    has(&found, "searchRecords:array");
    assert_eq!(found["searchRecords"][0]["Id"], id);
    let (_, recent) = given.get("/recent?limit=3");
    each(&recent, "attributes:object Id:id Name:string|null");
    let (_, count) = given.get("/limits/recordCount?sObjects=Account");
    has(&count, "sObjects:array");
    each(&count["sObjects"], "count:int name:string");
}

#[test]
fn given_the_limits_when_asked_for_then_each_has_a_maximum_and_what_remains() {
    let given = Given::empty();
    let (_, limits) = given.get("/limits");
    has(
        &limits,
        "DailyApiRequests:object DailyAsyncApexExecutions:object DailyBulkApiBatches:object DailyBulkV2QueryFileStorageMB:object \
         DailyBulkV2QueryJobs:object DailyDeliveredPlatformEvents:object DataStorageMB:object \
         DurableStreamingApiConcurrentClients:object FileStorageMB:object HourlyPublishedPlatformEvents:object MassEmail:object \
         MonthlyPlatformEventsUsageEntitlement:object PermissionSets:object SingleEmail:object",
    );
    for (name, limit) in limits.as_object().unwrap() {
        let keys = if name == "PermissionSets" {
            "Max:int Remaining:int CreateCustom:object"
        } else {
            "Max:int Remaining:int"
        };
        has(limit, keys);
    }
    has(&limits["PermissionSets"]["CreateCustom"], "Max:int Remaining:int");
}
