//! What nobody documents: every switch of `Assumptions` in both positions.
mod bulk;
mod errors;
mod oauth;
mod objects;
mod rest;
mod soql;
mod values;

use crate::given::Given;
use serde_json::json;
use sf_testorg::{Assumptions, Builder, TestOrg, demo::Dataset};

/// An org with a custom object under changed assumptions.
pub(crate) fn assuming(change: impl FnOnce(&mut Assumptions)) -> Given {
    assuming_with(change, |builder| builder)
}

pub(crate) fn assuming_with(
    change: impl FnOnce(&mut Assumptions),
    build: impl FnOnce(Builder) -> Builder,
) -> Given {
    let mut assumptions = Assumptions::default();
    change(&mut assumptions);
    let picks =
        json!([{"value": "a", "label": "A", "active": true}, {"value": "b", "label": "B", "active": true}]);
    let field = |name: &str, kind: &str| {
        json!({"name": name, "label": name, "type": kind, "length": 255, "precision": 18, "scale": 2, "createable": true,
            "updateable": true, "nillable": true, "filterable": true, "sortable": true, "groupable": true,
            "aggregatable": true, "picklistValues": picks})
    };
    let describe = json!({"name": "Thing__c", "label": "Thing", "keyPrefix": "a00", "custom": true, "createable": true,
        "updateable": true, "deletable": true, "queryable": true, "fields": [
            {"name": "Id", "type": "id", "filterable": true, "sortable": true, "groupable": true},
            {"name": "Key__c", "label": "Key", "type": "string", "length": 20, "externalId": true, "idLookup": true, "createable": true,
                "updateable": true, "nillable": true, "filterable": true},
            {"name": "Name", "label": "Name", "type": "string", "length": 255, "nameField": true, "createable": true, "updateable": true,
                "nillable": true, "filterable": true, "sortable": true, "groupable": true}, field("Picks__c", "multipicklist"), field("Text__c", "string"),
            field("Amount__c", "currency"), field("At__c", "datetime"), field("Day__c", "date"),
            {"name": "Flag__c", "type": "boolean", "createable": true, "updateable": true, "filterable": true, "sortable": true},
            {"name": "IsDeleted", "type": "boolean", "filterable": true}, {"name": "SystemModstamp", "type": "datetime", "filterable": true},
    ]});
    let builder = build(TestOrg::builder().dataset(Dataset::Empty)).assumptions(assumptions);
    Given { org: builder.object(describe).unwrap().build() }
}
