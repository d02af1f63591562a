//! `/sobjects`, `/sobjects/X` and `/sobjects/X/describe`.
use super::{Answer, Call, Service, conditions::Known};
use crate::{
    Method,
    error::{ApiError, ApiResult},
    guard::ObjectAccess,
    save::FieldAccess,
    state::SObjectType,
};
use serde_json::{Map, Value as Json, json};
use std::sync::Arc;

/// Keys of an entry of the global describe.
const BASIC: [&str; 28] = [
    "activateable",
    "associateEntityType",
    "associateParentEntity",
    "createable",
    "custom",
    "customSetting",
    "deepCloneable",
    "deletable",
    "deprecatedAndHidden",
    "feedEnabled",
    "hasSubtypes",
    "isInterface",
    "isSubtype",
    "keyPrefix",
    "label",
    "labelPlural",
    "layoutable",
    "mergeable",
    "mruEnabled",
    "name",
    "queryable",
    "replicateable",
    "retrieveable",
    "searchable",
    "triggerable",
    "undeletable",
    "updateable",
    "urls",
];

impl Service<'_> {
    pub(super) fn describe_global(&mut self, call: &Call<'_>) -> ApiResult<Answer> {
        let entries: Vec<Json> =
            self.readable().map(|s| Json::Object(basic(s, call.version, self.access(s)))).collect();
        let body = json!({"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": entries});
        let changed = self.inner.state.schema().iter().map(|s| s.changed_at).max();
        let changed = changed.unwrap_or_else(|| self.inner.state.now());
        let known = Known::describe(changed);
        if let Some(answer) = known.check(call)? {
            return Ok(answer);
        }
        Ok(known.headers(Answer::json(200, body.to_string())))
    }

    /// `/sobjects/X`: the basic description and recent rows.
    pub(super) fn basic(&mut self, call: &Call<'_>, object: &str) -> ApiResult<Answer> {
        let sobject = self.saver().sobject(object)?;
        let mut out = String::from("{\"objectDescribe\":");
        out.push_str(&Json::Object(basic(&sobject, call.version, self.access(&sobject))).to_string());
        out.push_str(",\"recentItems\":");
        out.push_str(&self.recent_of(call, &sobject.name));
        out.push('}');
        Ok(Answer::json(200, out))
    }

    pub(super) fn describe(&mut self, call: &Call<'_>, object: &str) -> ApiResult<Answer> {
        if !matches!(call.method, Method::Get | Method::Head) {
            return Err(ApiError::method(call.method, "GET,HEAD"));
        }
        let sobject = self.saver().sobject(object)?;
        let known = Known::describe(sobject.changed_at);
        if let Some(answer) = known.check(call)? {
            return Ok(answer);
        }
        let mut describe = sobject.describe().clone();
        let mut links = urls(&sobject, call.version);
        for (name, url) in ui_urls(&sobject, &self.inner.oauth.instance_url) {
            links[name] = url;
        }
        describe.insert("urls".into(), links);
        if let Some(Json::Array(infos)) = describe.get_mut("recordTypeInfos") {
            for info in infos {
                let id = info["recordTypeId"].as_str().unwrap_or_default();
                let base = format!("/services/data/v{}.0/sobjects/{}", call.version, sobject.name);
                info["urls"] = json!({"layout": format!("{base}/describe/layouts/{id}")});
            }
        }
        let access = self.access(&sobject);
        let permissions =
            [("createable", access.create), ("updateable", access.edit), ("deletable", access.delete)];
        for (key, _) in permissions.iter().filter(|(_, allowed)| !allowed) {
            describe.insert((*key).into(), Json::Bool(false));
        }
        let rules = &self.inner.rules;
        if let Some(Json::Array(fields)) = describe.get_mut("fields") {
            let name = |f: &Json| f["name"].as_str().unwrap_or_default().to_owned();
            fields.retain(|f| rules.is_visible(&sobject.name, &name(f)));
            for field in fields {
                if rules.access(&sobject.name, &name(field)) < FieldAccess::Edit {
                    field["createable"] = Json::Bool(false);
                    field["updateable"] = Json::Bool(false);
                }
            }
        }
        // Children of types that this org does not have cannot be named.
        let schema = self.inner.state.schema();
        if let Some(Json::Array(children)) = describe.get_mut("childRelationships") {
            let is_seen = |n: &str| schema.get(n).is_some_and(|s| rules.object_access(&s.name).read);
            children.retain(|c| c["childSObject"].as_str().is_some_and(is_seen));
        }
        Ok(known.headers(Answer::json(200, Json::Object(describe).to_string())))
    }

    /// The sObjects that the running user may read.
    fn readable(&self) -> impl Iterator<Item = &Arc<SObjectType>> {
        let rules = &self.inner.rules;
        self.inner.state.schema().iter().filter(|sobject| rules.object_access(&sobject.name).read)
    }
    fn access(&self, sobject: &SObjectType) -> ObjectAccess {
        self.inner.rules.object_access(&sobject.name)
    }
}

fn urls(sobject: &SObjectType, version: u16) -> Json {
    let base = format!("/services/data/v{version}.0/sobjects/{}", sobject.name);
    let mut urls = json!({
        "sobject": base,
        "describe": format!("{base}/describe"),
        "rowTemplate": format!("{base}/{{ID}}")
    });
    if sobject.describe().get("layoutable").and_then(Json::as_bool).unwrap_or(false) {
        // As a real org lists them, though this one does not serve them.
        for (name, path) in [
            ("layouts", "describe/layouts"),
            ("compactLayouts", "describe/compactLayouts"),
            ("approvalLayouts", "describe/approvalLayouts"),
            ("listviews", "listviews"),
            ("quickActions", "quickActions"),
            ("defaultValues", "defaultValues?recordTypeId&fields"),
        ] {
            urls[name] = format!("{base}/{path}").into();
        }
    }
    urls
}

/// Pages of the org's UI, in the full describe only.
fn ui_urls(sobject: &SObjectType, instance: &str) -> [(&'static str, Json); 3] {
    let prefix = sobject.key_prefix.as_deref().unwrap_or_default();
    [
        ("uiNewRecord", format!("{instance}/{prefix}/e").into()),
        ("uiEditTemplate", format!("{instance}/{{ID}}/e").into()),
        ("uiDetailTemplate", format!("{instance}/{{ID}}").into()),
    ]
}

fn basic(sobject: &SObjectType, version: u16, access: ObjectAccess) -> Map<String, Json> {
    let known = sobject.describe();
    BASIC
        .iter()
        .map(|key| {
            let value = match *key {
                "urls" => urls(sobject, version),
                "name" => json!(sobject.name),
                "label" => json!(sobject.label),
                "keyPrefix" => json!(sobject.key_prefix),
                "queryable" => json!(sobject.queryable),
                "createable" => json!(sobject.createable && access.create),
                "updateable" => json!(sobject.updateable && access.edit),
                "deletable" => json!(sobject.deletable && access.delete),
                "replicateable" => json!(sobject.replicateable),
                "associateEntityType" | "associateParentEntity" | "labelPlural" => {
                    known.get(*key).cloned().unwrap_or(Json::Null)
                }
                other => known.get(other).cloned().unwrap_or(Json::Bool(false)),
            };
            ((*key).to_owned(), value)
        })
        .collect()
}
