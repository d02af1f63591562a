//! Request targets taken apart, and what they ask for.
use crate::{Method, Request, json::Json};

/// A target's path and query, decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) segments: Vec<String>,
    pub(crate) query: Vec<(String, String)>,
}
impl Target {
    /// `None`: a path with percent escapes that are not UTF-8 or with dot segments. In a query they are replaced, as Jetty does it, which
    /// Salesforce runs on. A target may be absolute (RFC 9112, 3.2.2).
    pub(crate) fn parse(target: &str) -> Option<Target> {
        let target = origin_form(target);
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let segments: Option<Vec<String>> =
            path.split('/').filter(|s| !s.is_empty()).map(|s| decode(s, false)).collect();
        let segments = segments?;
        if segments.iter().any(|s| matches!(s.as_str(), "." | "..")) {
            return None;
        }
        Some(Target { segments, query: lossy_pairs(query) })
    }
    /// Whether it is under `/services/apexrest`.
    pub(crate) fn is_apex_rest(&self) -> bool {
        matches!(self.segments.as_slice(), [services, apex, ..] if services == "services" && apex == "apexrest")
    }
    /// The version and what follows it, under `/services/data`.
    pub(crate) fn data(&self) -> Option<(&str, &[String])> {
        match self.segments.as_slice() {
            [services, data, version, rest @ ..] if services == "services" && data == "data" => {
                Some((version, rest))
            }
            _ => None,
        }
    }
}

impl Target {
    /// Whether it is under `/services/async`: Bulk API 1.0.
    pub(crate) fn is_asynchronous(&self) -> bool {
        matches!(self.segments.as_slice(), [services, kind, _, ..] if services == "services" && kind == "async")
    }
}

/// `http://host/path?query` without scheme and host.
fn origin_form(target: &str) -> &str {
    let Some((scheme, rest)) = target.split_once("://") else { return target };
    if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
        return target;
    }
    rest.find(['/', '?']).map_or("/", |at| &rest[at..])
}

/// As [`pairs`], with U+FFFD for what cannot be decoded.
fn lossy_pairs(text: &str) -> Vec<(String, String)> {
    let pair = |pair: &str| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decode_lossy(name), decode_lossy(value))
    };
    text.split('&').filter(|p| !p.is_empty()).map(pair).collect()
}

fn decode_lossy(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        let hex = |at: usize| after.get(at).and_then(|d| char::from(*d).to_digit(16));
        match (*byte, hex(0), hex(1)) {
            (b'%', Some(high), Some(low)) => {
                out.push(u8::try_from(high * 16 + low).unwrap_or_default());
                rest = &after[2..];
            }
            (b'%', ..) => out.extend("\u{fffd}".bytes()),
            (b'+', ..) => out.push(b' '),
            (byte, ..) => out.push(byte),
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Whether a request goes to the SOAP API.
pub(crate) fn is_soap(request: &Request) -> bool {
    request.path().starts_with("/services/Soap/")
}

/// `a=1&b=two+words`
pub(crate) fn pairs(text: &str) -> Option<Vec<(String, String)>> {
    text.split('&')
        .filter(|p| !p.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Some((decode(name, true)?, decode(value, true)?))
        })
        .collect()
}

/// Percent escapes resolved; in queries and forms a plus is a blank.
pub(crate) fn decode(text: &str, plus: bool) -> Option<String> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(b) = bytes.next() {
        out.push(match b {
            b'%' => {
                let mut digit = || bytes.next().and_then(|d| char::from(d).to_digit(16));
                let (high, low) = (digit()?, digit()?);
                u8::try_from(high * 16 + low).ok()?
            }
            b'+' if plus => b' ',
            b => b,
        });
    }
    String::from_utf8(out).ok()
}

/// What a request asks for: one operation, or `composite` or `soap` and what is inside.
pub(crate) fn operations(request: &Request) -> Vec<&'static str> {
    let Some(target) = Target::parse(&request.target) else { return vec!["other"] };
    let operation = operation(request.method, &target);
    let mut all = vec![operation];
    if operation == "soap" {
        all.extend(crate::soap::operation_name(request));
    }
    if operation == "composite"
        && let Ok(body) = Json::parse(&request.body)
    {
        for part in body.get("compositeRequest").and_then(Json::array).into_iter().flatten() {
            let method = part.get("method").and_then(Json::text).and_then(Method::parse);
            let target = part.get("url").and_then(Json::text).and_then(Target::parse);
            if let (Some(method), Some(target)) = (method, target) {
                all.push(self::operation(method, &target));
            }
        }
    }
    all
}

fn operation(method: Method, target: &Target) -> &'static str {
    let segments: Vec<&str> = target.segments.iter().map(String::as_str).collect();
    match segments.as_slice() {
        ["services", "oauth2", "token"] => return "token",
        ["services", "oauth2", "authorize"] => return "authorize",
        ["services", "oauth2", "introspect"] => return "introspect",
        ["services", "oauth2", "revoke"] => return "revoke",
        ["services", "oauth2", "userinfo"] => return "userinfo",
        ["setup", "connect"] => return "connect_device",
        ["services", "Soap", ..] => return "soap",
        ["services", "apexrest", ..] => return "apex_rest",
        ["id", ..] => return "identity",
        ["services", "async", _, rest @ ..] => return bulk1(method, rest),
        _ => {}
    }
    let Some((_, rest)) = target.data() else { return "other" };
    let rest: Vec<&str> = rest.iter().map(String::as_str).collect();
    match (method, rest.as_slice()) {
        (_, ["query" | "queryAll"]) => "query",
        (_, ["query" | "queryAll", _]) => "query_more",
        (_, ["search" | "parameterizedSearch"]) => "search",
        (_, ["limits", ..]) => "limits",
        (_, ["sobjects"]) => "describe_global",
        (_, ["sobjects", _, "describe"]) => "describe",
        (_, ["sobjects", _, "updated"]) => "updated",
        (_, ["sobjects", _, "deleted"]) => "deleted",
        (Method::Post, ["sobjects", _] | ["composite", "sobjects"]) => "insert",
        (Method::Post, ["sobjects", _, id]) if id.eq_ignore_ascii_case("Id") => "insert",
        (Method::Patch, ["sobjects", _, _] | ["composite", "sobjects"]) => "update",
        (Method::Patch | Method::Post, ["sobjects", _, _, _] | ["composite", "sobjects", _, _]) => "upsert",
        (Method::Delete, ["sobjects" | "composite", ..]) => "delete",
        (method, ["jobs", "ingest", rest @ ..]) => ingest(method, rest),
        (method, ["jobs", "query", rest @ ..]) => bulk_query(method, rest),
        (_, ["composite"]) => "composite",
        (_, ["composite", "batch"]) => "batch",
        (_, ["composite", "graph"]) => "graph",
        (Method::Post, ["composite", "tree", _]) => "insert",
        (_, ["composite", "sobjects", _]) => "retrieve",
        (_, ["tooling", ..]) => "tooling",
        (Method::Get, ["sobjects", _, _, field]) if ["VersionData", "Body"].contains(field) => "download",
        (Method::Get | Method::Head, ["sobjects", ..]) => "get",
        _ => "other",
    }
}

fn ingest(method: Method, rest: &[&str]) -> &'static str {
    match (method, rest) {
        (Method::Post, []) => "ingest",
        (Method::Put, [_, "batches"]) => "ingest_upload",
        (Method::Patch, [_]) => "ingest_state",
        (Method::Delete, [_]) => "ingest_delete",
        (_, []) => "ingest_list",
        (_, [_]) => "ingest_info",
        (_, [_, _]) => "ingest_results",
        _ => "other",
    }
}

fn bulk1(method: Method, rest: &[&str]) -> &'static str {
    match (method, rest) {
        (Method::Post, ["job"]) => "bulk1_job",
        (Method::Post, ["job", _]) => "bulk1_state",
        (Method::Post, ["job", _, "batch"]) => "bulk1_batch",
        (_, ["job", _] | ["job", _, "batch"] | ["job", _, "batch", _]) => "bulk1_info",
        (_, ["job", _, "batch", _, ..]) => "bulk1_results",
        _ => "other",
    }
}

fn bulk_query(method: Method, rest: &[&str]) -> &'static str {
    match (method, rest) {
        (Method::Post, []) => "bulk_query",
        (Method::Patch, [_]) => "bulk_query_state",
        (Method::Delete, [_]) => "bulk_query_delete",
        (_, []) => "bulk_query_list",
        (_, [_]) => "bulk_query_info",
        (_, [_, _]) => "bulk_query_results",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_taken_apart() {
        let t = Target::parse("/services/data/v66.0/query?q=SELECT+Id%20FROM%20A%2Bb&x").unwrap();
        assert_eq!(t.data().unwrap().0, "v66.0");
        assert_eq!(t.query, [("q".into(), "SELECT Id FROM A+b".into()), ("x".into(), String::new())]);
        assert_eq!(Target::parse("/a/%2e%2e/b"), None);
        assert_eq!(Target::parse("/a%ff"), None);
        assert_eq!(Target::parse("/a%2").map(|t| t.segments), None);
        let query =
            |target| Target::parse(target).map(|t| t.query.into_iter().map(|(_, v)| v).collect::<Vec<_>>());
        assert_eq!(
            query("/a?b=%ff%C3%A9&c=1%2&d=%zz"),
            Some(vec!["\u{fffd}é".into(), "1\u{fffd}2".into(), "\u{fffd}zz".into()])
        );
        for absolute in ["http://host/a/b?x=1", "HTTPS://host:8443/a/b?x=1"] {
            assert_eq!(Target::parse(absolute), Target::parse("/a/b?x=1"), "{absolute}");
        }
        assert_eq!(Target::parse("http://host").map(|t| t.segments), Some(vec![]));
    }
    #[test]
    fn a_composite_names_what_is_inside() {
        let body = r#"{"compositeRequest":[{"method":"GET","url":"/services/data/v66.0/query?q=x","referenceId":"a"}]}"#;
        let request = Request::post("/services/data/v66.0/composite", body);
        assert_eq!(operations(&request), ["composite", "query"]);
    }
}
