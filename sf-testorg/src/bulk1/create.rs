//! `POST job`: what a new job is asked to be.
use super::{
    Call, Format, Job, JobState,
    chunk::Chunking,
    format::{invalid, unsupported},
};
use crate::{
    AssumedError,
    bulk::{OPEN, job::Operation},
    error::{ApiError, ApiResult},
    json::Json,
    org::Inner,
    rest::Answer,
    xml,
};

/// The fields of a `jobInfo` that was sent.
pub(super) struct Asked(Vec<(String, String)>);

impl Asked {
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, value)| value.as_str())
            .filter(|text| !text.is_empty())
    }
    fn needed(&self, name: &str) -> ApiResult<&str> {
        self.text(name).ok_or_else(|| {
            invalid("InvalidJob", format!("{name} is not specified")).assumed(AssumedError::MissingJobField)
        })
    }
    fn unknown(&self, name: &str) -> ApiError {
        let value = self.text(name).unwrap_or_default();
        let message = format!("Unable to parse Job: {value} is not a valid {name}");
        invalid("InvalidJob", message).assumed(AssumedError::UnknownJobValue)
    }
}

/// Guide, "JobInfo": these cannot be set.
const READ_ONLY: [&str; 4] = ["createdById", "createdDate", "systemModstamp", "apiVersion"];

/// A job as the body has it, and in which format. Without a Content-Type it is read as XML.
pub(super) fn read(call: &Call<'_>) -> ApiResult<(Format, Asked)> {
    let body = &call.request.body;
    let format = match call.format()? {
        Some(Format::Json) => Format::Json,
        Some(Format::Xml) | None => Format::Xml,
        Some(Format::Csv) => return Err(unsupported("text/csv")),
    };
    let fields: Vec<(String, String)> = if format == Format::Json {
        let problem = |problem: String| {
            invalid("ClientInputError", format!("Unable to parse Job: {problem}"))
                .assumed(AssumedError::ClassicJson)
        };
        let Json::Object(fields) = Json::parse(body).map_err(problem)? else {
            return Err(problem("a job is an object".to_owned()));
        };
        fields.into_iter().filter_map(|(name, value)| Some((name, plain(&value)?))).collect()
    } else {
        let problem = |problem: String| {
            invalid("InvalidXml", format!("Unable to parse Job: {problem}")).assumed(AssumedError::ClassicXml)
        };
        let root = xml::read(body).map_err(problem)?;
        if root.name != "jobInfo" {
            return Err(problem(format!("a jobInfo was expected, not {}", root.name)));
        }
        root.children.into_iter().map(|child| (child.name, child.text.trim().to_owned())).collect()
    };
    if let Some((name, _)) = fields.iter().find(|(name, _)| READ_ONLY.contains(&name.as_str())) {
        let (first, rest) = name.split_at(1);
        return Err(invalid(
            "InvalidJob",
            format!("{}{rest} cannot be specified", first.to_ascii_uppercase()),
        ));
    }
    Ok((format, Asked(fields)))
}

fn plain(value: &Json) -> Option<String> {
    match value {
        Json::Null => None,
        Json::Text(text) => Some(text.clone()),
        other => {
            let mut text = String::new();
            other.write(&mut text);
            Some(text)
        }
    }
}

impl Inner {
    pub(super) fn create_classic(&mut self, call: &Call<'_>) -> ApiResult<Answer> {
        let (format, asked) = read(call)?;
        let mut job = self.wanted_classic(call, &asked)?;
        job.chunking = match call.request.find_header("Sforce-Enable-PKChunking") {
            Some(value) if job.is_query() => Chunking::read(value, &job.object)?,
            _ => None,
        };
        let location = format!("/services/async/{}.0/job/{}", call.version, job.id);
        let answer = job.info().answer(201, format).header("Location", location);
        self.classic.agenda.insert((call.now + OPEN, job.id, None));
        self.classic.jobs.insert(job.id, job);
        Ok(answer)
    }

    fn wanted_classic(&mut self, call: &Call<'_>, asked: &Asked) -> ApiResult<Job> {
        let name = asked.needed("operation")?;
        let mut operations = Operation::INGEST.into_iter().chain(Operation::QUERY);
        let operation = operations.find(|o| o.name() == name).ok_or_else(|| asked.unknown("operation"))?;
        let object = asked.needed("object")?;
        let readable = |name: &str| self.rules.object_access(name).read;
        let sobject = self.state.schema().get(object).filter(|sobject| readable(&sobject.name)).cloned();
        let sobject =
            sobject.ok_or_else(|| invalid("InvalidJob", format!("Unable to find object: {object}")))?;
        // simple-salesforce sends the place in the enumeration.
        let is_serial = match asked.text("concurrencyMode") {
            None | Some("Parallel" | "0") => false,
            Some("Serial" | "1") => true,
            Some(_) => return Err(asked.unknown("concurrencyMode")),
        };
        let format = match asked.text("contentType") {
            None => Format::Xml,
            Some("ZIP_CSV" | "ZIP_JSON" | "ZIP_XML") => {
                let message = "Batches with binary attachments are not simulated by this org";
                return Err(invalid("FeatureNotEnabled", message));
            }
            Some(name) => Format::parse(name).ok_or_else(|| asked.unknown("contentType"))?,
        };
        if operation == Operation::HardDelete && !self.bulk.settings.hard_delete {
            // That the permission is off by default is documented.
            let message = "hardDelete needs the permission Bulk API Hard Delete";
            return Err(invalid("FeatureNotEnabled", message).assumed(AssumedError::HardDelete));
        }
        let external_id = if operation == Operation::Upsert {
            let key = asked.needed("externalIdFieldName")?;
            Some(self.external_id(&sobject, key).map_err(|message| invalid("InvalidJob", message))?)
        } else {
            None
        };
        let id = self.state.next_id_of("750");
        let id = id.ok_or_else(|| ApiError::new(500, "UNKNOWN_EXCEPTION", "no id for the job"))?;
        Ok(Job {
            id,
            operation,
            object: sobject.name.clone(),
            user: Some(call.user),
            version: call.version,
            state: JobState::Open,
            external_id,
            is_serial,
            format,
            assignment_rule: asked.text("assignmentRuleId").map(str::to_owned),
            chunking: None,
            created: call.now,
            modified: call.now,
            batches: Vec::new(),
        })
    }
}
