//! Jobs that load rows: create, upload, close, results.
use super::{
    Asked, OPEN, Wanted, csv_answer,
    failure::Failure,
    job::{Ingest, Job, JobState, Operation, Work},
    load, multipart, no_entity, not_ready, object,
};
use crate::{
    assumptions::AssumedError,
    error::{ApiError, ApiResult},
    json::Json,
    org::Inner,
    rest::{Answer, Call, Service},
    state::SObjectType,
};
use serde_json::Value;
use sf_core::SfId;
use std::sync::Arc;

/// Guide, "Upload Job Data": 150 MB of base64, which is taken to be half as much again as what is sent.
const LARGEST_UPLOAD: usize = 100 << 20;

impl Service<'_> {
    pub(super) fn create_ingest(&mut self, call: &Call<'_>) -> ApiResult<Answer> {
        let parts = multipart::read(call.header("Content-Type").unwrap_or_default(), call.body)?;
        let json = match &parts {
            Some(parts) => Json::parse(parts.job).map_err(ApiError::bad_json)?,
            None => call.json()?,
        };
        let Json::Object(fields) = json else {
            return Err(ApiError::bad_json("The request is not well-formed: a job is an object"));
        };
        let asked = Asked(fields);
        let (wanted, mut ingest) = self.wanted_ingest(&asked)?;
        let mut state = JobState::Open;
        if let Some(parts) = parts {
            ingest.data = Some(Arc::from(parts.content));
            if self.inner.assumptions.bulk.multipart_closes {
                state = JobState::UploadComplete;
            }
        }
        let job = self.new_job(call, wanted, state, Work::Ingest(Box::new(ingest)))?;
        let head = job.head();
        self.inner.bulk.put(job);
        Ok(object(Value::Object(head)))
    }

    fn wanted_ingest(&self, asked: &Asked) -> ApiResult<(Wanted, Ingest)> {
        let operation = asked.operation(&Operation::INGEST)?;
        let name = asked.needed("object")?;
        let sobject = self.inner.state.schema().get(name);
        let sobject = sobject.filter(|sobject| self.inner.rules.object_access(&sobject.name).read);
        let sobject = sobject.ok_or_else(|| no_entity(name))?;
        let dialect = asked.dialect()?;
        if operation == Operation::HardDelete && !self.inner.bulk.settings.hard_delete {
            // That the permission is off by default is documented.
            let message = "hardDelete needs the permission Bulk API Hard Delete";
            let error = ApiError::new(400, "FEATURENOTENABLED", message);
            return Err(error.assumed(AssumedError::HardDelete));
        }
        let mut ingest = Ingest::default();
        if operation == Operation::Upsert {
            let key = asked.needed("externalIdFieldName")?;
            let refused = |message| {
                let error = ApiError::new(400, "INVALIDJOB", format!("InvalidJob : {message}"));
                error.assumed(AssumedError::NoExternalId)
            };
            ingest.external_id = Some(self.inner.external_id(sobject, key).map_err(refused)?);
        }
        ingest.assignment_rule = asked.text("assignmentRuleId").map(str::to_owned);
        Ok((Wanted { operation, object: sobject.name.clone(), dialect }, ingest))
    }

    /// `PUT …/batches`
    pub(super) fn upload(&mut self, call: &Call<'_>, id: SfId) -> ApiResult<Answer> {
        let kind = call.header("Content-Type").unwrap_or_default();
        if !kind.to_ascii_lowercase().contains("csv") {
            let message = format!("Content-Type header specified in HTTP request is not supported: {kind}");
            let error = ApiError::new(415, "UNSUPPORTED_MEDIA_TYPE", message);
            return Err(error.assumed(AssumedError::WrongContentType));
        }
        check_size(call.body.len())?;
        let several = self.inner.assumptions.bulk.second_upload_replaces;
        let job = self.inner.bulk.jobs.get_mut(&id).ok_or_else(ApiError::not_found)?;
        if job.state != JobState::Open {
            let message = format!("Uploading to a job in state {} is not allowed", job.state.name());
            let error = ApiError::new(400, "INVALIDJOBSTATE", message);
            return Err(error.assumed(AssumedError::UploadState));
        }
        let Work::Ingest(ingest) = &mut job.work else { return Err(ApiError::not_found()) };
        if ingest.data.is_some() && !several {
            let message = format!(
                "Found multiple contents for job: <{id}>, please 'Close' / 'Abort' / 'Delete' the current Job then create \
                 a new Job and make sure you only do 'PUT' once on a given Job."
            );
            return Err(ApiError::new(400, "CLIENTINPUTERROR", message));
        }
        ingest.data = Some(Arc::from(call.body));
        Ok(Answer::empty(201))
    }

    pub(super) fn close(&mut self, id: SfId) -> ApiResult<Answer> {
        let now = self.inner.state.now();
        let number = self.inner.log.counters.requests + 1;
        let due = now + self.inner.bulk.step_time();
        let mut job = self.inner.bulk.jobs.remove(&id).ok_or_else(ApiError::not_found)?;
        (job.state, job.modified, job.queued) = (JobState::UploadComplete, now, now);
        (job.due, job.call) = (due, number);
        let head = job.head();
        self.inner.bulk.put(job);
        Ok(object(Value::Object(head)))
    }

    pub(super) fn ingest_results(&mut self, id: SfId, resource: &str) -> ApiResult<Answer> {
        let job = self.job(id)?;
        if !job.state.is_over() {
            return Err(not_ready(job));
        }
        Ok(csv_answer(self.result_file(job, resource)))
    }

    fn result_file(&self, job: &Job, resource: &str) -> String {
        let Work::Ingest(ingest) = &job.work else { return String::new() };
        let is = |name: &str| resource.eq_ignore_ascii_case(name);
        let random = self.inner.bulk.random(job.id, "results");
        match (&ingest.load, &ingest.data) {
            (Some(load), _) if is("successfulResults") => load.successful(job.dialect, random),
            (Some(load), _) if is("failedResults") => load.failed_rows(job.dialect, job.version, random),
            (Some(load), _) => load.unprocessed(job.dialect),
            // Nothing was read: everything is as it came, and the other files have their header row alone.
            (None, Some(data)) if is("unprocessedrecords") => String::from_utf8_lossy(data).into_owned(),
            (None, Some(data)) => {
                let line = data.split(|byte| *byte == b'\n').next().unwrap_or_default();
                let line = String::from_utf8_lossy(line.strip_suffix(b"\r").unwrap_or(line));
                load::head(load::system_columns(is("successfulResults"), job.version), &line, job.dialect)
            }
            (None, None) => String::new(),
        }
    }
}

impl Inner {
    /// The describe name of a field that an upsert can go by, or why it cannot.
    pub(crate) fn external_id(&self, sobject: &SObjectType, key: &str) -> Result<String, String> {
        let at = sobject.position(key).filter(|at| {
            let field = &sobject.fields[*at];
            (field.external_id || field.id_lookup || *at == sobject.system.id)
                && self.rules.is_visible(&sobject.name, &field.name)
        });
        at.map(|at| sobject.fields[at].name.clone()).ok_or_else(|| {
            format!("Field name provided, {key} does not match an External ID for {}", sobject.name)
        })
    }
}

fn check_size(bytes: usize) -> ApiResult<()> {
    if bytes <= LARGEST_UPLOAD {
        return Ok(());
    }
    let message = "The uploaded data is larger than 150 MB of base64 encoded content";
    Err(ApiError::new(400, "EXCEEDED_MAX_SIZE_REQUEST", message).assumed(AssumedError::LargeUpload))
}

/// Why a job fails that was never closed.
pub(super) fn left_open() -> Failure {
    let message = format!("Timeout : The job was open for more than {} hours", OPEN.as_secs() / 3600);
    Failure::assumed(AssumedError::LeftOpen, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_upload_has_at_most_100_megabytes() {
        assert!(check_size(100 << 20).is_ok());
        let error = check_size((100 << 20) + 1).unwrap_err();
        assert_eq!((error.status, error.code.as_ref()), (400, "EXCEEDED_MAX_SIZE_REQUEST"));
    }
}
