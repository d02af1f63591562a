//! Apex REST: resources under `/services/apexrest` that a test gives the org.
use crate::{
    Method, Request, Response, TestOrg,
    doors::{record, save},
    error::{ApiError, ApiResult},
    org::Inner,
    rest::{Answer, Body, Call, Service, Target},
};
use serde_json::Value as Json;
use sf_core::{Failure, Record, Result, SfId, Timestamp, Write};
use std::{fmt, sync::Arc};

type Handler = Arc<dyn Fn(&mut ApexCall<'_>) -> std::result::Result<Response, ApexException> + Send + Sync>;

/// One method of a class with `@RestResource`.
#[derive(Clone)]
pub(crate) struct Route {
    method: Method,
    mapping: String,
    handler: Handler,
}

/// An exception that a resource does not catch: the request answers 500 with `APEX_ERROR`, and what it changed is undone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApexException {
    kind: String,
    message: String,
}
impl ApexException {
    /// By its type and message: `ApexException::new("System.NullPointerException", "Attempt to de-reference a null object")`.
    pub fn new(kind: impl Into<String>, message: impl Into<String>) -> ApexException {
        ApexException { kind: kind.into(), message: message.into() }
    }
}
impl fmt::Display for ApexException {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind, self.message)
    }
}
impl std::error::Error for ApexException {}

/// A request to an Apex REST resource, and the org as its code sees it: as the running user, in one transaction with the answer.
pub struct ApexCall<'a> {
    service: Service<'a>,
    request: &'a Request,
    mapping: &'a str,
    uri: String,
    parameters: Vec<(String, String)>,
}
impl fmt::Debug for ApexCall<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApexCall")
            .field("method", &self.method())
            .field("uri", &self.uri)
            .finish_non_exhaustive()
    }
}
impl ApexCall<'_> {
    /// `RestRequest.httpMethod`
    pub fn method(&self) -> Method {
        self.request.method
    }
    /// `RestRequest.requestURI`: what follows `/services/apexrest`, decoded.
    pub fn uri(&self) -> &str {
        &self.uri
    }
    /// `RestRequest.resourcePath`: `/services/apexrest/accounts/*`.
    pub fn resource_path(&self) -> String {
        format!("/services/apexrest{}", self.mapping)
    }
    /// A parameter of the query.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
    /// A header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.request.find_header(name)
    }
    /// `RestRequest.requestBody`
    pub fn body(&self) -> &[u8] {
        &self.request.body
    }
    /// The body as JSON.
    ///
    /// # Errors
    /// It is none: a `System.JSONException`.
    pub fn json(&self) -> std::result::Result<Json, ApexException> {
        serde_json::from_slice(self.body())
            .map_err(|e| ApexException::new("System.JSONException", e.to_string()))
    }
    /// The running user.
    pub fn user(&self) -> Option<SfId> {
        self.service.inner.state.user()
    }
    /// The org's time.
    pub fn now(&self) -> Timestamp {
        self.service.inner.state.now()
    }
    /// A live row with all its fields.
    pub fn row(&self, id: SfId) -> Option<Record> {
        let (sobject, row) = self.service.inner.state.find(id)?;
        (!row.is_deleted(sobject)).then(|| record(sobject, row))
    }
    /// The records that a statement selects, as a REST query gives them.
    ///
    /// # Errors
    /// It cannot be run: a `System.QueryException`.
    pub fn query(&mut self, soql: &str) -> std::result::Result<Vec<Json>, ApexException> {
        let refused = |e: ApiError| ApexException::new("System.QueryException", e.message);
        let mut records = Vec::new();
        let mut segments = vec!["query".to_owned()];
        let mut query = vec![("q".to_owned(), soql.to_owned())];
        loop {
            let version = *crate::rest::VERSIONS.end();
            let call = Call { method: Method::Get, version, segments, query, headers: &[], body: &[] };
            let answer = self.service.data(&call).map_err(refused)?;
            let Body::Json(text) = answer.body else { return Ok(records) };
            let mut page: Json = serde_json::from_str(&text).unwrap_or_default();
            if let Json::Array(page) = page["records"].take() {
                records.extend(page);
            }
            let Some(next) = page["nextRecordsUrl"].as_str().and_then(|url| url.rsplit('/').next()) else {
                return Ok(records);
            };
            segments = vec!["query".to_owned(), next.to_owned()];
            query = Vec::new();
        }
    }
    /// DML of one row, under the org's rules.
    ///
    /// # Errors
    /// The org refuses it: a `System.DmlException` in Salesforce's words.
    pub fn apply(&mut self, write: Write) -> std::result::Result<SfId, ApexException> {
        let (verb, id) = match &write {
            Write::Insert { .. } => ("Insert", None),
            Write::Update { id, .. } => ("Update", Some(*id)),
            Write::Upsert { .. } => ("Upsert", None),
            Write::Delete { id } => ("Delete", Some(*id)),
            _ => ("DML", None),
        };
        let savepoint = self.service.inner.state.savepoint();
        save(&mut self.service, write).map_err(|e| {
            self.service.inner.state.rollback_to(savepoint);
            let row = id.map_or_else(String::new, |id| format!(" with id {id}"));
            let fields = e.fields.unwrap_or_default().join(", ");
            let message = format!(
                "{verb} failed. First exception on row 0{row}; first error: {}, {}: [{fields}]",
                e.code, e.message
            );
            ApexException::new("System.DmlException", message)
        })
    }
}

impl TestOrg {
    /// Gives the org an Apex REST resource: a class with `@RestResource(urlMapping='/…')` and one of its methods. The same mapping can be
    /// given for several methods; given again for the same one, the newest counts. Not kept in a state file.
    ///
    /// Apex developer guide, "RestResource Annotation": an exact mapping wins, else the longest with a wildcard that fits;
    /// `/orders` and `/orders/*` fit the same URLs; the case counts. Without one the answer is 404 `NOT_FOUND`, without the method 405.
    ///
    /// ```
    /// use serde_json::json;
    /// use sf_core::{Fields, Write, field, object};
    /// use sf_testorg::{ApexException, Method, Request, Response, TestOrg};
    ///
    /// let org = TestOrg::empty();
    /// org.apex_rest(Method::Post, "/accounts/*", |call| {
    ///     let name = call.json()?["name"].as_str().unwrap_or_default().to_owned();
    ///     if name.is_empty() {
    ///         return Err(ApexException::new("AccountsException", "a name is needed"));
    ///     }
    ///     let id = call.apply(Write::Insert { object: object!("Account"), fields: Fields::new().set(field!("Name"), name) })?;
    ///     Ok(Response::new(201).json(json!({ "id": id }).to_string()))
    /// })?;
    /// let post = |body: &str| org.handle(&Request::post("/services/apexrest/accounts", body).bearer(&org.access_token()));
    /// assert_eq!(post(r#"{"name": "Acme"}"#).status, 201);
    /// let error = post("{}");
    /// assert_eq!(error.status, 500);
    /// assert_eq!(error.text(), r#"[{"message":"AccountsException: a name is needed\n\n(System Code)","errorCode":"APEX_ERROR"}]"#);
    /// # Ok::<(), sf_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// The mapping is not one: it begins with `/`, has at most 255 characters, and a `*` stands alone between slashes or at the end.
    pub fn apex_rest(
        &self,
        method: Method,
        mapping: &str,
        handler: impl Fn(&mut ApexCall<'_>) -> std::result::Result<Response, ApexException>
        + Send
        + Sync
        + 'static,
    ) -> Result<()> {
        let whole = |segment: &str| !segment.contains('*') || segment == "*";
        if !mapping.starts_with('/') || mapping.chars().count() > 255 || !mapping.split('/').all(whole) {
            return Err(Failure::invalid_input(format!("{mapping} is no URL mapping")).into());
        }
        let route = Route { method, mapping: mapping.to_owned(), handler: Arc::new(handler) };
        let routes = &mut self.lock().apex;
        routes.retain(|known| (known.method, &known.mapping) != (route.method, &route.mapping));
        routes.push(route);
        Ok(())
    }
}

impl Inner {
    /// Everything under `/services/apexrest`.
    pub(crate) fn apex(&mut self, request: &Request, target: &Target) -> ApiResult<Answer> {
        let path = target.segments.get(2..).unwrap_or_default();
        let fitting = self.apex.iter().filter(|route| fits(&route.mapping, path));
        let best = fitting.max_by_key(|route| (!route.mapping.contains('*'), route.mapping.len()));
        let Some(mapping) = best.map(|route| route.mapping.clone()) else {
            return Err(ApiError::new(404, "NOT_FOUND", "Could not find a match for URL"));
        };
        let of_class: Vec<Route> =
            self.apex.iter().filter(|route| route.mapping == mapping).cloned().collect();
        let Some(route) = of_class.iter().find(|route| route.method == request.method) else {
            let mut methods: Vec<&str> = of_class.iter().map(|route| route.method.as_str()).collect();
            methods.sort_unstable();
            return Err(ApiError::method(request.method, &methods.join(",")));
        };
        // Apex developer guide: "Apex REST currently doesn't support requests of Content-Type multipart/form-data."
        let content_type = request.find_header("Content-Type").unwrap_or_default();
        if crate::multipart::is_multipart(content_type) {
            let message = "MediaType of 'multipart/form-data' is not supported by this resource";
            return Err(ApiError::new(415, "UNSUPPORTED_MEDIA_TYPE", message));
        }
        let mut call = ApexCall {
            service: Service { inner: self },
            request,
            mapping: &mapping,
            uri: format!("/{}", path.join("/")),
            parameters: target.query.clone(),
        };
        match (route.handler)(&mut call) {
            Ok(response) => {
                let mut answer = Answer::new(response.status, Body::Raw(response.body));
                answer.headers = response.headers;
                Ok(answer)
            }
            // A stack ends in this line where no class can be named.
            Err(e) => Err(ApiError::new(500, "APEX_ERROR", format!("{e}\n\n(System Code)"))),
        }
    }
}

/// A star stands for one segment, at the end for any number of them.
fn fits(mapping: &str, path: &[String]) -> bool {
    let mut wanted: Vec<&str> = mapping.split('/').filter(|s| !s.is_empty()).collect();
    let is_open = wanted.last() == Some(&"*");
    if is_open {
        wanted.pop();
    }
    let same = wanted.iter().zip(path).all(|(wanted, given)| *wanted == "*" || wanted == given);
    same && (wanted.len() == path.len() || is_open && wanted.len() < path.len())
}

#[cfg(test)]
mod tests {
    #[test]
    fn mappings_fit_as_documented() {
        let fits = |mapping: &str, path: &str| {
            let path: Vec<String> = path.split('/').filter(|s| !s.is_empty()).map(str::to_owned).collect();
            super::fits(mapping, &path)
        };
        for (mapping, path, expected) in [
            ("/orders", "/orders", true),
            ("/orders/*", "/orders", true),
            ("/orders/*", "/orders/1/2", true),
            ("/orders", "/orders/1", false),
            ("/orders", "/Orders", false),
            ("/orders/*/lines", "/orders/1/lines", true),
            ("/orders/*/lines", "/orders/lines", false),
            ("/*", "", true),
        ] {
            assert_eq!(fits(mapping, path), expected, "{mapping} {path}");
        }
    }
}
