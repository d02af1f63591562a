//! The state file holds whatever an org can do: a random life of an org, then the same org again.
use proptest::prelude::*;
use serde_json::json;
use sf_core::{Fields, SfId, Write, field, object};
use sf_testorg::{
    LeadConversion, Method, Request, TestOrg,
    demo::Dataset,
    guard::{AssignmentRule, AutoNumber, RollUp, ValidationRule},
    state::{Row, State},
};
use std::{collections::BTreeMap, path::Path, sync::Arc, time::Duration};

#[derive(Debug, Clone)]
enum Act {
    Insert { object: usize, parent: usize, text: String },
    Update { row: usize, parent: usize, text: String },
    Collection { all_or_none: bool, rows: usize },
    Delete(usize),
    HardDelete(usize),
    Undelete(usize),
    Purge(usize),
    Merge { master: usize, victim: usize },
    Convert(usize),
    File(usize),
    Rule(usize),
    Picklists { lead: bool, task: bool },
    NewField(usize),
    Wait(u32),
    Restart,
}

const OBJECTS: [&str; 7] = ["Account", "Contact", "Lead", "Opportunity", "Case", "Task", "Event"];

fn act() -> impl Strategy<Value = Act> {
    let at = || 0usize..40;
    prop_oneof![
        6 => (0..OBJECTS.len(), at(), "[a-c]{1,3}").prop_map(|(object, parent, text)| Act::Insert { object, parent, text }),
        3 => (at(), at(), "[a-c]{0,2}").prop_map(|(row, parent, text)| Act::Update { row, parent, text }),
        1 => (any::<bool>(), 1usize..4).prop_map(|(all_or_none, rows)| Act::Collection { all_or_none, rows }),
        2 => at().prop_map(Act::Delete),
        1 => at().prop_map(Act::HardDelete),
        2 => at().prop_map(Act::Undelete),
        1 => at().prop_map(Act::Purge),
        2 => (at(), at()).prop_map(|(master, victim)| Act::Merge { master, victim }),
        1 => at().prop_map(Act::Convert),
        1 => at().prop_map(Act::File),
        1 => (0usize..5).prop_map(Act::Rule),
        1 => (any::<bool>(), any::<bool>()).prop_map(|(lead, task)| Act::Picklists { lead, task }),
        1 => (0usize..3).prop_map(Act::NewField),
        1 => (0u32..900_000).prop_map(Act::Wait),
        1 => Just(Act::Restart),
    ]
}

fn open(path: &Path) -> TestOrg {
    TestOrg::builder().dataset(Dataset::Empty).open(path).unwrap()
}

/// Everything of an org that a file keeps and a client could notice.
#[derive(Debug, PartialEq)]
struct Whole {
    rows: Vec<Arc<Row>>,
    bin: String,
    rules: String,
    picklists: Vec<String>,
    next: BTreeMap<String, SfId>,
}

fn whole(org: &TestOrg) -> Whole {
    let of_state = |state: &mut State| {
        let names: Vec<String> = state.schema().iter().map(|sobject| sobject.name.clone()).collect();
        let rows = names.iter().flat_map(|name| state.rows(name).cloned().collect::<Vec<_>>()).collect();
        let fields = state.schema().iter().flat_map(|sobject| &sobject.fields);
        let picklists = fields
            .map(|f| {
                format!("{} {:?}", f.name, f.picklist_values.iter().map(|v| v.active).collect::<Vec<_>>())
            })
            .collect();
        // Ids of a transaction that is undone are not given again: asked for in a copy.
        let mut copy = state.clone();
        let next = names.iter().filter_map(|name| Some((name.clone(), copy.next_id(name).ok()?))).collect();
        (rows, picklists, next)
    };
    let (rows, picklists, next) = org.transact(of_state).unwrap();
    Whole {
        rows,
        bin: format!("{:?}", org.recycle_bin()),
        rules: format!("{:?}", org.rules()),
        picklists,
        next,
    }
}

fn send(org: &TestOrg, method: Method, path: &str, body: &serde_json::Value) {
    let request = Request::new(method, format!("/services/data/v66.0{path}")).bearer(&org.access_token());
    let status = org.handle(&request.json(body.to_string())).status;
    assert!(status < 500, "{path} {body}");
}

fn fields(object: &str, text: &str, parent: Option<SfId>) -> serde_json::Value {
    let of = |prefix: &str| parent.filter(|id| id.key_prefix() == prefix).map(|id| id.to_string());
    match object {
        "Account" => json!({"Name": text, "ParentId": of("001")}),
        "Contact" => {
            json!({"LastName": text, "Phone": text, "AccountId": of("001"), "ReportsToId": of("003")})
        }
        "Lead" => json!({"LastName": text, "Company": text}),
        "Opportunity" => {
            json!({"Name": text, "StageName": "Prospecting", "CloseDate": "2026-03-31", "Amount": text.len(), "AccountId": of("001")})
        }
        "Case" => json!({"Subject": text, "Comments": text, "ContactId": of("003"), "ParentId": of("500")}),
        "Task" => {
            json!({"Subject": text, "WhoId": of("003").or(of("00Q")), "WhatId": of("001").or(of("006"))})
        }
        _ => {
            json!({"Subject": text, "WhatId": of("001"), "DurationInMinutes": 60, "ActivityDateTime": "2026-01-05T10:00:00Z"})
        }
    }
}

fn rule(org: &TestOrg, which: usize) {
    let user: SfId = org.credentials().user_id.parse().unwrap();
    let (account, deal) = (object!("Account"), object!("Opportunity"));
    let added = match which {
        0 => {
            org.add_rule(RollUp::sum(account, field!("Sum__c"), deal, field!("AccountId"), field!("Amount")))
        }
        1 => org.add_rule(RollUp::count(
            object!("Contact"),
            field!("Cases__c"),
            object!("Case"),
            field!("ContactId"),
        )),
        2 => org.add_rule(ValidationRule::new(account, "Not_b", "Name = 'b'", "No b.")),
        3 => org.add_rule(AutoNumber::new(object!("Contact"), field!("Number__c"), "C-{000}")),
        _ => org.add_rule(AssignmentRule::new(object!("Lead"), "All").assign_all(user)),
    };
    added.unwrap();
}

fn perform(org: &TestOrg, act: &Act) {
    let all = |live: bool| -> Vec<SfId> {
        let ids = |state: &mut State| {
            let of = |name: &&str| {
                let sobject = state.schema().get(name).unwrap().clone();
                state
                    .rows(name)
                    .filter(|row| row.is_deleted(&sobject) != live)
                    .map(|row| row.id)
                    .collect::<Vec<_>>()
            };
            OBJECTS.iter().flat_map(of).collect()
        };
        org.transact(ids).unwrap()
    };
    let pick = |ids: &[SfId], at: usize| (!ids.is_empty()).then(|| ids[at % ids.len()]);
    let object_of = |id: SfId| org.transact(|state| state.find(id).unwrap().0.name.clone()).unwrap();
    let (live, gone) = (all(true), all(false));
    match act {
        Act::Insert { object, parent, text } => {
            let object = OBJECTS[*object];
            send(
                org,
                Method::Post,
                &format!("/sobjects/{object}"),
                &fields(object, text, pick(&live, *parent)),
            );
        }
        Act::Update { row, parent, text } => {
            let Some(id) = pick(&live, *row) else { return };
            let object = object_of(id);
            send(
                org,
                Method::Patch,
                &format!("/sobjects/{object}/{id}"),
                &fields(&object, text, pick(&live, *parent)),
            );
        }
        Act::Collection { all_or_none, rows } => {
            let record =
                |n: usize| json!({"attributes": {"type": "Account"}, "Name": if n == 1 { "" } else { "b" }});
            let records: Vec<_> = (0..*rows).map(record).collect();
            send(
                org,
                Method::Post,
                "/composite/sobjects",
                &json!({"allOrNone": all_or_none, "records": records}),
            );
        }
        Act::Delete(at) => {
            if let Some(id) = pick(&live, *at) {
                let _ = org.apply(Write::Delete { id });
            }
        }
        Act::HardDelete(at) => {
            if let Some(id) = pick(&live, *at) {
                let _ = org.apply(Write::Delete { id }).and_then(|_| org.purge(id));
            }
        }
        Act::Undelete(at) => {
            let _ = pick(&gone, *at).map(|id| org.undelete(id));
        }
        Act::Purge(at) => {
            let _ = pick(&gone, *at).map(|id| org.purge(id));
        }
        Act::Merge { master, victim } => {
            let Some(master) = pick(&live, *master) else { return };
            let alike: Vec<SfId> = live
                .iter()
                .copied()
                .filter(|id| id.key_prefix() == master.key_prefix() && *id != master)
                .collect();
            let _ = pick(&alike, *victim).map(|victim| org.merge(master, &[victim], Fields::new()));
        }
        Act::Convert(at) => {
            let leads: Vec<SfId> = live.iter().copied().filter(|id| id.key_prefix() == "00Q").collect();
            let _ =
                pick(&leads, *at).map(|id| org.convert_lead(&LeadConversion::new(id, "Closed - Converted")));
        }
        Act::File(at) => {
            let place = pick(&live, *at).filter(|id| id.key_prefix() == "001").map(|id| id.to_string());
            let file =
                json!({"PathOnClient": "a.txt", "VersionData": "aGVsbG8=", "FirstPublishLocationId": place});
            send(org, Method::Post, "/sobjects/ContentVersion", &file);
        }
        Act::Rule(which) => rule(org, *which),
        Act::Picklists { lead, task } => {
            let both = |state: &mut State| {
                state.set_picklist_active("Task", "Status", "Deferred", *task).unwrap();
                state.set_picklist_active("Lead", "Status", "Working - Contacted", *lead).unwrap();
                state.set_picklist_active("Task", "Status", "Waiting on someone else", *task).unwrap();
            };
            org.transact(both).unwrap();
        }
        Act::NewField(n) => {
            let entry = json!({"name": format!("New{n}__c"), "label": "New", "type": "string", "length": 20, "createable": true, "updateable": true, "nillable": true});
            let _ = org.add_fields(&object!("Contact"), json!([entry]));
        }
        Act::Wait(seconds) => org.clock().advance(Duration::from_secs(u64::from(*seconds))),
        Act::Restart => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn an_org_that_was_opened_again_is_the_same_org(acts in prop::collection::vec(act(), 1..40)) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("org.state");
        let mut org = open(&path);
        for act in acts.iter().chain([&Act::Restart]) {
            perform(&org, act);
            if matches!(act, Act::Restart) {
                let before = whole(&org);
                drop(org);
                org = open(&path);
                prop_assert_eq!(whole(&org), before);
            }
        }
    }
}
