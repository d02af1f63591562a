//! The control path `/__org`: what a test in another process, or in another language, says to the org. No Salesforce resource, not in the
//! request log, no token. The crate's documentation lists it.
use super::{dump, life};
use crate::guard::Rule;
use crate::{ConnectedApp, Fault, Method, Request, Response, TestOrg};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use sf_core::{Error, FieldName, Fields, ObjectName, SfId, Write};
use std::time::Duration;

pub(super) const ROOT: &str = "/__org";

/// Why a control request is refused: the status and what to do.
#[derive(Debug)]
pub(super) struct Refused {
    status: u16,
    body: Json,
}

impl Refused {
    fn new(status: u16, error: impl Into<String>, next: impl Into<String>) -> Refused {
        Refused { status, body: json!({"error": error.into(), "next": next.into()}) }
    }
    pub(super) fn body(error: &serde_json::Error, form: &str) -> Refused {
        Refused::new(400, format!("the body cannot be read: {error}"), format!("send {form}"))
    }
}

impl From<Error> for Refused {
    fn from(error: Error) -> Refused {
        let code = error.code().map(|code| code.as_str().to_owned());
        let body = json!({
            "error": error.to_string(),
            "errorCode": code,
            "fields": error.failure().fields,
            "next": error.help().next_step.to_string(),
        });
        Refused { status: 400, body }
    }
}

/// The answer to a control request.
pub(super) fn handle(org: &TestOrg, request: &Request) -> Response {
    // What is due must be seen here as a request would see it.
    org.settle();
    let path = request.path().trim_end_matches('/');
    let rest = path.strip_prefix(ROOT).unwrap_or_default();
    let segments: Vec<&str> = rest.split('/').filter(|s| !s.is_empty()).collect();
    let query = request.target.split_once('?').map_or("", |(_, query)| query);
    match route(org, request, &segments, query) {
        Ok(text) => Response::new(200).json(text),
        Err(refused) => Response::new(refused.status).json(refused.body.to_string()),
    }
}

fn route(org: &TestOrg, request: &Request, segments: &[&str], query: &str) -> Result<String, Refused> {
    match (request.method, segments) {
        (Method::Get, []) => Ok(index().to_string()),
        (Method::Get, ["log"]) => log(org, query),
        (Method::Delete, ["log"]) => {
            org.clear_calls();
            Ok("{}".into())
        }
        (Method::Get, ["rows", object]) => {
            dump::rows(org, object, flag(query, "stamps", true)?).ok_or_else(|| {
                Refused::new(
                    404,
                    format!("there is no object {object}"),
                    "use an API name from GET /__org/objects",
                )
            })
        }
        (Method::Get, ["objects"]) => Ok(dump::objects(org)),
        (Method::Get, ["changes"]) => changes(org, query),
        (Method::Get, ["faults"]) => text(&org.faults()),
        (Method::Post, ["faults"]) => {
            let faults = Fault::read(&request.body).map_err(|e| {
                Refused::body(&e, r#"one fault or a list: {"on": {"operation": "update"}, "effect": "lose_answer", "times": 1}"#)
            })?;
            let armed = faults.len();
            faults.into_iter().for_each(|fault| org.inject(fault));
            Ok(json!({"armed": armed}).to_string())
        }
        (Method::Delete, ["faults"]) => {
            org.clear_faults();
            Ok("{}".into())
        }
        (Method::Get, ["rules"]) => rules(org),
        (Method::Post, ["rules"]) => add_rules(org, &request.body),
        (Method::Get, ["tokens"]) => text(&org.tokens()),
        (Method::Post, ["tokens"]) => tokens(org, &request.body),
        (Method::Delete, ["sessions"]) => {
            org.expire_sessions();
            Ok("{}".into())
        }
        (Method::Post, ["apps"]) => {
            let app: ConnectedApp = serde_json::from_slice(&request.body).map_err(|e| {
                Refused::body(&e, r#"{"client_id": "3MVG9desk", "callbacks": ["https://desk.example/cb"]}"#)
            })?;
            org.add_connected_app(app);
            Ok("{}".into())
        }
        (Method::Post, ["devices"]) => device(org, &request.body),
        (Method::Post, ["instance"]) => {
            let to: Move = serde_json::from_slice(&request.body)
                .map_err(|e| Refused::body(&e, r#"{"url": "http://localhost:8080"}"#))?;
            org.move_instance(to.url);
            Ok("{}".into())
        }
        (Method::Post, ["picklist"]) => picklist(org, &request.body),
        (Method::Post, ["schema"]) => schema(org, &request.body),
        (Method::Post, ["apply"]) => apply(org, &request.body),
        (Method::Post, ["undelete"]) => life::undelete(org, &request.body),
        (Method::Post, ["merge"]) => life::merge(org, &request.body),
        (Method::Post, ["convert"]) => life::convert(org, &request.body),
        (Method::Get, ["recycle-bin"]) => Ok(life::recycle_bin(org)),
        (Method::Delete, ["recycle-bin"]) => life::empty(org, &request.body),
        (Method::Get, ["clock"]) => Ok(json!({"now": org.now()}).to_string()),
        (Method::Post, ["clock"]) => {
            let by: Advance = serde_json::from_slice(&request.body)
                .map_err(|e| Refused::body(&e, r#"{"advance_ms": 60000}"#))?;
            org.clock().advance(Duration::from_millis(by.advance_ms));
            Ok(json!({"now": org.now()}).to_string())
        }
        (
            _,
            [
                "undelete" | "merge" | "convert" | "recycle-bin" | "log" | "changes" | "rows" | "objects"
                | "faults" | "rules" | "picklist" | "schema" | "apply" | "clock" | "tokens" | "sessions"
                | "apps" | "devices" | "instance",
                ..,
            ]
            | [],
        ) => Err(Refused::new(
            405,
            format!("{} does not work here", request.method),
            "GET /__org lists what does",
        )),
        _ => Err(Refused::new(404, "there is no such control resource", "GET /__org lists them")),
    }
}

fn index() -> Json {
    json!({
        "GET /__org/log?since=N&bodies=true|false": "requests after number N with counters",
        "DELETE /__org/log": "empties the request log",
        "GET /__org/changes?after=REPLAY_ID&most=N": "change events after a replay id, with the latest one",
        "GET /__org/objects": "objects and how many rows each has",
        "GET /__org/rows/OBJECT?stamps=true|false": "all rows by id, deleted ones included",
        "POST /__org/picklist": {"object": "Account", "field": "CX_Play__c", "value": "Grow", "active": false},
        "POST /__org/schema": [{"name": "CX_Plan__c", "label": "CX Plan", "fields": [{"name": "Score__c", "type": "double", "precision": 5, "scale": 2}]}],
        "GET /__org/faults": "armed faults",
        "POST /__org/faults": [{"on": {"operation": "update"}, "effect": "lose_answer", "skip": 0, "times": 1}],
        "DELETE /__org/faults": "disarms all",
        "GET /__org/rules": "the org's rules with their ids",
        "POST /__org/rules": [{"validation": {"object": "Account", "name": "Hot_needs_phone", "condition": "Rating = 'Hot' AND Phone = null", "message": "Hot accounts need a phone.", "error_field": "Phone"}}],
        "POST /__org/apply": {"op": "update", "object": "Account", "id": "001…", "fields": {"Name": "Acme"}, "user": "005…"},
        "POST /__org/undelete": {"id": "001…", "user": "005…"},
        "POST /__org/merge": {"master": "001…", "victims": ["001…"], "fields": {"Phone": "1"}, "user": "005…"},
        "POST /__org/convert": {"lead": "00Q…", "status": "Closed - Converted", "account": "001…", "contact": "003…", "without_opportunity": false},
        "GET /__org/recycle-bin": "what can be undeleted, oldest first",
        "DELETE /__org/recycle-bin": {"ids": ["001…"]},
        "GET /__org/tokens": "every token with its state",
        "POST /__org/tokens": {"revoke": "5Aep861…"},
        "DELETE /__org/sessions": "ends all sessions; refresh tokens go on",
        "POST /__org/apps": {"client_id": "3MVG9desk", "callbacks": ["https://desk.example/cb"]},
        "POST /__org/devices": {"user_code": "25XPRH6C", "username": "avery.quinn@…"},
        "POST /__org/instance": {"url": "http://localhost:8080"},
        "GET /__org/clock": "the org's time",
        "POST /__org/clock": {"advance_ms": 60000},
    })
}

fn text(value: &impl serde::Serialize) -> Result<String, Refused> {
    serde_json::to_string(value).map_err(|e| Refused::new(500, e.to_string(), "report this"))
}

fn parameter<'q>(query: &'q str, name: &str) -> Option<&'q str> {
    query.split('&').filter_map(|pair| pair.split_once('=')).find(|(n, _)| *n == name).map(|(_, value)| value)
}

fn flag(query: &str, name: &str, otherwise: bool) -> Result<bool, Refused> {
    match parameter(query, name) {
        None => Ok(otherwise),
        Some("true" | "1") => Ok(true),
        Some("false" | "0") => Ok(false),
        Some(other) => {
            Err(Refused::new(400, format!("{name}={other} is neither true nor false"), "use true or false"))
        }
    }
}

fn log(org: &TestOrg, query: &str) -> Result<String, Refused> {
    let since = match parameter(query, "since") {
        None => 0,
        Some(number) => number.parse().map_err(|_| {
            Refused::new(400, format!("since={number} is no number"), "use the `number` of a logged request")
        })?,
    };
    let bodies = flag(query, "bodies", false)?;
    let mut calls: Vec<_> = org.calls().into_iter().filter(|call| call.number > since).collect();
    if !bodies {
        calls.iter_mut().for_each(|call| call.body = String::new());
    }
    text(&json!({"counters": org.counters(), "calls": calls}))
}

fn changes(org: &TestOrg, query: &str) -> Result<String, Refused> {
    let number = |name: &str, otherwise: u64| match parameter(query, name) {
        None => Ok(otherwise),
        Some(text) => text.parse().map_err(|_| {
            Refused::new(
                400,
                format!("{name}={text} is no number"),
                "use a whole number; after=0 gives all events",
            )
        }),
    };
    let (after, most) = (number("after", 0)?, number("most", 1000)?);
    let events = org.changes_up_to(after, usize::try_from(most).unwrap_or(usize::MAX))?;
    text(&json!({"events": events, "latest": org.latest_change()}))
}

fn rules(org: &TestOrg) -> Result<String, Refused> {
    let rules: Vec<Json> =
        org.rules().into_iter().map(|(id, rule)| json!({"id": id, "rule": rule})).collect();
    text(&rules)
}

/// One rule or a list; those before one that is refused stay.
fn add_rules(org: &TestOrg, body: &[u8]) -> Result<String, Refused> {
    const FORM: &str = r#"one rule or a list: {"validation": {"object": "Account", "name": "Hot_needs_phone", "condition": "Rating = 'Hot' AND Phone = null", "message": "Hot accounts need a phone."}}"#;
    let read = match serde_json::from_slice::<Vec<Rule>>(body) {
        Ok(rules) => Ok(rules),
        Err(e) if body.trim_ascii_start().starts_with(b"[") => Err(e),
        Err(_) => serde_json::from_slice::<Rule>(body).map(|rule| vec![rule]),
    };
    let rules = read.map_err(|e| Refused::body(&e, FORM))?;
    let ids = rules.into_iter().map(|rule| org.add_rule(rule)).collect::<Result<Vec<_>, _>>()?;
    text(&json!({"ids": ids}))
}

#[derive(Debug, Deserialize)]
struct Advance {
    advance_ms: u64,
}

#[derive(Debug, Deserialize)]
struct Move {
    url: String,
}

#[derive(Debug, Deserialize)]
struct Revoke {
    revoke: String,
}

fn tokens(org: &TestOrg, body: &[u8]) -> Result<String, Refused> {
    let Revoke { revoke } =
        serde_json::from_slice(body).map_err(|e| Refused::body(&e, r#"{"revoke": "5Aep861…"}"#))?;
    Ok(json!({"revoked": org.revoke_token(&revoke)}).to_string())
}

/// Without a username the device is denied.
#[derive(Debug, Deserialize)]
struct Device {
    user_code: String,
    username: Option<String>,
}

fn device(org: &TestOrg, body: &[u8]) -> Result<String, Refused> {
    let Device { user_code, username } = serde_json::from_slice(body)
        .map_err(|e| Refused::body(&e, r#"{"user_code": "25XPRH6C", "username": "avery.quinn@…"}"#))?;
    match username {
        Some(username) => org.approve_device(&user_code, &username)?,
        None => org.deny_device(&user_code)?,
    }
    Ok("{}".into())
}

#[derive(Debug, Deserialize)]
struct Picklist {
    object: ObjectName,
    field: FieldName,
    value: String,
    active: bool,
}

fn picklist(org: &TestOrg, body: &[u8]) -> Result<String, Refused> {
    let change: Picklist = serde_json::from_slice(body).map_err(|e| {
        Refused::body(&e, r#"{"object": "Account", "field": "CX_Play__c", "value": "Grow", "active": false}"#)
    })?;
    org.set_picklist_active(&change.object, &change.field, &change.value, change.active)?;
    Ok("{}".into())
}

/// Describes of sObjects; or fields of one, when the body has `object`.
fn schema(org: &TestOrg, body: &[u8]) -> Result<String, Refused> {
    let mut json: Json = serde_json::from_slice(body).map_err(|e| {
        Refused::body(&e, r#"a describe, a list of them, or {"object": "Account", "fields": [{"name": "Tier__c", "type": "string", "length": 20}]}"#)
    })?;
    let sobjects = match json.get("object").and_then(Json::as_str) {
        Some(object) => {
            let object = ObjectName::new(object).map_err(Error::from)?;
            org.add_fields(&object, json["fields"].take())?;
            vec![object]
        }
        None => org.add_sobjects(json)?,
    };
    Ok(json!({"sobjects": sobjects}).to_string())
}

/// One struct for all verbs: serde's tagged enums buffer what they read, and the exact digits of numbers are lost.
#[derive(Debug, Deserialize)]
struct Apply {
    op: Op,
    object: Option<ObjectName>,
    id: Option<SfId>,
    key: Option<FieldName>,
    #[serde(default)]
    fields: Fields,
    user: Option<SfId>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Op {
    Insert,
    Update,
    Upsert,
    Delete,
}

fn apply(org: &TestOrg, body: &[u8]) -> Result<String, Refused> {
    const FORM: &str =
        r#"{"op": "update", "object": "Account", "id": "001…", "fields": {"Name": "Acme"}, "user": "005…"}"#;
    let Apply { op, object, id, key, fields, user } =
        serde_json::from_slice(body).map_err(|e| Refused::body(&e, FORM))?;
    let missing = |what: &str| Refused::new(400, format!("{what} is missing"), format!("send {FORM}"));
    let object = || object.ok_or_else(|| missing("object"));
    let id = || id.ok_or_else(|| missing("id"));
    let write = match op {
        Op::Insert => Write::Insert { object: object()?, fields },
        Op::Update => Write::Update { object: object()?, id: id()?, fields, if_unmodified_since: None },
        Op::Upsert => Write::Upsert { object: object()?, key: key.ok_or_else(|| missing("key"))?, fields },
        Op::Delete => Write::Delete { id: id()? },
    };
    let id = match user {
        Some(user) => org.apply_as(user, write)?,
        None => org.apply(write)?,
    };
    Ok(json!({"id": id}).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documentation_lists_every_request() {
        let docs = include_str!("../guide/control.rs");
        for name in index().as_object().unwrap().keys() {
            let (method, path) = name.split_once(' ').unwrap();
            let path = path.split('?').next().unwrap();
            let row = |line: &&str| line.contains(&format!("{path}`")) && line.contains(method);
            assert!(docs.lines().any(|line| row(&line)), "{name} is not on the page of the control path");
        }
    }
}
