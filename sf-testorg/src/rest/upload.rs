//! Rows that bring files: bodies of kind `multipart/form-data` (REST API guide, "Insert or Update Blob Data").
//!
//! One part is JSON with the fields; a part with the name of a blob field has its bytes. In a collection each record names its part in
//! `attributes`: `binaryPartName`, and the field in `binaryPartNameAlias`.
use super::Call;
use crate::{
    assumptions::AssumedError,
    error::{ApiError, ApiResult},
    json::Json,
    multipart::{self, Part},
};
use std::{collections::BTreeMap, sync::Arc};

/// Most bytes of a file: ContentVersion, other sObjects; all files of a collection together.
const LARGEST_VERSION: u64 = 2 << 30;
const LARGEST_OTHER: u64 = 500 << 20;

impl Call<'_> {
    fn is_multipart(&self) -> bool {
        multipart::is_multipart(self.header("Content-Type").unwrap_or_default())
    }

    /// The JSON of the body, or of its part that is JSON, and the other parts.
    fn parts(&self) -> ApiResult<(Json, Vec<Part<'_>>)> {
        if !self.is_multipart() {
            return Ok((self.json()?, Vec::new()));
        }
        let content_type = self.header("Content-Type").unwrap_or_default();
        let parts = multipart::read(content_type, self.body)
            .map_err(|what| unclear(format!("The multipart message is not well-formed: {what}")))?;
        let (mut fields, files): (Vec<_>, Vec<_>) = parts.into_iter().partition(is_fields);
        let part =
            fields.pop().ok_or_else(|| malformed("Multipart message must include a non-binary part"))?;
        if !fields.is_empty() {
            return Err(malformed("Cannot include more than one non-binary part"));
        }
        if let Some(kind) = part.content_type.filter(|kind| !kind.eq_ignore_ascii_case("application/json")) {
            // Salesforce also takes XML here, which this org does not read.
            let message = format!("MediaType of '{kind}' is not supported by this resource");
            return Err(ApiError::new(415, "UNSUPPORTED_MEDIA_TYPE", message));
        }
        Ok((Json::parse(part.data).map_err(ApiError::bad_json)?, files))
    }

    /// The fields of one row, with its file if it has one.
    pub(super) fn row_with_file(&self, object: &str, largest: Option<u64>) -> ApiResult<Json> {
        let (mut json, files) = self.parts()?;
        if files.len() > 1 {
            return Err(malformed("Cannot include more than one binary part"));
        }
        let version = object.eq_ignore_ascii_case("ContentVersion");
        let largest = largest.unwrap_or(if version { LARGEST_VERSION } else { LARGEST_OTHER });
        check_size(&files, largest)?;
        if let (Json::Object(fields), Some(file)) = (&mut json, files.first()) {
            let name = file.name.ok_or_else(|| unclear("A binary part has no name"))?;
            fields.push((name.to_owned(), Json::Bytes(file.data.into())));
        }
        Ok(json)
    }

    /// A collection's JSON, its records with their files. Records beyond `most` get none: they are refused.
    pub(super) fn records_with_files(&self, largest: Option<u64>, most: usize) -> ApiResult<Json> {
        let (mut json, files) = self.parts()?;
        check_size(&files, largest.unwrap_or(LARGEST_OTHER))?;
        if files.is_empty() {
            return Ok(json);
        }
        // Records may share a file: its bytes are there once.
        let mut named: BTreeMap<&str, Arc<[u8]>> = BTreeMap::new();
        for file in &files {
            named.entry(file.name.unwrap_or_default()).or_insert_with(|| file.data.into());
        }
        if let Json::Object(entries) = &mut json
            && let Some((_, Json::Array(records))) = entries.iter_mut().find(|(key, _)| key == "records")
        {
            for record in records.iter_mut().take(most) {
                attach(record, &named)?;
            }
        }
        Ok(json)
    }
}

/// The part with the fields is of a kind for data and has no file name; with one it is a file that happens to be JSON.
fn is_fields(part: &Part<'_>) -> bool {
    let kind = part.content_type.unwrap_or_default().to_ascii_lowercase();
    part.file_name.is_none() && matches!(kind.as_str(), "application/json" | "application/xml" | "text/xml")
}

fn attach(record: &mut Json, files: &BTreeMap<&str, Arc<[u8]>>) -> ApiResult<()> {
    let attribute = |record: &Json, name: &str| {
        record.get("attributes").and_then(|a| a.get(name)).and_then(Json::text).map(str::to_owned)
    };
    let Some(part) = attribute(record, "binaryPartName") else { return Ok(()) };
    let field = attribute(record, "binaryPartNameAlias")
        .ok_or_else(|| unclear(format!("binaryPartNameAlias is missing for the binary part {part}")))?;
    let file =
        files.get(part.as_str()).ok_or_else(|| unclear(format!("The binary part {part} is missing")))?;
    if let Json::Object(fields) = record {
        fields.push((field, Json::Bytes(file.clone())));
    }
    Ok(())
}

fn check_size(files: &[Part<'_>], largest: u64) -> ApiResult<()> {
    let size: u64 = files.iter().map(|file| file.data.len() as u64).sum();
    if size <= largest {
        return Ok(());
    }
    let message = format!("The file is too large: {size} bytes where {largest} are allowed");
    Err(ApiError::new(400, "FILE_SIZE_LIMIT_EXCEEDED", message).assumed(AssumedError::LargeFile))
}

/// In words that nobody has reported.
fn unclear(message: impl Into<String>) -> ApiError {
    malformed(message).assumed(AssumedError::MalformedFiles)
}

fn malformed(message: impl Into<String>) -> ApiError {
    ApiError::new(400, "INVALID_MULTIPART_REQUEST", message)
}
