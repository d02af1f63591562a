use crate::{SfId, Timestamp, picklist, sobject};

sobject! {
    /// An e-mail, of a case (`ParentId`) or of another row (`RelatedToId`).
    ///
    /// Bodies and headers cannot be filtered. Sent mail can hardly be changed: its status from New to Read, and its related row when
    /// `IsClientManaged` is true. The lists of recipient ids (`ToIds`, `CcIds`, `BccIds`) are not fields of a query; put them in
    /// `extra` of a row to insert. Fields of e-mail tracking, which not every org has, are in `extra` too.
    pub struct EmailMessage: "EmailMessage" {
        parent_id / PARENT_ID: SfId = "ParentId" create_only,
        activity_id / ACTIVITY_ID: SfId = "ActivityId" create_only,
        created_by_id / CREATED_BY_ID: SfId = "CreatedById" system,
        created_date / CREATED_DATE: Timestamp = "CreatedDate" system,
        last_modified_date / LAST_MODIFIED_DATE: Timestamp = "LastModifiedDate" system,
        last_modified_by_id / LAST_MODIFIED_BY_ID: SfId = "LastModifiedById" system,
        system_modstamp / SYSTEM_MODSTAMP: Timestamp = "SystemModstamp" system,
        text_body / TEXT_BODY: String = "TextBody" long_text,
        html_body / HTML_BODY: String = "HtmlBody" long_text,
        headers / HEADERS: String = "Headers" long_text,
        subject / SUBJECT: String = "Subject",
        /// The subject, at most 255 characters of it.
        name / NAME: String = "Name" system,
        from_name / FROM_NAME: String = "FromName",
        from_address / FROM_ADDRESS: String = "FromAddress",
        /// Addresses separated by `; `.
        to_address / TO_ADDRESS: String = "ToAddress",
        /// Addresses separated by `; `.
        cc_address / CC_ADDRESS: String = "CcAddress",
        /// Addresses separated by `; `.
        bcc_address / BCC_ADDRESS: String = "BccAddress",
        /// Received, not sent.
        incoming / INCOMING: bool = "Incoming" create_only,
        has_attachment / HAS_ATTACHMENT: bool = "HasAttachment" system,
        status / STATUS: EmailMessageStatus = "Status",
        message_date / MESSAGE_DATE: Timestamp = "MessageDate",
        is_deleted / IS_DELETED: bool = "IsDeleted" system,
        reply_to_email_message_id / REPLY_TO_EMAIL_MESSAGE_ID: SfId = "ReplyToEmailMessageId" create_only,
        is_private_draft / IS_PRIVATE_DRAFT: bool = "IsPrivateDraft" create_only,
        is_externally_visible / IS_EXTERNALLY_VISIBLE: bool = "IsExternallyVisible" system,
        message_identifier / MESSAGE_IDENTIFIER: String = "MessageIdentifier",
        thread_identifier / THREAD_IDENTIFIER: String = "ThreadIdentifier",
        client_thread_identifier / CLIENT_THREAD_IDENTIFIER: String = "ClientThreadIdentifier" create_only,
        /// The contact, lead or user who sent it.
        from_id / FROM_ID: SfId = "FromId" create_only,
        is_client_managed / IS_CLIENT_MANAGED: bool = "IsClientManaged" create_only,
        related_to_id / RELATED_TO_ID: SfId = "RelatedToId",
        is_opened / IS_OPENED: bool = "IsOpened" system,
        email_template_id / EMAIL_TEMPLATE_ID: SfId = "EmailTemplateId",
    }
}

picklist! {
    /// What happened to an e-mail: a digit as text. Mail that belongs to no case can only be [`Sent`](EmailMessageStatus::Sent).
    pub enum EmailMessageStatus {
        New = "0",
        Read = "1",
        Replied = "2",
        Sent = "3",
        Forwarded = "4",
        Draft = "5",
    }
}
