//! What the org refuses of files.
use super::{NONE, Saver};
use crate::{
    assumptions::AssumedError,
    error::{ApiError, ApiResult},
    state::{Cell, Row, SObjectType},
};

/// Lookups to any record that can have files, of custom objects too.
pub(super) fn takes_any_record(sobject: &SObjectType, field: &str) -> bool {
    matches!(
        (sobject.name.as_str(), field),
        ("ContentVersion", "FirstPublishLocationId")
            | ("ContentDocumentLink", "LinkedEntityId")
            | ("Attachment", "ParentId")
    )
}

impl Saver<'_> {
    pub(super) fn check_file(
        &self,
        sobject: &SObjectType,
        before: Option<&Row>,
        cells: &[Cell],
        given: &[usize],
    ) -> ApiResult<()> {
        let of = |field: &str| sobject.position(field).map_or(&Cell::Null, |at| &cells[at]);
        let is_given = |field: &str| {
            sobject.position(field).is_some_and(|at| given.contains(&at) && !cells[at].is_null())
        };
        match (sobject.name.as_str(), before) {
            ("ContentVersion", None) => {
                if of("VersionData").is_null() && self.state.assumptions.objects.file_needs_content {
                    let message = "Required fields are missing: [VersionData]";
                    return Err(ApiError::row("REQUIRED_FIELD_MISSING", message, ["VersionData"]));
                }
                // Object Reference: it "can't be set to another ID when a new content version is inserted".
                if is_given("ContentDocumentId") && is_given("FirstPublishLocationId") {
                    let message = "First Publish Location ID: cannot be set for a new version of a document";
                    let error = integrity(message, "FirstPublishLocationId");
                    return Err(error.assumed(AssumedError::PlaceOfVersion));
                }
                Ok(())
            }
            // Object Reference: "You can only update a version if it is the latest version".
            ("ContentVersion", Some(_)) if *of("IsLatest") == Cell::Bool(false) => {
                let error = integrity("Only the latest version of a document can be changed", "IsLatest");
                Err(error.assumed(AssumedError::OldVersion))
            }
            ("ContentDocumentLink", None) => self.check_link(sobject, cells),
            // Object Reference, "Document": a URL or a body.
            ("Document", _) if of("Body").is_null() && of("Url").is_null() => {
                Err(ApiError::row("REQUIRED_FIELD_MISSING", "Required fields are missing: [Body]", ["Body"]))
            }
            ("Document", _) if !of("Body").is_null() && !of("Url").is_null() => {
                let error = integrity("Document: specify either a URL or a body, not both", "Url");
                Err(error.assumed(AssumedError::UrlAndBody))
            }
            _ => Ok(()),
        }
    }

    /// A document is linked with a record once.
    fn check_link(&self, sobject: &SObjectType, cells: &[Cell]) -> ApiResult<()> {
        let at = |field: &str| sobject.position(field);
        let (Some(document), Some(entity)) = (at("ContentDocumentId"), at("LinkedEntityId")) else {
            return Ok(());
        };
        let linked = self.with_value(sobject, document, &cells[document]);
        let is_there = |id: &sf_core::SfId| {
            self.state.find(*id).is_some_and(|(_, row)| row.cells[entity] == cells[entity])
        };
        if !linked.iter().any(is_there) {
            return Ok(());
        }
        let id = |at: usize| cells[at].as_text().unwrap_or_default().to_owned();
        let message = format!(
            "Document with ID: {} is already linked with the entity with ID: {}",
            id(document),
            id(entity)
        );
        Err(ApiError::row("FIELD_INTEGRITY_EXCEPTION", message, NONE))
    }
}

fn integrity(message: &str, field: &str) -> ApiError {
    ApiError::row("FIELD_INTEGRITY_EXCEPTION", message, [field])
}
