//! The rows a user has used last: `/recent` and `recentItems` of an sObject.
use super::{Answer, Call, Service};
use crate::{
    assumptions::AssumedError,
    error::{ApiError, ApiResult},
    save::option,
    soql::write_attributes,
    state::{Cell, Row, SObjectType, State, write_json_string},
};
use sf_core::SfId;
use std::{collections::BTreeMap, sync::Arc};

/// Rows that a list holds.
const MOST: usize = 200;
/// `recentItems` of an sObject. [inferred]
const MOST_OF_ONE: usize = 5;
/// REST API guide, "MRU Header": available since this version.
const HEADER_SINCE: u16 = 60;

/// Lists of recently used rows by user, the latest first. In memory: a state file does not keep them.
#[derive(Debug, Default)]
pub(crate) struct Recent {
    lists: BTreeMap<SfId, Vec<SfId>>,
}

impl Recent {
    /// Makes the user's list when there is none: what the user changed last, as far as the rows tell. Must be called before a request changes
    /// rows, or changes that do not count would.
    pub(crate) fn begin(&mut self, user: SfId, state: &State) {
        if self.lists.contains_key(&user) {
            return;
        }
        let mut rows: Vec<(i64, SfId)> = Vec::new();
        // Nobody has used the users: they came with the org.
        for sobject in state.schema().iter().filter(|s| is_listed(s) && s.name != "User") {
            let (Some(by), Some(at)) = (sobject.system.modified_by, sobject.system.modified_date) else {
                continue;
            };
            for row in state.rows(&sobject.name).filter(|row| row.cells[by] == Cell::Id(user)) {
                if let Cell::DateTime(at) = &row.cells[at] {
                    rows.push((at.millis(), row.id));
                }
            }
        }
        rows.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.as_str().cmp(b.1.as_str())));
        rows.truncate(MOST);
        self.lists.insert(user, rows.into_iter().map(|(_, id)| id).collect());
    }

    fn add(&mut self, user: SfId, id: SfId) {
        let list = self.lists.entry(user).or_default();
        list.retain(|known| *known != id);
        list.insert(0, id);
        list.truncate(MOST);
    }
}

/// Describe says so with `mruEnabled`.
fn is_listed(sobject: &SObjectType) -> bool {
    sobject.describe().get("mruEnabled").is_some_and(|flag| *flag == serde_json::Value::Bool(true))
}

fn name_of(sobject: &SObjectType) -> Option<usize> {
    sobject.fields.iter().position(|field| field.name_field)
}

impl Service<'_> {
    /// A row was created, changed or read as one row: it is the user's latest now, unless the request says otherwise.
    pub(super) fn used(&mut self, call: &Call<'_>, id: SfId) {
        let header = call.header("Sforce-Mru").filter(|_| call.version >= HEADER_SINCE);
        let counts = option(header, "updateMru").is_none_or(|value| !value.eq_ignore_ascii_case("false"));
        if let Some(user) = self.inner.state.user().filter(|_| counts) {
            self.inner.recent.begin(user, &self.inner.state);
            self.inner.recent.add(user, id);
        }
    }

    /// The running user's rows that are still there and may be read, the latest first.
    fn recent_rows(&mut self) -> Vec<(Arc<SObjectType>, Arc<Row>)> {
        let Some(user) = self.inner.state.user() else { return Vec::new() };
        self.inner.recent.begin(user, &self.inner.state);
        let ids = self.inner.recent.lists.get(&user).map(Vec::as_slice).unwrap_or_default();
        let found = ids.iter().filter_map(|id| self.inner.state.find(*id));
        let shown = found.filter(|(sobject, row)| {
            !row.is_deleted(sobject)
                && is_listed(sobject)
                && self.inner.rules.object_access(&sobject.name).read
        });
        shown.map(|(sobject, row)| (sobject.clone(), row.clone())).collect()
    }

    /// `GET /recent?limit=n`
    pub(super) fn recent(&mut self, call: &Call<'_>) -> ApiResult<Answer> {
        let most = match call.parameter("limit") {
            Some(text) => text.parse::<usize>().ok().filter(|n| (1..=MOST).contains(n)).ok_or_else(|| {
                let message = format!("limit is a number from 1 to {MOST}");
                ApiError::new(400, "INVALID_PARAMETER", message).assumed(AssumedError::RecentLimit)
            })?,
            None => MOST,
        };
        let rows = self.recent_rows();
        let records: Vec<String> =
            rows.iter().take(most).map(|(sobject, row)| item(call, sobject, row)).collect();
        Ok(Answer::json(200, format!("[{}]", records.join(","))).rows(records.len()))
    }

    /// `recentItems` of an sObject, as a list.
    pub(super) fn recent_of(&mut self, call: &Call<'_>, object: &str) -> String {
        let rows = self.recent_rows();
        let own = rows.iter().filter(|(sobject, _)| sobject.name == object).take(MOST_OF_ONE);
        let records: Vec<String> = own.map(|(sobject, row)| item(call, sobject, row)).collect();
        format!("[{}]", records.join(","))
    }
}

fn item(call: &Call<'_>, sobject: &SObjectType, row: &Row) -> String {
    let mut out = String::from("{");
    write_attributes(sobject, row, call.version, &mut out);
    out.push_str(",\"Id\":");
    write_json_string(row.id.as_str(), &mut out);
    // [inferred]: a row is called by its name field, whatever that is called.
    if let Some(at) = name_of(sobject) {
        out.push_str(",\"Name\":");
        row.cells[at].write_json(&mut out);
    }
    out.push('}');
    out
}
