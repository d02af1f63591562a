use crate::{SfId, Timestamp, sobject};

sobject! {
    /// A version of a file (Salesforce Files). Its bytes go and come by [`Org::files`](crate::Org::files).
    ///
    /// A new one makes a ContentDocument of its own, unless `content_document_id` says of which document it is the next
    /// version.
    pub struct ContentVersion: "ContentVersion" {
        /// Of which document this is a version; for a new document it stays absent.
        content_document_id / CONTENT_DOCUMENT_ID: SfId = "ContentDocumentId" create_only,
        /// Without one the file's name, without its extension.
        title / TITLE: String = "Title",
        /// The name of the file with its extension, which tells the type. A folder in front is kept as it is.
        path_on_client / PATH_ON_CLIENT: String = "PathOnClient" create_only,
        description / DESCRIPTION: String = "Description",
        /// The record, user or library where the document is first shared; not for a further version.
        first_publish_location_id / FIRST_PUBLISH_LOCATION_ID: SfId = "FirstPublishLocationId" create_only,
        reason_for_change / REASON_FOR_CHANGE: String = "ReasonForChange",
        is_latest / IS_LATEST: bool = "IsLatest" system,
        version_number / VERSION_NUMBER: String = "VersionNumber" system,
        file_type / FILE_TYPE: String = "FileType" system,
        file_extension / FILE_EXTENSION: String = "FileExtension" system,
        /// In bytes.
        content_size / CONTENT_SIZE: i64 = "ContentSize" system,
        /// MD5 of the bytes, in hexadecimal.
        checksum / CHECKSUM: String = "Checksum" system,
        owner_id / OWNER_ID: SfId = "OwnerId",
        is_deleted / IS_DELETED: bool = "IsDeleted" system,
        created_date / CREATED_DATE: Timestamp = "CreatedDate" system,
        created_by_id / CREATED_BY_ID: SfId = "CreatedById" system,
        system_modstamp / SYSTEM_MODSTAMP: Timestamp = "SystemModstamp" system,
    }
}
