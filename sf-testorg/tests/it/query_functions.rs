//! Functions, TYPEOF, distances, aliases of paths, and what the user's zone and locale change.
use crate::given::{Given, V, read};
use serde_json::{Value, json};
use sf_testorg::{Request, TestOrg};

/// An org whose API user lives there.
fn user_in(zone: &str, locale: &str) -> Given {
    let given = Given::empty();
    let user = given.org.credentials().user_id;
    let settings = json!({"TimeZoneSidKey": zone, "LocaleSidKey": locale});
    assert_eq!(given.patch(&format!("/sobjects/User/{user}"), settings).0, 204);
    given
}

#[test]
fn given_a_polymorphic_parent_when_typeof_selects_then_the_fields_are_those_of_its_type() {
    let given = Given::empty();
    let acme = given.insert("Account", json!({"Name": "Acme", "Phone": "1"}));
    let big = given.opportunity(&acme, "Big", "Prospecting");
    for (subject, what) in [("account", json!(acme)), ("opportunity", json!(big)), ("nothing", json!(null))] {
        given.insert("Task", json!({"Subject": subject, "WhatId": what}));
    }
    let soql =
        "SELECT TYPEOF What WHEN Account THEN Phone, Owner.Name END, Subject FROM Task ORDER BY Subject";
    let records = given.records(soql);
    let owner = records[0]["What"]["Owner"].clone();
    assert_eq!(
        records[0]["What"],
        json!({
            "attributes": {"type": "Account", "url": format!("{V}/sobjects/Account/{acme}")},
            "Phone": "1",
            "Owner": owner
        })
    );
    assert!(owner["Name"].is_string() && owner["attributes"]["type"] == "User", "{owner}");
    assert_eq!(given.column(soql, "What")[1..], [Value::Null, Value::Null]);
    let keys: Vec<&String> = records[0].as_object().unwrap().keys().collect();
    assert_eq!(keys, ["Subject", "What", "attributes"]);
    let with_else =
        "SELECT TYPEOF What WHEN Opportunity THEN StageName ELSE Name, Type END FROM Task ORDER BY Subject";
    let whats = given.column(with_else, "What");
    assert_eq!((&whats[0]["Name"], &whats[0]["Type"]), (&json!("Acme"), &json!("Account")));
    assert_eq!(whats[1], Value::Null);
    assert_eq!(whats[2]["StageName"], "Prospecting");
    assert!(whats[2].get("Name").is_none());
}

#[test]
fn given_a_wrong_typeof_when_sent_then_it_is_refused() {
    let given = Given::empty();
    for (soql, code, message) in [
        ("SELECT TYPEOF Account WHEN Account THEN Id END FROM Opportunity", "MALFORMED_QUERY", "polymorphic"),
        ("SELECT TYPEOF What WHEN User THEN Id END FROM Task", "MALFORMED_QUERY", "never refers to"),
        ("SELECT TYPEOF What WHEN Nope THEN Id END FROM Task", "INVALID_TYPE", "sObject type 'Nope'"),
        ("SELECT TYPEOF What WHEN Account THEN Nope END FROM Task", "INVALID_FIELD", "on entity 'Account'"),
        (
            "SELECT TYPEOF What WHEN Account THEN Id ELSE Phone__c END FROM Task",
            "INVALID_FIELD",
            "on entity 'Name'",
        ),
        (
            "SELECT What.Name, TYPEOF What WHEN Account THEN Id END FROM Task",
            "INVALID_FIELD",
            "duplicate field selected: What",
        ),
        (
            "SELECT toLabel(Status), TYPEOF What WHEN Account THEN Id END FROM Task",
            "MALFORMED_QUERY",
            "functions",
        ),
        (
            "SELECT TYPEOF What WHEN Account THEN Id END FROM Task GROUP BY WhatId",
            "MALFORMED_QUERY",
            "fields and aggregates only",
        ),
    ] {
        let (found, text) = given.query_error(soql);
        assert_eq!(found, code, "{soql}: {text}");
        assert!(text.contains(message), "{soql}: {text}");
    }
}

#[test]
fn given_functions_when_selected_then_values_are_those_of_the_users_locale() {
    let given = user_in("America/Los_Angeles", "en_US");
    let id =
        given.insert("Account", json!({"Name": "Acme", "AnnualRevenue": 44000, "NumberOfEmployees": 1200}));
    let record = &given.records(
        "SELECT AnnualRevenue, FORMAT(AnnualRevenue) rev, FORMAT(NumberOfEmployees), Name, FORMAT(CreatedDate) made FROM Account",
    )[0];
    assert_eq!(record["AnnualRevenue"], 44000.0);
    assert_eq!(record["rev"], "$44,000");
    assert_eq!(record["NumberOfEmployees"], "1,200");
    assert_eq!(record["made"], "1/5/2026, 1:00 AM");
    let grouped = &given.records("SELECT FORMAT(MAX(AnnualRevenue)) m, FORMAT(COUNT(Id)) n FROM Account")[0];
    assert_eq!((&grouped["m"], &grouped["n"]), (&json!("$44,000"), &json!("1")));
    let _ = id;
    for (soql, message) in [
        ("SELECT Id FROM Account WHERE FORMAT(AnnualRevenue) = '1'", "only be used in SELECT"),
        (
            "SELECT AnnualRevenue, FORMAT(AnnualRevenue) FROM Account",
            "duplicate field selected: AnnualRevenue",
        ),
        ("SELECT FORMAT(Fax) x, FORMAT(Phone) x FROM Account", "duplicate alias: x"),
        ("SELECT Name, FORMAT(Phone) name FROM Account", "duplicate alias: name"),
        (
            "SELECT FORMAT(Phone) Contacts, (SELECT Id FROM Contacts) FROM Account",
            "duplicate alias: Contacts",
        ),
        ("SELECT Name n FROM Account", "only aggregate expressions use field aliasing"),
        ("SELECT convertCurrency(AnnualRevenue) FROM Account", "multiple currencies"),
        ("SELECT CALENDAR_YEAR(CreatedDate) FROM Account", "must be grouped or aggregated: CreatedDate"),
        ("SELECT foo(Name) FROM Account", "Unknown function: foo"),
        ("SELECT Id FROM Account ORDER BY toLabel(Industry)", "not be used in ORDER BY"),
        (
            "SELECT Id FROM Account WHERE convertTimezone(CreatedDate) = 2026-01-01T00:00:00Z",
            "within a date function",
        ),
    ] {
        let (_, text) = given.query_error(soql);
        assert!(text.contains(message), "{soql}: {text}");
    }
}

#[test]
fn given_a_user_far_from_utc_when_days_are_compared_then_they_are_the_users_days() {
    // The org's clock stands at 09:00 UTC on Monday, 5 January 2026: 01:00 in Los Angeles, Monday too; in Auckland
    // it is 22:00.
    let at = |zone: &str, condition: &str| {
        let given = user_in(zone, "en_GB");
        given.account("Now");
        given.column(&format!("SELECT Name FROM Account WHERE {condition}"), "Name").len()
    };
    assert_eq!(at("America/Los_Angeles", "CreatedDate = TODAY"), 1);
    assert_eq!(at("America/Los_Angeles", "HOUR_IN_DAY(convertTimezone(CreatedDate)) = 1"), 1);
    assert_eq!(at("America/Los_Angeles", "HOUR_IN_DAY(CreatedDate) = 9"), 1);
    assert_eq!(at("America/New_York", "HOUR_IN_DAY(convertTimezone(CreatedDate)) = 4"), 1);
    // Ten hours later it is Tuesday in Tokyo, and still Monday in UTC.
    let later = |zone: &str, condition: &str| {
        let given = user_in(zone, "en_GB");
        given.account("Now");
        given.org.clock().advance(std::time::Duration::from_secs(10 * 3600));
        given.column(&format!("SELECT Name FROM Account WHERE {condition}"), "Name").len()
    };
    assert_eq!(later("UTC", "CreatedDate = TODAY"), 1);
    assert_eq!(later("Asia/Tokyo", "CreatedDate = TODAY"), 0);
    assert_eq!(later("Asia/Tokyo", "CreatedDate = YESTERDAY"), 1);
    assert_eq!(later("Asia/Tokyo", "DAY_ONLY(convertTimezone(CreatedDate)) = 2026-01-05"), 1);
}

#[test]
fn given_locales_when_weeks_are_compared_then_they_begin_on_their_own_day() {
    // Monday, 5 January 2026: the Sunday before is of this week in the United States, of the last one in Britain.
    for (locale, literal) in [("en_US", "THIS_WEEK"), ("en_GB", "LAST_WEEK")] {
        let given = user_in("UTC", locale);
        let acme = given.account("Acme");
        let id = given.opportunity(&acme, "o", "Prospecting");
        given.patch(&format!("/sobjects/Opportunity/{id}"), json!({"CloseDate": "2026-01-04"}));
        let found = given.records(&format!("SELECT Id FROM Opportunity WHERE CloseDate = {literal}"));
        assert_eq!(found.len(), 1, "{locale}");
    }
}

#[test]
fn given_places_when_compared_then_distances_are_those_of_the_globe() {
    let site = |name: &str| json!({"name": name, "label": name, "type": "double", "scale": 6, "precision": 9, "createable": true, "updateable": true, "nillable": true, "filterable": true, "sortable": true, "compoundFieldName": "Site__c"});
    let describe = json!({"name": "Depot__c", "label": "Depot", "keyPrefix": "a0D", "createable": true, "updateable": true,
        "queryable": true, "retrieveable": true, "deletable": true, "custom": true, "fields": [
        {"name": "Id", "type": "id", "filterable": true, "sortable": true},
        {"name": "Name", "type": "string", "length": 80, "createable": true, "updateable": true, "filterable": true, "sortable": true, "nameField": true},
        {"name": "Site__c", "type": "location", "nillable": true},
        site("Site__latitude__s"), site("Site__longitude__s")]});
    let given = Given { org: TestOrg::builder().object(describe).unwrap().build() };
    for (name, latitude, longitude) in [
        ("Paris", json!(48.8566), json!(2.3522)),
        ("Berlin", json!(52.52), json!(13.405)),
        ("Nowhere", json!(null), json!(1)),
    ] {
        given.insert(
            "Depot__c",
            json!({"Name": name, "Site__latitude__s": latitude, "Site__longitude__s": longitude}),
        );
    }
    let london = |unit: &str| format!("DISTANCE(Site__c, GEOLOCATION(51.5074, -0.1278), '{unit}')");
    let (km, mi) = (london("km"), london("mi"));
    let near = format!("SELECT Name, {km} d FROM Depot__c WHERE {km} < 400");
    assert_eq!(given.column(&near, "Name"), ["Paris"]);
    let d = given.column(&near, "d")[0].as_f64().unwrap();
    assert!((d - 343.6).abs() < 0.5, "{d}");
    assert_eq!(
        given.column(&format!("SELECT Name FROM Depot__c ORDER BY {km} DESC NULLS LAST"), "Name"),
        ["Berlin", "Paris", "Nowhere"]
    );
    let unnamed = given.column(&format!("SELECT Name, {mi} FROM Depot__c WHERE {mi} > 300"), "expr0");
    assert!((unnamed[0].as_f64().unwrap() - 579.0).abs() < 3.0, "{unnamed:?}");
    let (_, text) = given.query_error(&format!("SELECT Id FROM Depot__c WHERE {km} = 5"));
    assert!(text.contains("< and >"), "{text}");
    let (_, text) =
        given.query_error("SELECT Id FROM Depot__c WHERE DISTANCE(Name, GEOLOCATION(1, 2), 'km') < 5");
    assert!(text.contains("Invalid argument of DISTANCE"), "{text}");
}

#[test]
fn given_aliases_of_paths_when_used_then_they_stand_for_the_parent() {
    let given = Given::empty();
    let acme = given.account("Acme");
    given.opportunity(&acme, "Big", "Prospecting");
    let soql = "SELECT o.Name, a.Name FROM Opportunity o, o.Account a WHERE a.Name = 'Acme' ORDER BY a.Name";
    let records = given.records(soql);
    assert_eq!((&records[0]["Name"], &records[0]["Account"]["Name"]), (&json!("Big"), &json!("Acme")));
    let (code, _) = given.query_error("SELECT a.Name FROM Opportunity o, o.Nope a");
    assert_eq!(code, "INVALID_FIELD");
}

#[test]
fn given_picklists_when_labelled_then_labels_are_selected_and_compared() {
    let given = Given::empty();
    given.insert("Account", json!({"Name": "Acme", "Industry": "Energy"}));
    let response = given.send(Request::get(format!(
        "{V}/query?q=SELECT+toLabel(Industry)+label,Industry+FROM+Account+WHERE+toLabel(Industry)='energy'"
    )));
    assert_eq!(read(&response)["records"][0]["label"], "Energy");
    assert_eq!(read(&response)["records"][0]["Industry"], "Energy");
    // Type of the pseudo-object Name is a picklist of sObjects (Object Reference, "Name").
    let contact = given.insert("Contact", json!({"LastName": "Ada"}));
    given.insert("Task", json!({"Subject": "Call", "WhoId": contact}));
    let who = &given.records("SELECT toLabel(Who.Type) label, toLabel(What.Type) none FROM Task")[0];
    assert_eq!((&who["label"], &who["none"]), (&json!("Contact"), &Value::Null));
}
