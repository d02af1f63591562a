//! The three formats of a batch: what they may say of a row, and that they say the same.
use super::{NS, field, job};
use crate::given::{Given, read};
use proptest::prelude::*;
use serde_json::{Value, json};

/// A text in a batch in XML.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('\r', "&#13;")
}

fn xml_rows(rows: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><sObjects xmlns=\"{NS}\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">{rows}</sObjects>"
    )
}

#[test]
fn given_a_batch_in_xml_when_done_then_the_results_are_in_its_order() {
    let given = Given::empty();
    let rows = "<sObject><Name>A &amp; B</Name></sObject><sObject><Phone>&lt;1&gt;</Phone></sObject>";
    let (state, message, result) = given.bulk1_load(job("Account", "insert", "XML"), xml_rows(rows));
    assert_eq!((state.as_str(), message.as_str()), ("Completed", ""));
    let id =
        given.column("SELECT Id FROM Account WHERE Name = 'A & B'", "Id")[0].as_str().unwrap().to_owned();
    assert_eq!(result.find_header("Content-Type"), Some("application/xml"));
    assert_eq!(
        result.text(),
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><results xmlns=\"{NS}\"><result><id>{id}</id><success>true</success>\
             <created>true</created></result><result><errors><fields>Name</fields><message>Required fields are missing: [Name]</message>\
             <statusCode>REQUIRED_FIELD_MISSING</statusCode></errors><success>false</success><created>false</created></result></results>"
        )
    );
}

#[test]
fn nulls_empty_values_and_parents_are_read_in_every_format() {
    let given = Given::demo();
    let me = given.org.credentials().username;
    let lead = given.insert("Lead", json!({"LastName": "L", "Company": "C", "Email": "who@lead.example"}));
    let user = given.org.credentials().user_id;
    let base = json!({"Name": "Base", "Phone": "1", "Fax": "2", "Website": "w", "Description": "d"});
    let csv = |id: &str| format!("Id,Phone,Fax,Website,Owner.Username\n{id},#N/A,,new,{me}\n");
    let json_rows = |id: &str| {
        json!([{"Id": id, "Phone": null, "Website": "new", "Owner": {"attributes": {"type": "User"}, "Username": me}}]).to_string()
    };
    let xml = |id: &str| {
        xml_rows(&format!(
            "<sObject><Id>{id}</Id><Phone xsi:nil=\"true\"/><Website>new</Website><Owner><sObject><Username>{me}</Username></sObject></Owner></sObject>"
        ))
    };
    // The owner of an account is a user only, so its type is left out; the JSON above has it and is refused.
    let plain = |id: &str| json_rows(id).replace(",\"attributes\":{\"type\":\"User\"}", "");
    for (kind, body) in [("CSV", &csv as &dyn Fn(&str) -> String), ("JSON", &plain), ("XML", &xml)] {
        let id = given.insert("Account", base.clone());
        let (state, message, result) = given.bulk1_load(job("Account", "update", kind), body(&id));
        assert_eq!((state.as_str(), message.as_str()), ("Completed", ""), "{kind}: {}", result.text());
        let row = &given.records(&format!(
            "SELECT Phone, Fax, Website, Description, OwnerId FROM Account WHERE Id = '{id}'"
        ))[0];
        let values: Vec<&Value> =
            ["Phone", "Fax", "Website", "Description", "OwnerId"].iter().map(|n| &row[*n]).collect();
        assert_eq!(values, [&Value::Null, &json!("2"), &json!("new"), &json!("d"), &json!(user)], "{kind}");
    }
    let id = given.insert("Account", base);
    let (state, message, _) = given.bulk1_load(job("Account", "update", "JSON"), json_rows(&id));
    assert_eq!(
        (state.as_str(), message.as_str()),
        ("Failed", "InvalidBatch : Field name not found : User:Owner.Username")
    );

    let csv = "Subject,Lead:Who.Email\nt,who@lead.example\n".to_owned();
    let json = json!([{"Subject": "t", "Who": {"type": "Lead", "Email": "who@lead.example"}}]).to_string();
    let xml = xml_rows(
        "<sObject><Subject>t</Subject><Who><sObject><type>Lead</type><Email>who@lead.example</Email></sObject></Who></sObject>",
    );
    for (kind, body) in [("CSV", csv), ("JSON", json), ("XML", xml)] {
        let (state, message, result) = given.bulk1_load(job("Task", "insert", kind), body);
        assert_eq!((state.as_str(), message.as_str()), ("Completed", ""), "{kind}");
        assert!(!result.text().contains("false"), "{kind}: {}", result.text());
    }
    assert_eq!(given.column("SELECT WhoId FROM Task WHERE Subject = 't'", "WhoId"), vec![json!(lead); 3]);
}

#[test]
fn every_operation_works_in_json() {
    let given = Given::with(|b| b.bulk_hard_delete());
    let run = |operation: &str, rows: Value| {
        let mut wanted = job("Account", operation, "JSON");
        if operation == "upsert" {
            wanted["externalIdFieldName"] = json!("Id");
        }
        let (state, message, result) = given.bulk1_load(wanted, rows.to_string());
        assert_eq!((state.as_str(), message.as_str()), ("Completed", ""), "{operation}");
        read(&result)
    };
    let made = run("insert", json!([{"Name": "a", "NumberOfEmployees": 5}, {"Name": "b"}, {"Name": "c"}]));
    let ids: Vec<Value> = (0..3).map(|i| made[i]["id"].clone()).collect();
    let ok = |id: &Value, created: bool| json!({"success": true, "created": created, "id": id, "errors": []});
    assert_eq!(made, json!([ok(&ids[0], true), ok(&ids[1], true), ok(&ids[2], true)]));
    assert_eq!(run("update", json!([{"Id": ids[0], "Name": "A"}])), json!([ok(&ids[0], false)]));
    let upserted = run("upsert", json!([{"Id": ids[1], "Name": "B"}, {"Name": "d"}]));
    assert_eq!(upserted, json!([ok(&ids[1], false), ok(&upserted[1]["id"], true)]));
    assert_eq!(run("delete", json!([{"Id": ids[0]}])), json!([ok(&ids[0], false)]));
    assert_eq!(run("hardDelete", json!([{"Id": ids[1]}])), json!([ok(&ids[1], false)]));
    assert_eq!(given.column("SELECT Name FROM Account ORDER BY Name", "Name"), [json!("c"), json!("d")]);
    let all = given.get("/queryAll?q=SELECT+Id+FROM+Account").1;
    assert_eq!(all["totalSize"], 3, "the soft deleted one is in the bin, the other is gone");
    // A row that is gone, told by its id since API version 53.0.
    let gone = run("delete", json!([{"Id": ids[0]}]));
    assert_eq!((&gone[0]["success"], &gone[0]["id"]), (&json!(false), &ids[0]));
    assert_eq!(gone[0]["errors"][0]["statusCode"], "ENTITY_IS_DELETED");
}

#[test]
fn before_version_53_a_failed_row_has_no_id() {
    let given = Given::empty();
    let id = given.account("a");
    let job_of = |version: &str| {
        let path = format!("/services/async/{version}/job");
        let made = read(&given.bulk1_post(&path, super::JSON, job("Account", "update", "JSON").to_string()));
        let path = format!("{path}/{}/batch", made["id"].as_str().unwrap());
        let rows = json!([{"Id": id, "Name": ""}]).to_string();
        let batch = field(&given.bulk1_post(&path, super::JSON, rows).text(), "id");
        (0..2).for_each(|_| drop(given.bulk1_get(&format!("{path}/{batch}"))));
        read(&given.bulk1_get(&format!("{path}/{batch}/result")))[0]["id"].clone()
    };
    assert_eq!((job_of("52.0"), job_of("53.0")), (Value::Null, json!(id)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    /// Whatever XML can carry, since the three are compared; blanks around a text are not stored.
    #[test]
    fn any_text_survives_a_batch_in_every_format(texts in proptest::collection::vec("[\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]{1,30}", 1..6)) {
        let given = Given::empty();
        let csv: String = texts.iter().map(|text| format!("x,\"{}\"\r\n", text.replace('"', "\"\""))).collect();
        let json = Value::from_iter(texts.iter().map(|text| json!({"Name": "x", "Description": text})));
        let xml: String = texts.iter().map(|text| format!("<sObject><Name>x</Name><Description>{}</Description></sObject>", escaped(text))).collect();
        for (kind, body) in [("CSV", format!("Name,Description\r\n{csv}")), ("JSON", json.to_string()), ("XML", xml_rows(&xml))] {
            let (state, message, result) = given.bulk1_load(job("Account", "insert", kind), body);
            prop_assert_eq!((state.as_str(), message.as_str()), ("Completed", ""));
            prop_assert!(!result.text().contains("false,") && !result.text().contains("\"false\""), "{}: {}", kind, result.text());
            let found = given.column("SELECT Description FROM Account ORDER BY Id", "Description");
            let wanted: Vec<Value> = texts.iter().map(|text| match text.trim_matches(|c: char| c <= ' ') {
                "" => Value::Null,
                "#N/A" if kind == "CSV" => Value::Null,
                text => json!(text),
            }).collect();
            prop_assert_eq!(found, wanted, "{}", kind);
            given.bulk1_load(job("Account", "delete", "JSON"), Value::from_iter(
                given.column("SELECT Id FROM Account", "Id").into_iter().map(|id| json!({"Id": id}))).to_string());
        }
    }
}
