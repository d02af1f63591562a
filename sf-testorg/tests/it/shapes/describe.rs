//! Global, basic and full describe.
use super::{each, has, is};
use crate::given::Given;
use serde_json::Value;

const BASIC: &str = "activateable:bool associateEntityType:string|null associateParentEntity:string|null createable:bool custom:bool \
    customSetting:bool deepCloneable:bool deletable:bool deprecatedAndHidden:bool feedEnabled:bool hasSubtypes:bool isInterface:bool \
    isSubtype:bool keyPrefix:string|null label:string labelPlural:string layoutable:bool mergeable:bool mruEnabled:bool name:string \
    queryable:bool replicateable:bool retrieveable:bool searchable:bool triggerable:bool undeletable:bool updateable:bool urls:object";
const FULL: &str = "actionOverrides:array childRelationships:array compactLayoutable:bool defaultImplementation:null extendedBy:null \
    extendsInterfaces:null fields:array implementedBy:null implementsInterfaces:null listviewable:null lookupLayoutable:null \
    namedLayoutInfos:array networkScopeFieldName:null recordTypeInfos:array searchLayoutable:bool sobjectDescribeOption:string \
    supportedScopes:array";
const FIELD: &str = "aggregatable:bool aiPredictionField:bool autoNumber:bool byteLength:int calculated:bool \
    calculatedFormula:string|null cascadeDelete:bool caseSensitive:bool compoundFieldName:string|null controllerName:string|null \
    createable:bool custom:bool defaultValue:string|bool|number|null defaultValueFormula:string|null defaultedOnCreate:bool \
    dependentPicklist:bool deprecatedAndHidden:bool digits:int displayLocationInDecimal:bool encrypted:bool externalId:bool \
    extraTypeInfo:string|null filterable:bool filteredLookupInfo:object|null formulaTreatNullNumberAsZero:bool groupable:bool \
    highScaleNumber:bool htmlFormatted:bool idLookup:bool inlineHelpText:string|null label:string length:int mask:string|null \
    maskType:string|null name:string nameField:bool namePointing:bool nillable:bool permissionable:bool picklistValues:array \
    polymorphicForeignKey:bool precision:int queryByDistance:bool referenceTargetField:string|null referenceTo:array \
    relationshipName:string|null relationshipOrder:int|null restrictedDelete:bool restrictedPicklist:bool scale:int \
    searchPrefilterable:bool soapType:string sortable:bool type:string unique:bool updateable:bool writeRequiresMasterRead:bool";
const URLS: &str = "sobject:url describe:url rowTemplate:url";
const LAYOUT_URLS: &str =
    "layouts:url compactLayouts:url approvalLayouts:url listviews:url quickActions:url defaultValues:url";
const UI_URLS: &str = "uiNewRecord:string uiEditTemplate:string uiDetailTemplate:string";

fn urls(describe: &Value, full: bool) {
    let layoutable = describe["layoutable"] == true;
    let more = match (layoutable, full) {
        (true, true) => format!("{LAYOUT_URLS} {UI_URLS}"),
        (true, false) => LAYOUT_URLS.to_owned(),
        (false, true) => UI_URLS.to_owned(),
        (false, false) => String::new(),
    };
    has(&describe["urls"], &format!("{URLS} {more}"));
}

#[test]
fn given_the_global_describe_when_asked_for_then_every_entry_has_its_28_keys() {
    let given = Given::demo();
    let (status, body) = given.get("/sobjects");
    assert_eq!(status, 200);
    has(&body, "encoding:string maxBatchSize:int sobjects:array");
    each(&body["sobjects"], BASIC);
    body["sobjects"].as_array().unwrap().iter().for_each(|entry| urls(entry, false));
}

#[test]
fn given_the_basic_describe_when_asked_for_then_it_has_recent_rows() {
    let given = Given::demo();
    given.account("Used");
    let (_, body) = given.get("/sobjects/Account");
    has(&body, "objectDescribe:object recentItems:array");
    has(&body["objectDescribe"], BASIC);
    each(&body["recentItems"], "attributes:object Id:id Name:string");
    has(&body["recentItems"][0]["attributes"], "type:string url:url");
}

#[test]
fn given_the_full_describe_when_asked_for_then_every_part_of_every_object_has_its_keys() {
    let given = Given::demo();
    for entry in given.get("/sobjects").1["sobjects"].as_array().unwrap() {
        let name = entry["name"].as_str().unwrap();
        let (status, body) = given.get(&format!("/sobjects/{name}/describe"));
        assert_eq!(status, 200);
        has(&body, &format!("{BASIC} {FULL}"));
        urls(&body, true);
        each(&body["fields"], FIELD);
        for field in body["fields"].as_array().unwrap() {
            for value in field["picklistValues"].as_array().unwrap() {
                has(value, "active:bool defaultValue:bool label:string validFor:string|null value:string");
            }
            assert!(field["referenceTo"].as_array().unwrap().iter().all(|to| is(to, "string")));
        }
        for child in body["childRelationships"].as_array().unwrap() {
            has(
                child,
                "cascadeDelete:bool childSObject:string deprecatedAndHidden:bool field:string junctionIdListNames:array \
                 junctionReferenceTo:array relationshipName:string|null restrictedDelete:bool",
            );
        }
        for info in body["recordTypeInfos"].as_array().unwrap() {
            has(
                info,
                "active:bool available:bool defaultRecordTypeMapping:bool developerName:string master:bool name:string \
                 recordTypeId:id urls:object",
            );
            has(&info["urls"], "layout:url");
        }
        each(&body["supportedScopes"], "label:string name:string");
    }
}
