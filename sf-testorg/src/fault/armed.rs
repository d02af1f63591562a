//! The faults that are armed, and what they are matched against.
use super::{Effect, Fault, On};
use crate::{
    Method,
    error::{ApiError, ApiResult},
};
use sf_core::SfId;

/// What a request looks like to a fault.
pub(crate) struct Facts<'a> {
    pub(crate) call: u64,
    pub(crate) operations: &'a [&'static str],
    pub(crate) method: Method,
    /// Without its query.
    pub(crate) path: &'a str,
    pub(crate) text: &'a str,
}

/// The request that row faults are matched against.
#[derive(Debug, Clone, Default)]
pub(crate) struct Context {
    pub(crate) call: u64,
    pub(crate) operations: Vec<&'static str>,
    /// Method and path.
    pub(crate) route: (Option<Method>, String),
}

/// The faults that are still armed, and the chance of a seed.
#[derive(Debug, Clone)]
pub(crate) struct Faults {
    armed: Vec<Fault>,
    chance: u64,
    /// The request being answered.
    context: Context,
}
impl Faults {
    pub(crate) fn new(seed: u64) -> Faults {
        Faults { armed: Vec::new(), chance: seed ^ 0x9e37_79b9_7f4a_7c15, context: Context::default() }
    }
    pub(crate) fn inject(&mut self, fault: Fault) {
        self.armed.push(fault);
    }
    pub(crate) fn armed(&self) -> &[Fault] {
        &self.armed
    }
    pub(crate) fn clear(&mut self) {
        self.armed.clear();
    }

    /// Row faults are matched against this request from now on; gives the one before.
    pub(crate) fn answering(&mut self, context: Context) -> Context {
        std::mem::replace(&mut self.context, context)
    }

    /// What happens to this request as a whole.
    pub(crate) fn hit(&mut self, facts: &Facts<'_>) -> Vec<Effect> {
        if self.armed.is_empty() {
            return Vec::new();
        }
        self.context = Context {
            call: facts.call,
            operations: facts.operations.to_vec(),
            route: (Some(facts.method), facts.path.to_owned()),
        };
        let mut effects = Vec::new();
        let mut armed = std::mem::take(&mut self.armed);
        for fault in &mut armed {
            if !fault.effect.is_of_rows() && self.request_matches(&fault.on, facts) && take(fault) {
                effects.push(fault.effect.clone());
            }
        }
        armed.retain(|f| f.times > 0);
        self.armed = armed;
        effects
    }
    fn request_matches(&mut self, on: &On, facts: &Facts<'_>) -> bool {
        match on {
            On::Any => true,
            On::Call(n) => *n == facts.call,
            On::Operation(name) => is_operation(facts.operations, name),
            On::Rows(ids) => ids.iter().any(|id| facts.text.contains(&id.as_str()[..15])),
            On::Object(name) => names(facts.text, name.as_str()),
            On::Route(pattern) => is_route(pattern, Some(facts.method), facts.path),
            On::Chance { per_mille } => self.draw() < u64::from(*per_mille),
            On::All(all) => all.iter().all(|on| self.request_matches(on, facts)),
        }
    }

    /// The error of a row fault that hits this row.
    pub(crate) fn row_error(&mut self, object: &str, id: Option<SfId>) -> ApiResult<()> {
        if self.armed.is_empty() {
            return Ok(());
        }
        let mut armed = std::mem::take(&mut self.armed);
        let mut error = None;
        for fault in &mut armed {
            let made = match &fault.effect {
                Effect::RowLock => {
                    let message = "unable to obtain exclusive access to this record";
                    ApiError::row("UNABLE_TO_LOCK_ROW", message, crate::save::NONE)
                }
                Effect::RowError(code, message) => {
                    let error = ApiError::row("", message.clone(), crate::save::NONE);
                    ApiError { code: code.clone(), ..error }
                }
                _ => continue,
            };
            if error.is_none() && self.row_matches(&fault.on, object, id) && take(fault) {
                error = Some(made);
            }
        }
        armed.retain(|f| f.times > 0);
        self.armed = armed;
        error.map_or(Ok(()), Err)
    }
    fn row_matches(&mut self, on: &On, object: &str, id: Option<SfId>) -> bool {
        match on {
            On::Any => true,
            On::Call(n) => *n == self.context.call,
            On::Operation(name) => is_operation(&self.context.operations, name),
            On::Rows(ids) => id.is_some_and(|id| ids.contains(&id)),
            On::Object(name) => name.as_str().eq_ignore_ascii_case(object),
            On::Route(pattern) => is_route(pattern, self.context.route.0, &self.context.route.1),
            On::Chance { per_mille } => self.draw() < u64::from(*per_mille),
            On::All(all) => all.iter().all(|on| self.row_matches(on, object, id)),
        }
    }
    /// 0 to 999, from the seed (SplitMix64).
    fn draw(&mut self) -> u64 {
        self.chance = self.chance.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.chance;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % 1000
    }
}

/// Counts one match; true when it hits.
fn take(fault: &mut Fault) -> bool {
    if fault.skip > 0 {
        fault.skip -= 1;
        return false;
    }
    let hits = fault.times > 0;
    fault.times = fault.times.saturating_sub(1);
    hits
}

fn is_operation(operations: &[&str], name: &str) -> bool {
    let is_write = |o: &&str| {
        matches!(*o, "insert" | "update" | "upsert" | "delete" | "undelete" | "merge" | "convert_lead")
    };
    operations.contains(&name) || (name == "write" && operations.iter().any(is_write))
}

/// Whether the text holds the word.
fn names(text: &str, word: &str) -> bool {
    let (hay, needle) = (text.to_ascii_lowercase(), word.to_ascii_lowercase());
    let is_name = |b: Option<&u8>| b.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_');
    hay.match_indices(&needle).any(|(at, _)| {
        let bytes = hay.as_bytes();
        // A percent escape (`%20Account`) ends in a hex digit and is no part of a name.
        let escaped = at >= 3 && bytes[at - 3] == b'%';
        (escaped || !is_name(at.checked_sub(1).and_then(|i| bytes.get(i))))
            && !is_name(bytes.get(at + needle.len()))
    })
}

/// Whether method and path are those of the pattern: `[METHOD ]/a/*/b/**`.
fn is_route(pattern: &str, method: Option<Method>, path: &str) -> bool {
    let (wanted, pattern) = match pattern.trim().split_once(' ') {
        Some((method, pattern)) => (Some(method), pattern.trim()),
        None => (None, pattern.trim()),
    };
    if wanted.is_some_and(|wanted| !method.is_some_and(|m| m.as_str().eq_ignore_ascii_case(wanted))) {
        return false;
    }
    let mut segments = path.trim_matches('/').split('/');
    for part in pattern.trim_matches('/').split('/') {
        match (part, segments.next()) {
            ("**", _) => return true,
            ("*", Some(segment)) if !segment.is_empty() => {}
            (part, Some(segment)) if part.eq_ignore_ascii_case(segment) => {}
            _ => return false,
        }
    }
    segments.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routes_match_by_segments() {
        let get = Some(Method::Get);
        for (pattern, path, matches) in [
            ("/services/data/*/query", "/services/data/v66.0/query", true),
            ("/services/data/*/query", "/services/data/v66.0/query/01g", false),
            ("/services/data/*/query", "/services/data/query", false),
            ("/services/data/*/query/**", "/services/data/v66.0/query/01g", true),
            ("/services/**", "/services", true),
            ("GET /services/data/", "/services/data", true),
            ("get /Services/Data", "/services/data", true),
            ("POST /services/data", "/services/data", false),
            ("/**", "/", true),
            ("/*", "/", false),
        ] {
            assert_eq!(is_route(pattern, get, path), matches, "{pattern} {path}");
        }
        assert!(!is_route("GET /a", None, "/a") && is_route("/a", None, "/a"));
    }
}
