//! The direct door: what tests say to an org, without requests. Nothing here is an API call or in the log.
use crate::{
    Counters, Fault, LoggedCall, Saving, TestOrg,
    error::ApiError,
    json::Json,
    rest::Service,
    save::{FieldAccess, SaveOptions, Upserted, value_json},
    state::{Row, SObjectType},
};
use sf_core::{Error, ErrorCode, Failure, FieldName, Fields, ObjectName, Record, Result, SfId, Value, Write};
use std::{sync::Arc, time::Duration};

impl TestOrg {
    /// A live row with all its fields, nulls included; `None` when there is none or it was deleted.
    pub fn row(&self, id: SfId) -> Option<Record> {
        let inner = self.lock();
        let (sobject, row) = inner.state.find(id)?;
        (!row.is_deleted(sobject)).then(|| record(sobject, row))
    }

    /// All live rows of an sObject, in the order of creation.
    pub fn rows(&self, object: &ObjectName) -> Vec<Record> {
        let inner = self.lock();
        let Some(sobject) = inner.state.schema().get(object.as_str()) else { return Vec::new() };
        let rows = inner.state.rows(&sobject.name).filter(|r| !r.is_deleted(sobject));
        rows.map(|row| record(sobject, row)).collect()
    }

    /// One value of a row, deleted or not; null when there is no such row or field.
    pub fn value(&self, id: SfId, field: &str) -> Value {
        let inner = self.lock();
        let Some((sobject, row)) = inner.state.find(id) else { return Value::Null };
        sobject.position(field).map_or(Value::Null, |at| row.cells[at].to_value())
    }

    /// What a person does in the org's own UI: saved under the same rules as a request, at the org's time.
    ///
    /// # Errors
    /// The org refuses it; the failure has the org's code and words.
    ///
    /// ```
    /// use sf_core::{Fields, Write, field, object};
    /// use sf_testorg::TestOrg;
    ///
    /// let org = TestOrg::empty();
    /// let fields = Fields::new().set(field!("Name"), "Acme");
    /// let id = org.apply(Write::Insert { object: object!("Account"), fields }).unwrap();
    /// assert_eq!(org.value(id, "Name").as_str(), Some("Acme"));
    ///
    /// let nameless = Write::Insert { object: object!("Account"), fields: Fields::new() };
    /// let error = org.apply(nameless).unwrap_err();
    /// assert_eq!(error.to_string(), "REQUIRED_FIELD_MISSING: Required fields are missing: [Name]");
    /// ```
    pub fn apply(&self, write: Write) -> Result<SfId> {
        self.apply_by(None, write)
    }

    /// As [`TestOrg::apply`], by another user: the row's audit fields and default owner are theirs.
    ///
    /// # Errors
    /// As [`TestOrg::apply`]; or there is no such user.
    pub fn apply_as(&self, user: SfId, write: Write) -> Result<SfId> {
        self.apply_by(Some(user), write)
    }

    fn apply_by(&self, user: Option<SfId>, write: Write) -> Result<SfId> {
        self.act_as(user, |service| save(service, write))
    }

    /// What a user (else the API user) does in the org's own UI: one transaction under the rules, without faults.
    pub(crate) fn act_as<R>(
        &self,
        user: Option<SfId>,
        act: impl FnOnce(&mut Service<'_>) -> std::result::Result<R, ApiError>,
    ) -> Result<R> {
        let now = self.now();
        let mut inner = self.lock();
        inner.commit_late(now);
        inner.state.set_now(now);
        let api_user = inner.state.user();
        if let Some(user) = user {
            if inner.state.find(user).is_none_or(|(sobject, _)| sobject.name != "User") {
                return Err(Failure::invalid_input(format!("there is no user {user}")).into());
            }
            inner.run_as(user);
            inner.changes.source.user = Some(user);
        } else if let Some(user) = api_user {
            inner.run_as(user);
        }
        inner.options = SaveOptions::of_person();
        let start = inner.state.start_of_transaction();
        // Faults are for requests.
        let faults = std::mem::replace(&mut inner.faults, crate::fault::Faults::new(0));
        let result = act(&mut Service { inner: &mut inner });
        inner.faults = faults;
        inner.options = SaveOptions::default();
        if let Some(api_user) = api_user {
            inner.run_as(api_user);
        }
        match result {
            Ok(done) => {
                let committed = inner.commit();
                inner.changes.source = crate::changes::Source::default();
                committed
                    .map_err(|e| Failure::invalid_input(format!("the change could not be kept: {e}")))?;
                Ok(done)
            }
            Err(e) => {
                inner.state.rollback_to(start);
                inner.changes.source = crate::changes::Source::default();
                Err(refused(inner.assumptions.worded(e)))
            }
        }
    }

    /// Opens or closes a picklist value, as an administrator does in Setup. Rows that hold it keep it; describe
    /// changes.
    ///
    /// # Errors
    /// Unknown sObject or field.
    pub fn set_picklist_active(
        &self,
        object: &ObjectName,
        field: &FieldName,
        value: &str,
        active: bool,
    ) -> Result<()> {
        let changed = self
            .transact(|state| state.set_picklist_active(object.as_str(), field.as_str(), value, active))
            .map_err(|e| Failure::invalid_input(format!("the change could not be kept: {e}")))?;
        changed.map_err(|e| Failure::invalid_input(e.to_string()).into())
    }

    /// Sets what the API user may do with a field, as field-level security does. Not kept in a state file.
    pub fn set_field_access(&self, object: &ObjectName, field: &FieldName, access: FieldAccess) {
        let now = self.now();
        let mut inner = self.lock();
        inner.state.set_now(now);
        inner.set_field_access(object.as_str(), field.as_str(), access);
    }

    /// Runs `trigger` on every row of an sObject that is saved from now on, by requests and by [`TestOrg::apply`],
    /// before the checks. Not kept in a state file.
    pub fn on_save(&self, object: ObjectName, trigger: impl Fn(&mut Saving<'_>) + Send + Sync + 'static) {
        let key = object.as_str().to_ascii_lowercase();
        self.lock().rules.triggers.entry(key).or_default().push(Arc::new(trigger));
    }

    /// Arms a fault.
    pub fn inject(&self, fault: Fault) {
        self.lock().faults.inject(fault);
    }
    /// Faults that are still armed.
    pub fn faults(&self) -> Vec<Fault> {
        self.lock().faults.armed().to_vec()
    }
    /// Disarms all faults.
    pub fn clear_faults(&self) {
        self.lock().faults.clear();
    }

    /// The request log: every request since the start or the last [`TestOrg::clear_calls`], oldest first. Bounded:
    /// of more than 20,000 requests or 32 MB the oldest are gone, the counters keep counting.
    pub fn calls(&self) -> Vec<LoggedCall> {
        self.lock().log.calls()
    }
    /// Sums over all requests.
    pub fn counters(&self) -> Counters {
        self.lock().log.counters.clone()
    }
    /// Empties the request log and its counters. The daily API usage stays.
    pub fn clear_calls(&self) {
        self.lock().log.clear();
    }
    /// How often rows were saved, by requests and directly, and with what.
    pub fn saves(&self) -> Vec<crate::state::Save> {
        self.lock().state.saves().cloned().collect()
    }

    /// How this org behaves where nothing is documented.
    pub fn assumptions(&self) -> crate::Assumptions {
        self.lock().assumptions.clone()
    }
    /// Every answer takes this long from now on.
    pub fn latency(&self, latency: Duration) {
        self.lock().latency = latency;
    }
    /// The most rows a page of a query has from now on (Salesforce: 2,000, or what the client asks for from 200 up).
    pub fn page_size(&self, rows: usize) {
        self.lock().page_size = Some(rows.max(1));
    }
    /// The API requests allowed in 24 hours (default 100,000); beyond, requests get `REQUEST_LIMIT_EXCEEDED`.
    pub fn daily_api_requests(&self, requests: u64) {
        self.lock().daily_api_requests = requests;
    }
    /// The most bytes of a file that comes by multipart, instead of Salesforce's 2 GB of a ContentVersion and 500 MB of others, so that a
    /// test can meet the limit.
    pub fn largest_upload(&self, bytes: u64) {
        self.lock().largest_upload = Some(bytes);
    }
    /// Installs a package: `InstalledSubscriberPackage` of the Tooling API has it. Gives its id. Not kept in a state file; see
    /// [`crate::Builder::installed_package`] for an org that begins with it.
    ///
    /// # Errors
    /// None that a caller could bring about.
    pub fn install_package(&self, package: &crate::InstalledPackage) -> Result<SfId> {
        self.lock().tooling.install(package)
    }
    /// The URL the org gives as its own, in tokens and identities: what a server listens on.
    pub fn set_instance_url(&self, url: impl Into<String>) {
        self.lock().oauth.instance_url = url.into();
    }
    /// The newest bearer token of the API user that works now; empty after [`crate::Effect::EndSession`] until somebody has signed in again.
    pub fn access_token(&self) -> String {
        let now = self.now();
        self.lock().oauth.token(now).unwrap_or_default().to_owned()
    }
}

impl crate::org::Inner {
    pub(crate) fn set_field_access(&mut self, object: &str, field: &str, access: FieldAccess) {
        let key = (object.to_ascii_lowercase(), field.to_ascii_lowercase());
        self.rules.access.insert(key, access);
        self.state.touch_schema(object);
    }
}

pub(crate) fn record(sobject: &SObjectType, row: &Row) -> Record {
    let named = sobject.fields.iter().zip(&row.cells).filter(|(field, _)| field.name != "Id");
    let values = named.filter_map(|(field, cell)| Some((FieldName::new(&field.name).ok()?, cell.to_value())));
    let fields: Fields = values.collect();
    let object = ObjectName::new(&sobject.name).unwrap_or_else(|_| sf_core::object!("Unknown"));
    let mut record = Record::new(object).with_id(row.id);
    record.fields = fields;
    record
}

pub(crate) fn save(service: &mut Service<'_>, write: Write) -> std::result::Result<SfId, ApiError> {
    let json = |fields: &Fields| -> Vec<(String, Json)> {
        fields.iter().map(|(name, value)| (name.as_str().to_owned(), value_json(value))).collect()
    };
    match write {
        Write::Insert { object, fields } => service.saver().insert(object.as_str(), &json(&fields)),
        Write::Update { object, id, fields, .. } => {
            service.saver().update(object.as_str(), id, &json(&fields)).map(|()| id)
        }
        Write::Upsert { object, key, fields } => {
            let value = fields.get(&key).map_or(Json::Null, value_json);
            match service.saver().upsert(object.as_str(), key.as_str(), &value, &json(&fields))? {
                Upserted::Done { id, .. } => Ok(id),
                Upserted::Several(ids) => {
                    let message = format!("{key} matches {} records", ids.len());
                    Err(ApiError::new(300, "DUPLICATE_EXTERNAL_ID", message))
                }
            }
        }
        Write::Delete { id } => service.saver().delete(id).map(|()| id),
        _ => Err(ApiError::new(400, "INVALID_OPERATION", "this org does not know this kind of write")),
    }
}

fn refused(error: ApiError) -> Error {
    let code = ErrorCode::from(error.code.as_ref());
    let fields = error.fields.unwrap_or_default();
    Failure::of_code(code, error.message).with_status(error.status).with_fields(fields).into()
}
