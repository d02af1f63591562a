//! The one table of error codes: kind, retry class, cause, next step. The enum, its text form, `retry`,
//! `help` and the troubleshooting page are all made of it, so that they cannot disagree.
use super::{ErrorKind, code::codes};

/// What helps, as the table says it (without the moving parts of [`Retry`](super::Retry)).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    Never,
    Backoff,
    Lock,
    Quota,
    SignIn,
    Restart,
    Split,
    Sibling,
}

/// One line of the table.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry {
    pub(super) kind: ErrorKind,
    pub(super) class: Class,
    pub(super) cause: &'static str,
    pub(super) next_step: &'static str,
}

codes! {
    // Sign-in and sessions.
    InvalidSessionId "INVALID_SESSION_ID" NotSignedIn SignIn
        "The access token has expired, was revoked, or is not valid for this host."
        "Sign in again (or refresh the token) and repeat the call.";
    InvalidAuthHeader "INVALID_AUTH_HEADER" NotSignedIn SignIn
        "The access token could not be read: an expired or malformed JWT token, or a wrong Authorization header."
        "Get a new access token and repeat the call; if it fails again, check the token's scopes and type.";
    BadOauthToken "Bad_OAuth_Token" NotSignedIn SignIn
        "The identity service does not know this access token (expired, revoked, or of another org)."
        "Sign in again and repeat the call.";
    MissingOauthToken "Missing_OAuth_Token" NotSignedIn SignIn
        "The identity service got no access token."
        "Sign in, then repeat the call.";
    InvalidGrant "invalid_grant" NotSignedIn Never
        "The refresh token, code or assertion is expired, revoked or was used before, or the user has not approved the app."
        "Ask the user to connect again; for server-to-server flows, check that the app is pre-authorised for the user.";
    InvalidClient "invalid_client" Setup Never
        "The client secret or the client authentication is wrong."
        "Check the consumer secret of the External Client App (or connected app) and set it again.";
    InvalidClientId "invalid_client_id" Setup Never
        "The org does not know this client id."
        "Check the consumer key and the login host (production, sandbox or My Domain).";
    InvalidAppAccess "invalid_app_access" Forbidden Never
        "The user is not allowed to use this app."
        "Ask an administrator to approve the app for the user's profile or permission set.";
    InvalidScope "invalid_scope" Setup Never
        "A requested OAuth scope is not granted to the app."
        "Add the scopes `api` and `refresh_token` to the app, then connect again.";
    InactiveUser "inactive_user" Forbidden Never
        "The user is deactivated or locked."
        "Ask an administrator to activate the user, or connect as another one.";
    InactiveOrg "inactive_org" Forbidden Never
        "The org is locked, closed or suspended."
        "Ask the org's administrator or Salesforce about the state of the org.";
    UnsupportedGrantType "unsupported_grant_type" Setup Never
        "This sign-in flow is not enabled for the app or the host."
        "Enable the flow in the app's OAuth settings, or use another flow.";
    RateLimitExceeded "rate_limit_exceeded" LimitReached Backoff
        "Too many sign-ins in a short time (3,600 per user and hour)."
        "Wait some minutes; keep access tokens and refresh them once, not for every call.";
    AuthorizationPending "authorization_pending" NotSignedIn Backoff
        "The user has not yet approved the device."
        "Poll again after the interval the org named.";
    SlowDown "slow_down" NotSignedIn Backoff
        "The device flow polls too often."
        "Add five seconds to the polling interval.";
    AccessDenied "access_denied" NotSignedIn Never
        "The user refused to approve the app."
        "Ask the user to connect again and to choose Allow.";
    ExpiredPassword "INVALID_OPERATION_WITH_EXPIRED_PASSWORD" Forbidden Never
        "The user's password has expired."
        "Let the user set a new password in the org, then sign in again.";
    PasswordLockout "PASSWORD_LOCKOUT" Forbidden Never
        "The user is locked out after too many wrong passwords."
        "Ask an administrator to unlock the user.";
    LoginMustUseSecurityToken "LOGIN_MUST_USE_SECURITY_TOKEN" Setup Never
        "The org wants a security token from this network."
        "Use an OAuth flow, or append the user's security token to the password.";
    RestrictedDomain "RESTRICTED_DOMAIN" Setup Never
        "The user may sign in only through the org's My Domain."
        "Use the My Domain URL of the org as the login host.";

    // Permissions.
    ApiDisabledForOrg "API_DISABLED_FOR_ORG" Forbidden Never
        "The org's edition has no API access, or the user lacks the permission API Enabled."
        "Ask an administrator to give the user the permission API Enabled (editions below Enterprise need an add-on).";
    ApiCurrentlyDisabled "API_CURRENTLY_DISABLED" Unavailable Backoff
        "The API is switched off for the moment because of a problem in the org's instance."
        "Wait and repeat; look at status.salesforce.com for the instance.";
    InsufficientAccess "INSUFFICIENT_ACCESS" Forbidden Never
        "The user has no right to this operation on the record."
        "Check the user's object permissions and the sharing of the record.";
    InsufficientAccessOrReadonly "INSUFFICIENT_ACCESS_OR_READONLY" Forbidden Never
        "The user may not change the record: missing edit permission, sharing, a read-only record or a locked one."
        "Give the user edit permission on the object and access to the record, or write as its owner.";
    InsufficientAccessOnCrossReferenceEntity "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY" Forbidden Never
        "The user has no right to a record that a lookup field of this one points to."
        "Check that the user can read (for master-detail: edit) the referenced record.";
    CannotDisableLastAdmin "CANNOT_DISABLE_LAST_ADMIN" Refused Never
        "The change would leave the org without an active administrator."
        "Keep at least one active user with a System Administrator profile.";
    FunctionalityNotEnabled "FUNCTIONALITY_NOT_ENABLED" Forbidden Never
        "The feature is not switched on in this org or not for this user."
        "Ask an administrator to enable the feature or the permission.";
    Forbidden "FORBIDDEN" Forbidden Never
        "The user is not allowed to use this resource."
        "Check the user's permissions and the scopes of the token.";
    TxnSecurityNoAccess "TXN_SECURITY_NO_ACCESS" Forbidden Never
        "A transaction security policy of the org refused the call."
        "Ask the administrator which policy applies (Setup, Transaction Security Policies).";
    TxnSecurityMeteringError "TXN_SECURITY_METERING_ERROR" Unavailable Backoff
        "A transaction security policy took too long."
        "Repeat after a pause; if it stays, ask the administrator to simplify the policy.";
    TxnSecurityRuntimeError "TXN_SECURITY_RUNTIME_ERROR" Unavailable Backoff
        "A transaction security policy failed while it ran."
        "Repeat after a pause; if it stays, ask the administrator to look at the policy's Apex class.";
    TxnSecurityApexError "TXN_SECURITY_APEX_ERROR" Unavailable Backoff
        "The Apex class of a transaction security policy failed."
        "Repeat after a pause; if it stays, ask the administrator to look at the policy's Apex class.";

    // Limits.
    RequestLimitExceeded "REQUEST_LIMIT_EXCEEDED" LimitReached Quota
        "The org's daily API calls are used up (a rolling 24 hours, all apps together)."
        "Stop background work until calls are free again; see Setup, Company Information, or the limits resource.";
    LimitExceeded "LIMIT_EXCEEDED" LimitReached Quota
        "A limit of the org is reached; the message says which one."
        "Wait until the limit's window has passed, or ask the administrator to raise it.";
    LicenseLimitExceeded "LICENSE_LIMIT_EXCEEDED" LimitReached Never
        "No licence is left for this change."
        "Ask the administrator to free or buy a licence.";
    StorageLimitExceeded "STORAGE_LIMIT_EXCEEDED" LimitReached Never
        "The org's data or file storage is full."
        "Delete rows or files, empty the recycle bin, or buy storage.";
    TooManyApexRequests "TOO_MANY_APEX_REQUESTS" Unavailable Backoff
        "Too many Apex requests run at the same time; the condition is transient."
        "Repeat after a pause, with fewer calls at the same time.";
    RequestRunningTooLong "REQUEST_RUNNING_TOO_LONG" Timeout Backoff
        "The request ran longer than the org allows and was ended."
        "Send fewer rows at once, or narrow the query; check what a write may have saved before repeating it.";
    ExceededIdLimit "EXCEEDED_ID_LIMIT" LimitReached Split
        "Too many ids or rows in one call."
        "Send fewer rows a call (collections: 200 rows; retrieve: 2,000 ids), or a shorter time window.";
    ExceededMaxSizeRequest "EXCEEDED_MAX_SIZE_REQUEST" LimitReached Split
        "The request body is larger than the org takes (50 MB)."
        "Send fewer or smaller rows a call.";
    OperationTooLarge "OPERATION_TOO_LARGE" LimitReached Split
        "The query would have to look at too many rows for this user's sharing."
        "Narrow the filter, or run it as a user with View All Data on the object.";
    QueryTooComplicated "QUERY_TOO_COMPLICATED" LimitReached Split
        "The query selects too many (formula) fields or its filter is too complicated."
        "Select fewer fields, shorten IN lists, and split the query.";
    QueryTimeout "QUERY_TIMEOUT" Timeout Backoff
        "The query ran longer than two minutes."
        "Filter on indexed fields (Id, SystemModstamp, external IDs) or a shorter time range; repeating as it is helps rarely.";

    // Requests and queries.
    NotFound "NOT_FOUND" NotFound Never
        "The record, object or resource does not exist, or the user cannot see it."
        "Check the id, the spelling of the object and external ID field, and the user's access.";
    EntityIsDeleted "ENTITY_IS_DELETED" NotFound Never
        "The record is in the recycle bin."
        "Undelete it in the org, or drop the change.";
    MethodNotAllowed "METHOD_NOT_ALLOWED" Unsupported Never
        "The resource does not take this HTTP method."
        "Check the resource and its API version in the REST API guide.";
    UnsupportedApiVersion "UNSUPPORTED_API_VERSION" Unsupported Never
        "The org does not offer this API version."
        "Choose one of the versions that GET /services/data lists.";
    Gone "GONE" Unsupported Never
        "The resource was retired with its API version."
        "Choose a newer API version.";
    InvalidVersion "INVALID_VERSION" Unsupported Never
        "The API version in the path is not valid."
        "Choose one of the versions that GET /services/data lists.";
    UnsupportedMediaType "UNSUPPORTED_MEDIA_TYPE" Unsupported Never
        "The resource does not take this content type."
        "Send JSON as application/json, Bulk data as text/csv.";
    JsonParserError "JSON_PARSER_ERROR" InvalidInput Never
        "The org could not read the request body, or a value has the wrong JSON type for its field."
        "Look at the field and position the message names; dates are yyyy-MM-dd, date-times end with Z.";
    InvalidInput "INVALID_INPUT" InvalidInput Never
        "The request as a whole is not acceptable."
        "Read the message, compare with the guide page of the resource.";
    InvalidField "INVALID_FIELD" InvalidInput Never
        "A field or relationship does not exist on the object, or field-level security hides it from the user."
        "Check the API name (custom ones end with __c or __r), then the user's field-level security.";
    InvalidType "INVALID_TYPE" InvalidInput Never
        "The object does not exist, or the user has no access to it."
        "Check the object's API name (custom ones end with __c) and the user's object permissions.";
    InvalidTypeForOperation "INVALID_TYPE_FOR_OPERATION" InvalidInput Never
        "The object does not support this operation."
        "See the object's describe (queryable, createable, updateable) before calling.";
    MalformedQuery "MALFORMED_QUERY" InvalidInput Never
        "The SOQL statement has a syntax error or breaks a rule of SOQL."
        "Look at the row and column in the message; build statements with sf-soql instead of text.";
    MalformedSearch "MALFORMED_SEARCH" InvalidInput Never
        "The SOSL statement has a syntax error."
        "Look at the row and column in the message; build searches with sf-soql, which escapes their text.";
    InvalidQueryFilterOperator "INVALID_QUERY_FILTER_OPERATOR" InvalidInput Never
        "The filter compares a field with an operator or value its type does not allow."
        "Compare ids with valid ids, and use LIKE on text fields only.";
    InvalidSearch "INVALID_SEARCH" InvalidInput Never
        "The search is not valid for these objects or fields."
        "Check that the objects are searchable and the term has at least two characters.";
    InvalidQueryLocator "INVALID_QUERY_LOCATOR" CursorLost Restart
        "The query cursor has expired (after 2 days), was closed, or belongs to another user."
        "Run the query again from the start, or from the last row that was read.";
    InvalidReplicationDate "INVALID_REPLICATION_DATE" InvalidInput Restart
        "The time window starts before the org's history of changes (30 days for updates, 15 for deletions), or is empty."
        "Compare all rows again (a full sync), then continue from now.";
    InvalidId "INVALID_ID" InvalidInput Never
        "The id is not valid for this resource."
        "Check that the id is of the object the call names.";
    InvalidIdField "INVALID_ID_FIELD" InvalidInput Never
        "An id is missing, not valid, or twice in one call."
        "Give every row its own valid id, once a call.";
    MalformedId "MALFORMED_ID" InvalidInput Never
        "An id is malformed or of another object than the field or call expects."
        "Check the id's 15 or 18 characters and its three-letter key prefix (001 Account, 006 Opportunity).";
    MatchPreconditionFailed "MATCH_PRECONDITION_FAILED" Conflict Restart
        "The record was changed after the moment the request named."
        "Read the record again, decide again, then write.";
    MatchPreconditionRequired "MATCH_PRECONDITION_REQUIRED" Unsupported Never
        "The resource wants a precondition header."
        "Send If-Match or If-Unmodified-Since.";

    // Rows.
    RequiredFieldMissing "REQUIRED_FIELD_MISSING" Refused Never
        "A required field has no value."
        "Fill the fields that the message lists.";
    FieldCustomValidationException "FIELD_CUSTOM_VALIDATION_EXCEPTION" Refused Never
        "A validation rule of the org refused the row; the message is the administrator's text."
        "Correct the row as the text says, or ask the administrator about the rule.";
    FieldFilterValidationException "FIELD_FILTER_VALIDATION_EXCEPTION" Refused Never
        "A lookup filter of the org does not allow this referenced record."
        "Choose a record that the lookup filter allows.";
    FieldIntegrityException "FIELD_INTEGRITY_EXCEPTION" Refused Never
        "The value does not fit the rest of the row or of the org (e.g. a record of the wrong object, a state without its country)."
        "Correct the field that the message names; send dependent fields together.";
    InvalidOrNullForRestrictedPicklist "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST" Refused Never
        "The value is not, or no longer, an active value of a restricted picklist."
        "Choose an active value (describe lists them; API values, exact case), or ask the administrator to add it.";
    StringTooLong "STRING_TOO_LONG" Refused Never
        "The text is longer than the field."
        "Shorten it to the length the message names.";
    TooManyEnumValue "TOO_MANY_ENUM_VALUE" Refused Never
        "Too many values for a multi-select picklist (at most 100)."
        "Send fewer values.";
    NumberOutsideValidRange "NUMBER_OUTSIDE_VALID_RANGE" Refused Never
        "The number is larger than its field, or an OFFSET above 2,000."
        "Check the field's precision and scale; page with a key instead of OFFSET.";
    InvalidEmailAddress "INVALID_EMAIL_ADDRESS" Refused Never
        "The text is not an e-mail address by Salesforce's rules."
        "Correct or clear the address.";
    InvalidTypeOnFieldInRecord "INVALID_TYPE_ON_FIELD_IN_RECORD" Refused Never
        "The value is not of the field's type."
        "Compare the value with the field's type in describe.";
    InvalidFieldForInsertUpdate "INVALID_FIELD_FOR_INSERT_UPDATE" Forbidden Never
        "A field is read-only: by field-level security, because it is computed, or because it can be set on create only."
        "Leave the field out, or ask the administrator for edit access to it.";
    InvalidCrossReferenceKey "INVALID_CROSS_REFERENCE_KEY" Refused Never
        "A referenced record does not exist, is of the wrong object, or is not available to the user (record types too)."
        "Check the id in the field the message names; if it is the row's own id, the row is gone or hidden.";
    InvalidAssignmentRule "INVALID_ASSIGNMENT_RULE" Refused Never
        "The assignment rule does not exist or is not active."
        "Check the rule's id, or switch assignment rules off for this write.";
    InactiveOwnerOrUser "INACTIVE_OWNER_OR_USER" Refused Never
        "The owner (or another user in the row) is deactivated."
        "Set an active owner, or ask for the permission Update Records with Inactive Owners.";
    InvalidCurrencyIso "INVALID_CURRENCY_ISO" Refused Never
        "The currency code is not active in the org."
        "Use an active CurrencyIsoCode of the org.";
    InvalidStatus "INVALID_STATUS" Refused Never
        "The status change is not allowed."
        "Check the record's state and the allowed transitions.";
    InvalidOperation "INVALID_OPERATION" Refused Never
        "The operation is not allowed for this record in its present state."
        "Read the message; check locks, approvals and the record's state.";
    TransferRequiresRead "TRANSFER_REQUIRES_READ" Refused Never
        "The new owner cannot read the object."
        "Give the new owner read permission, or choose another owner.";
    DuplicateValue "DUPLICATE_VALUE" Conflict Never
        "A unique field already has this value in another record."
        "Update the record the message names, or choose another value.";
    DuplicateExternalId "DUPLICATE_EXTERNAL_ID" Conflict Never
        "Several records have this external ID, so the org cannot choose one."
        "Make the external ID unique in the org, or update by record id.";
    DuplicatesDetected "DUPLICATES_DETECTED" Conflict Never
        "A duplicate rule of the org found matching records."
        "Use one of the matches, or allow duplicates for this write if the rule permits it.";
    CannotInsertUpdateActivateEntity "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY" Refused Never
        "A trigger or flow of the org failed or refused the row."
        "Send the message to the org's administrator; it names the trigger.";
    CannotExecuteFlowTrigger "CANNOT_EXECUTE_FLOW_TRIGGER" Refused Never
        "A flow of the org failed on the row."
        "Send the message to the org's administrator; it names the flow.";
    ApexError "APEX_ERROR" Refused Never
        "Apex code of the org failed; nothing was saved."
        "Send the message to the org's administrator.";
    CannotUpdateConvertedLead "CANNOT_UPDATE_CONVERTED_LEAD" Refused Never
        "The lead is converted and read-only."
        "Write to its contact, account or opportunity.";
    DeleteFailed "DELETE_FAILED" Refused Never
        "The record cannot be deleted, usually because others depend on it."
        "Delete or move the dependent records first.";
    EntityIsLocked "ENTITY_IS_LOCKED" Refused Never
        "The record is locked, e.g. by an approval process."
        "Wait for the approval, or ask an administrator to unlock the record.";
    EntityIsArchived "ENTITY_IS_ARCHIVED" Refused Never
        "The record is archived and read-only."
        "Drop the change; archived activities cannot be changed.";
    UnsupportedDml "UNSUPPORTED_DML" Refused Never
        "The object cannot be written in this way."
        "See the object's page in the Object Reference.";
    MixedDmlOperation "MIXED_DML_OPERATION" Refused Never
        "Setup objects (User, Group, …) and other objects were changed in one transaction."
        "Write setup objects in a call of their own.";
    UnableToLockRow "UNABLE_TO_LOCK_ROW" Locked Lock
        "Somebody else was changing the record or its parent at the same moment."
        "Repeat the row after a short random pause; keep rows of one parent in one call.";
    ProcessingHalted "PROCESSING_HALTED" Refused Sibling
        "The row was not tried, or was rolled back, because another part of the same call failed."
        "Look at the row that failed first; send this one again.";
    AllOrNoneOperationRolledBack "ALL_OR_NONE_OPERATION_ROLLED_BACK" Refused Sibling
        "The row was valid but rolled back, because another row of an all-or-none call failed."
        "Correct the row that failed, then send all again.";
    BatchProcessingHalted "BATCH_PROCESSING_HALTED" Refused Sibling
        "The part was not tried, because an earlier part of the batch failed."
        "Look at the part that failed first; send this one again.";

    // Bulk API 2.0 writes its own codes without underscores.
    InvalidJob "INVALIDJOB" InvalidInput Never
        "A Bulk job was described wrongly, or there is no such job."
        "Compare operation, object and external ID with the message; jobs are removed after seven days.";
    InvalidJobState "INVALIDJOBSTATE" Conflict Never
        "The Bulk job is not in a state in which this can be done."
        "Ask for the job's state: data goes to an open job once, results come when it is over.";
    InvalidEntity "INVALIDENTITY" InvalidInput Never
        "The object does not exist, or the Bulk API does not support it."
        "Check the object's API name; read or write it by REST instead.";
    InvalidBatch "INVALIDBATCH" InvalidInput Never
        "The header of the uploaded rows has a field that the org does not know or that the user cannot see."
        "Correct the field that the message names (or the user's field-level security) and load the rows again in a new job.";
    ClientInputError "CLIENTINPUTERROR" InvalidInput Never
        "The uploaded data is not acceptable: its line ends, its quoting, or a second upload to the same job."
        "Abort the job and load the rows in a new one; one job takes one upload.";
    ExceededQuota "EXCEEDEDQUOTA" LimitReached Quota
        "The org's daily allocation of Bulk jobs, batches or records is used up."
        "Stop until it is free again: the count covers the last 24 hours.";
    TooManyLockFailure "TOOMANYLOCKFAILURE" Locked Backoff
        "Rows of one parent were worked on at the same time too often."
        "Sort the rows by their parent's id and load them again, or load them in one smaller job after the other.";
    FeatureNotEnabled "FEATURENOTENABLED" Forbidden Never
        "The user may not do this with the Bulk API, e.g. delete past the recycle bin."
        "Ask an administrator for the permission that the message names (hardDelete: Bulk API Hard Delete).";

    // The org's own trouble.
    Maintenance "INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE" Unavailable Backoff
        "The org is read-only during maintenance."
        "Repeat after the maintenance window; reading works.";
    ServerUnavailable "SERVER_UNAVAILABLE" Unavailable Backoff
        "The org's server is overloaded or down for the moment."
        "Repeat after a pause; look at status.salesforce.com if it stays.";
    UnknownException "UNKNOWN_EXCEPTION" Unavailable Backoff
        "An internal error of Salesforce; a number in the message identifies it."
        "Check what a write may have saved, then repeat; give the number to Salesforce support if it stays.";
    InternalError "INTERNAL_ERROR" Unavailable Backoff
        "An internal error of Salesforce."
        "Check what a write may have saved, then repeat; contact Salesforce support if it stays.";
}

/// What is known when there is no code, or a code that the table does not have.
pub(super) fn of_kind(kind: ErrorKind) -> Entry {
    let (class, cause, next_step) = match kind {
        ErrorKind::InvalidInput => (
            Class::Never,
            "The request cannot be right as it is.",
            "Correct the value that the message names, then try again.",
        ),
        ErrorKind::NotSignedIn => {
            (Class::SignIn, "There is no valid access token.", "Sign in again, then repeat the call.")
        }
        ErrorKind::Forbidden => (
            Class::Never,
            "The user or the app is not allowed to do this.",
            "Ask an administrator for the permission, or use another user.",
        ),
        ErrorKind::NotFound => (
            Class::Never,
            "The record or resource does not exist, or the user cannot see it.",
            "Check the id and names, then the user's access.",
        ),
        ErrorKind::Refused => (
            Class::Never,
            "The org refused the data.",
            "Read the org's message, correct the data and send it again.",
        ),
        ErrorKind::Conflict => (
            Class::Never,
            "The record is not in the state that the request expected.",
            "Read the record again, decide again, then write.",
        ),
        ErrorKind::Locked => (
            Class::Lock,
            "Somebody else was changing the record at the same moment.",
            "Repeat after a short random pause.",
        ),
        ErrorKind::LimitReached => (
            Class::Quota,
            "A limit of the org or of the own API budget is reached.",
            "Wait until the limit's window has passed, or raise the limit.",
        ),
        ErrorKind::Unavailable => (
            Class::Backoff,
            "The org or something on the way to it does not work at the moment.",
            "Repeat after a pause; look at status.salesforce.com if it stays.",
        ),
        ErrorKind::Timeout => (
            Class::Backoff,
            "No answer came in time; the org may still be working on the request.",
            "Check what a write may have saved, then repeat; send less at once if it stays.",
        ),
        ErrorKind::Network => (
            Class::Backoff,
            "The connection to the org failed.",
            "Check the network, the instance URL and proxies, then repeat.",
        ),
        ErrorKind::CursorLost => (
            Class::Restart,
            "The org no longer knows where the query stood.",
            "Run the query again from the start, or from the last row that was read.",
        ),
        ErrorKind::Unsupported => (
            Class::Never,
            "This transport or this org cannot do it.",
            "Choose another way; the capabilities of the transport say what it can do.",
        ),
        ErrorKind::Decode => (
            Class::Never,
            "The answer is not what the API promises, e.g. the page of a proxy, or a field of an unexpected type.",
            "Check the instance URL and anything between you and the org; compare the model's field types with describe.",
        ),
        ErrorKind::Setup => (
            Class::Never,
            "Something in the configuration is missing or wrong.",
            "Correct the setting that the message names.",
        ),
    };
    Entry { kind, class, cause, next_step }
}
