//! Requests and answers of REST: rules that no other test shows.
use crate::given::{Given, V, read};
use serde_json::{Value, json};
use sf_testorg::{Method, Request};

#[test]
fn the_root_names_the_resources_and_the_identity() {
    let given = Given::empty();
    let (status, body) = given.get("");
    assert_eq!(status, 200);
    for name in [
        "sobjects",
        "query",
        "queryAll",
        "search",
        "parameterizedSearch",
        "composite",
        "limits",
        "recent",
        "jobs",
    ] {
        assert_eq!(body[name], format!("{V}/{name}"));
    }
    let who = given.org.credentials();
    let identity = body["identity"].as_str().unwrap();
    assert!(
        identity.starts_with("https://")
            && identity.ends_with(&format!("/id/{}/{}", who.org_id, who.user_id))
    );
    let names = given.get("/composite").1;
    for name in ["tree", "batch", "sobjects", "graph"] {
        assert_eq!(names[name], format!("{V}/composite/{name}"));
    }
}

#[test]
fn post_can_stand_for_patch() {
    let given = Given::empty();
    let id = given.account("Acme");
    assert_eq!(
        given.post(&format!("/sobjects/Account/{id}?_HttpMethod=PATCH"), json!({"Site": "HQ"})).0,
        204
    );
    assert_eq!(given.get(&format!("/sobjects/Account/{id}")).1["Site"], "HQ");
}

#[test]
fn numbers_are_answered_as_java_writes_them() {
    let given = Given::empty();
    for (sent, answered) in [
        ("300", "300.0"),
        ("1e7", "1.0E7"),
        ("9999999", "9999999.0"),
        ("350000000", "3.5E8"),
        ("0.001", "0.001"),
        ("0.5", "0.5"),
        ("-12.25", "-12.25"),
    ] {
        let body = format!(r#"{{"Name":"a","AnnualRevenue":{sent},"NumberOfEmployees":42}}"#);
        let id = read(&given.send(Request::post(format!("{V}/sobjects/Account"), body)))["id"].clone();
        let fields = "?fields=AnnualRevenue,NumberOfEmployees";
        let row =
            given.send(Request::get(format!("{V}/sobjects/Account/{}{fields}", id.as_str().unwrap()))).text();
        assert!(
            row.contains(&format!(r#""AnnualRevenue":{answered},"NumberOfEmployees":42,"#)),
            "{sent}: {row}"
        );
    }
}

#[test]
fn quoted_numbers_and_names_in_any_case_are_taken() {
    let given = Given::empty();
    let id =
        given.insert("Account", json!({"NAME": "Acme", "numberofemployees": "100", "annualRevenue": "2.5"}));
    let row = given.get(&format!("/sobjects/Account/{id}")).1;
    assert_eq!((&row["NumberOfEmployees"], &row["AnnualRevenue"]), (&json!(100), &json!(2.5)));
}

#[test]
fn a_value_of_the_wrong_kind_is_an_error_of_the_json() {
    let given = Given::empty();
    for (field, value, kind) in [
        ("NumberOfEmployees", json!("many"), "int"),
        ("AnnualRevenue", json!(true), "currency"),
        ("Renewal_Date__c", json!("2017-05-30T-06:00:00X"), "date"),
        ("Name", json!({"a": 1}), "string"),
    ] {
        let (status, body) = given.post("/sobjects/Account", json!({"Name": "a", field: value}));
        let message = body[0]["message"].as_str().unwrap_or_default();
        assert_eq!((status, &body[0]["errorCode"]), (400, &json!("JSON_PARSER_ERROR")), "{body}");
        assert!(message.starts_with(&format!("Cannot deserialize instance of {kind} from ")), "{message}");
    }
}

#[test]
fn an_empty_text_is_stored_as_null() {
    let given = Given::empty();
    let id = given.insert("Account", json!({"Name": "a", "Site": ""}));
    assert_eq!(given.get(&format!("/sobjects/Account/{id}")).1["Site"], Value::Null);
}

#[test]
fn an_address_is_its_parts_in_the_order_of_the_alphabet_and_is_not_written() {
    let given = Given::empty();
    let id = given.insert("Account", json!({"Name": "a", "BillingCity": "Oslo", "BillingStreet": "1 Main"}));
    let text = given.send(Request::get(format!("{V}/sobjects/Account/{id}?fields=BillingAddress"))).text();
    let address = r#""BillingAddress":{"city":"Oslo","country":null,"geocodeAccuracy":null,"latitude":null,"longitude":null,"postalCode":null,"state":null,"street":"1 Main"}"#;
    assert!(text.contains(address), "{text}");
    let (_, body) = given.patch(&format!("/sobjects/Account/{id}"), json!({"BillingAddress": {"city": "x"}}));
    assert!(body[0]["errorCode"].is_string(), "{body}");
}

#[test]
fn a_parent_can_be_named_by_its_external_id() {
    let given = Given::empty();
    let user = given.org.credentials();
    let id = given.insert("Account", json!({"Name": "a", "Owner": {"Username": user.username}}));
    assert_eq!(given.get(&format!("/sobjects/Account/{id}")).1["OwnerId"], user.user_id);
    let lead = given.insert("Lead", json!({"LastName": "l", "Company": "c", "Email": "l@acme.example"}));
    let who = json!({"Subject": "s", "Who": {"attributes": {"type": "Lead"}, "Email": "l@acme.example"}});
    let task = given.insert("Task", who);
    assert_eq!(given.get(&format!("/sobjects/Task/{task}")).1["WhoId"], lead);
}

#[test]
fn an_upsert_takes_its_key_from_the_url_only() {
    let given = crate::assumed::assuming(|_| {});
    let key = "/sobjects/Thing__c/Key__c/a%2Fb%20%2B";
    let (status, body) = given.patch(key, json!({"Name": "one"}));
    assert_eq!((status, &body["created"]), (201, &json!(true)));
    assert_eq!(given.column("SELECT Key__c FROM Thing__c", "Key__c"), ["a/b +"]);
    for wrong in [json!({"Key__c": "x"}), json!({"Id": body["id"]})] {
        assert_eq!(given.patch(key, wrong).0, 400);
    }
    assert_eq!(given.get(key).1["Name"], "one");
    assert_eq!(given.delete(key).0, 204);
    assert_eq!(given.get(key).0, 404);
}

#[test]
fn describes_have_every_recorded_key() {
    let given = Given::empty();
    let (_, describe) = given.get("/sobjects/Account/describe");
    let fields = describe["fields"].as_array().unwrap();
    let keys = "aggregatable aiPredictionField autoNumber byteLength calculated calculatedFormula cascadeDelete caseSensitive \
        compoundFieldName controllerName createable custom defaultValue defaultValueFormula defaultedOnCreate dependentPicklist \
        deprecatedAndHidden digits displayLocationInDecimal encrypted externalId extraTypeInfo filterable filteredLookupInfo \
        formulaTreatNullNumberAsZero groupable highScaleNumber htmlFormatted idLookup inlineHelpText label length mask maskType \
        name nameField namePointing nillable permissionable picklistValues polymorphicForeignKey precision queryByDistance \
        referenceTargetField referenceTo relationshipName relationshipOrder restrictedDelete restrictedPicklist scale \
        searchPrefilterable soapType sortable type unique updateable writeRequiresMasterRead";
    let keys: Vec<&str> = keys.split_whitespace().collect();
    assert_eq!(keys.len(), 57);
    for field in fields {
        for key in &keys {
            assert!(field.get(*key).is_some(), "{key} of {}", field["name"]);
        }
    }
    for key in [
        "childRelationships",
        "recordTypeInfos",
        "supportedScopes",
        "urls",
        "keyPrefix",
        "label",
        "labelPlural",
    ] {
        assert!(describe.get(key).is_some(), "{key}");
    }
    let (_, global) = given.get("/sobjects");
    let one = &global["sobjects"][0];
    for key in [
        "activateable",
        "createable",
        "custom",
        "deletable",
        "keyPrefix",
        "label",
        "labelPlural",
        "mergeable",
        "name",
        "queryable",
        "replicateable",
        "retrieveable",
        "searchable",
        "triggerable",
        "undeletable",
        "updateable",
        "urls",
    ] {
        assert!(one.get(key).is_some(), "{key}");
    }
}

#[test]
fn head_answers_headers_only() {
    let given = Given::empty();
    let id = given.account("a");
    for path in [format!("{V}/sobjects/Account/{id}"), format!("{V}/sobjects/Account/describe")] {
        let answer = given.send(Request::new(Method::Head, path));
        assert_eq!((answer.status, answer.body.len()), (200, 0));
        assert!(answer.find_header("Last-Modified").is_some());
    }
}

#[test]
fn a_method_that_a_resource_does_not_have_answers_405_and_names_the_others() {
    let given = Given::empty();
    let id = given.account("a");
    let (status, body) = given.call(Method::Put, &format!("/sobjects/Account/{id}"), json!({}));
    assert_eq!(status, 405);
    assert_eq!(body[0]["errorCode"], "METHOD_NOT_ALLOWED");
    assert!(body[0]["message"].as_str().unwrap().starts_with("HTTP Method 'PUT' not allowed. Allowed are "));
    assert_eq!(given.post("/limits", json!({})).0, 405);
}

#[test]
fn a_second_delete_finds_a_deleted_row() {
    let given = Given::empty();
    let id = given.account("a");
    assert_eq!(given.delete(&format!("/sobjects/Account/{id}")), (204, Value::Null));
    let (status, body) = given.delete(&format!("/sobjects/Account/{id}"));
    assert_eq!(
        (status, body),
        (404, json!([{"message": "entity is deleted", "errorCode": "ENTITY_IS_DELETED", "fields": []}]))
    );
}

#[test]
fn attributes_in_the_body_of_one_row_are_ignored() {
    let given = Given::empty();
    let id = given.insert("Account", json!({"attributes": {"type": "Contact", "url": "/x"}, "Name": "a"}));
    assert!(id.starts_with("001"));
}

#[test]
fn a_duplicate_value_of_a_unique_field_names_the_other_row() {
    let unique = json!({"name": "Code__c", "label": "Code", "type": "string", "length": 20, "unique": true, "externalId": true,
        "idLookup": true, "createable": true, "updateable": true, "nillable": true, "filterable": true});
    let given = Given::empty();
    given.org.add_fields(&sf_core::object!("Account"), json!([unique])).unwrap();
    let first = given.insert("Account", json!({"Name": "a", "Code__c": "X1"}));
    let (status, body) = given.post("/sobjects/Account", json!({"Name": "b", "Code__c": "x1"}));
    let message =
        format!("duplicate value found: Code__c duplicates value on record with id: {}", &first[..15]);
    assert_eq!(status, 400);
    assert_eq!(body, json!([{"message": message, "errorCode": "DUPLICATE_VALUE", "fields": []}]));
    // Keeping one's own value is no duplicate.
    assert_eq!(given.patch(&format!("/sobjects/Account/{first}"), json!({"Code__c": "X1"})).0, 204);
}

#[test]
fn a_username_is_unique() {
    let given = Given::empty();
    let user = given.get(&format!("/sobjects/User/{}", given.org.credentials().user_id)).1;
    let mut fields = json!({"Alias": "twin", "CommunityNickname": "twin"});
    for key in [
        "Username",
        "LastName",
        "Email",
        "TimeZoneSidKey",
        "LocaleSidKey",
        "EmailEncodingKey",
        "LanguageLocaleKey",
        "ProfileId",
    ] {
        fields[key] = user[key].clone();
    }
    let (status, body) = given.post("/sobjects/User", fields.clone());
    assert_eq!((status, &body[0]["errorCode"]), (400, &json!("DUPLICATE_USERNAME")), "{body}");
    assert_eq!(body[0]["fields"], json!(["Username"]));
    fields["Username"] = json!("twin@acme.example");
    assert_eq!(given.post("/sobjects/User", fields).0, 201);
}
