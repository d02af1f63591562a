//! Errors whose code or words nobody documents.
use crate::error::ApiError;
use std::{borrow::Cow, collections::BTreeMap};

/// Code and words of an error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrorWords {
    /// As in `errorCode`.
    pub code: Cow<'static, str>,
    /// As in `message`.
    pub message: Cow<'static, str>,
}
impl ErrorWords {
    /// Both at once.
    pub fn new(code: impl Into<Cow<'static, str>>, message: impl Into<Cow<'static, str>>) -> ErrorWords {
        ErrorWords { code: code.into(), message: message.into() }
    }
}

macro_rules! assumed_errors {
    ($($(#[doc = $doc:literal])+ $name:ident,)+) => {
        /// An error that this org answers although Salesforce documents its case at most, not its code or its words. Other words are
        /// put in [`Assumptions::errors`](crate::Assumptions::errors); a client is tested with other ones to see that it does not
        /// depend on what this org made up.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum AssumedError {
            $($(#[doc = $doc])+ $name,)+
        }
        impl AssumedError {
            /// All of them.
            pub const ALL: &'static [AssumedError] = &[$(AssumedError::$name,)+];
        }
    };
}

assumed_errors! {
    /// 415: the body of a request is of a kind that the resource does not take. `UNSUPPORTED_MEDIA_TYPE`
    WrongContentType,
    /// 405: a word that is no method of HTTP. `METHOD_NOT_ALLOWED`
    UnknownMethod,
    /// 413: a request larger than this org's server reads. `EXCEEDED_MAX_SIZE_REQUEST`
    LargeRequest,
    /// 415: a body that is compressed in another way than gzip or deflate. `UNSUPPORTED_MEDIA_TYPE`
    UnknownEncoding,
    /// 400: a body that is not what its compression or its length says. `JSON_PARSER_ERROR`
    DamagedBody,
    /// A version of the API that Salesforce has retired; status and code 410 `GONE` are documented, the words are not.
    RetiredVersion,
    /// 400: a conditional header of a write that cannot be read. `INVALID_HEADER`
    InvalidHeader,
    /// The requests of a batch behind a failed one under `haltOnError`; the code `BATCH_PROCESSING_HALTED` is documented, the words are not.
    BatchHalted,
    /// A batch request that breaks its limits or lacks something. `INVALID_BATCH_REQUEST`
    InvalidBatch,
    /// A composite request that breaks its limits or lacks something. `INVALID_INPUT`
    InvalidComposite,
    /// A graph request that breaks its limits or lacks something. `INVALID_INPUT`
    InvalidGraph,
    /// A tree that breaks its limits or lacks something. `INVALID_INPUT`
    InvalidTree,
    /// Both copies of an id in one list of updates. `DUPLICATE_VALUE`
    RepeatedId,
    /// More than 200 rows in one collection. `EXCEEDED_ID_LIMIT`
    TooManyRows,
    /// More than 10 chunks of one type in one collection. `INVALID_INPUT`
    TooManyChunks,
    /// More than 2,000 ids to read at once. `EXCEEDED_ID_LIMIT`
    TooManyIds,
    /// A collection without what it needs. `JSON_PARSER_ERROR`
    NotWellFormed,
    /// A row to update without an id, or to upsert without a key. `MISSING_ARGUMENT`
    NoKey,
    /// A row of a collection of another type than the one of the URL, or of none that the org has. `INVALID_TYPE`
    WrongRowType,
    /// A key of a row that fits several rows; the code `DUPLICATE_EXTERNAL_ID` is documented, the words are not.
    SeveralMatches,
    /// `/recent` with a limit that is none. `INVALID_PARAMETER`
    RecentLimit,
    /// A multipart request with files that cannot be read, or whose records name parts that are not there. `INVALID_MULTIPART_REQUEST`
    MalformedFiles,
    /// A file, or the files of a collection, beyond the documented sizes. `FILE_SIZE_LIMIT_EXCEEDED`
    LargeFile,
    /// A new version of a document with `FirstPublishLocationId`; that it is refused is documented. `FIELD_INTEGRITY_EXCEPTION`
    PlaceOfVersion,
    /// An update of a version that is not the latest; that it is refused is documented. `FIELD_INTEGRITY_EXCEPTION`
    OldVersion,
    /// A Document with both a URL and a body. `FIELD_INTEGRITY_EXCEPTION`
    UrlAndBody,
    /// Deleting a row of an sObject whose describe says that it cannot be. `INSUFFICIENT_ACCESS_OR_READONLY`
    NotDeletable,
    /// Deleting a row that others restrict; the code `DELETE_FAILED` is documented.
    RestrictedDelete,
    /// A row given to a user who left; the code `INACTIVE_OWNER_OR_USER` is documented.
    InactiveOwner,
    /// A row saved under an assignment rule that does not exist; the code `INVALID_ASSIGNMENT_RULE` is documented.
    UnknownAssignmentRule,
    /// Changing or deleting a row of an sObject without the permission; the code `INSUFFICIENT_ACCESS_OR_READONLY` is documented.
    InsufficientAccess,
    /// A username that another user has; the code `DUPLICATE_USERNAME` is documented.
    DuplicateUsername,
    /// A number beyond the field's digits; the code `NUMBER_OUTSIDE_VALID_RANGE` is documented.
    OutOfRange,
    /// Null for a field that must have a value, in an update. `REQUIRED_FIELD_MISSING`
    NulledRequired,
    /// A parent by an external id that no row has. `INVALID_FIELD`
    ForeignKeyNotFound,
    /// A text of more than 4,000 characters in WHERE. `MALFORMED_QUERY`
    LongText,
    /// A statement of more than 100,000 characters; the code `MALFORMED_QUERY` is documented.
    LongStatement,
    /// A child relationship that does not exist, in FROM of a subquery. `INVALID_TYPE`
    ChildRelationship,
    /// A semi-join whose two sides do not fit. `MALFORMED_QUERY`
    SemiJoinSides,
    /// A semi-join on the object of the query itself. `MALFORMED_QUERY`
    SemiJoinOnItself,
    /// LIKE on a field that is neither text nor id; for ids the words are reported. `INVALID_QUERY_FILTER_OPERATOR`
    LikeOnType,
    /// A literal without quotes where a text belongs; with quotes where none belongs it is reported. `INVALID_FIELD`
    MustBeQuoted,
    /// ORDER BY a field that cannot be sorted. `INVALID_FIELD`
    NotSortable,
    /// GROUP BY a field that cannot be grouped. `INVALID_FIELD`
    NotGroupable,
    /// A field of a grouped query that is neither grouped nor aggregated; the words are documented. `MALFORMED_QUERY`
    Ungrouped,
    /// Two values of a grouped query with one name. `MALFORMED_QUERY`
    RepeatedAlias,
    /// An aggregate over a field of a type that does not support it. `MALFORMED_QUERY`
    NotAggregatable,
    /// More groups than one answer takes; the words are reported. `EXCEEDED_ID_LIMIT`
    TooManyGroups,
    /// A path over more relationships than five. `MALFORMED_QUERY`
    TooDeep,
    /// Amounts with and without a currency in one list; that it is refused is documented. `MALFORMED_QUERY`
    MixedCurrencies,
    /// More than 20 child subqueries; the number is documented. `MALFORMED_QUERY`
    TooManyChildren,
    /// More than five SELECTs within each other; the number is documented. `MALFORMED_QUERY`
    TooManyLevels,
    /// USING SCOPE in a child subquery; that it is refused is documented. `MALFORMED_QUERY`
    ScopeOfChildren,
    /// `FIELDS(CUSTOM)` of an object without custom fields; that it is refused is documented. `MALFORMED_QUERY`
    NoCustomFields,
    /// NULLS LAST with a reference field; that it is not supported is documented. `MALFORMED_QUERY`
    NullsLast,
    /// USING SCOPE with a scope that the object does not have. `MALFORMED_QUERY`
    UnknownScope,
    /// A filter of WITH, or data categories, of an object that has none. `MALFORMED_QUERY`
    UnknownFilter,
    /// `convertCurrency` in an org with one currency. `MALFORMED_QUERY`
    OneCurrency,
    /// A function that SOQL does not have. `MALFORMED_QUERY`
    UnknownFunction,
    /// A query that Bulk API 2.0 does not support. `API_ERROR`
    BulkUnsupported,
    /// Closing another user's job. `INVALIDUSER`
    NotTheCreator,
    /// A state that a job cannot be put in. `INVALIDJOBSTATE`
    UnknownJobState,
    /// A job without what it needs. `INVALIDJOB`
    MissingJobField,
    /// A job with a value that is none of the field's. `JSON_PARSER_ERROR`
    UnknownJobValue,
    /// Results of a job that has none yet. `INVALIDJOBSTATE`
    ResultsNotReady,
    /// A list of jobs of a type that does not exist. `INVALIDJOB`
    UnknownJobType,
    /// Hard deletion without the permission. `FEATURENOTENABLED`
    HardDelete,
    /// An upsert by a field that is no external id. `INVALIDJOB`
    NoExternalId,
    /// An upload to a job that takes none. `INVALIDJOBSTATE`
    UploadState,
    /// An upload beyond 150 MB of base64; the size is documented. `EXCEEDED_MAX_SIZE_REQUEST`
    LargeUpload,
    /// A job that waited for its data for more than a day fails.
    LeftOpen,
    /// Results under another version than the job's; the status 409 is documented. `API_ERROR`
    OtherVersion,
    /// `maxRecords` that is no number. `API_ERROR`
    MaxRecords,
    /// A locator of results that the org did not give. `INVALID_QUERY_LOCATOR`
    ResultLocator,
    /// An upload that is not UTF-8 fails its job.
    NotUtf8,
    /// An upload without a header row fails its job.
    NoHeader,
    /// A header row that cannot be read fails its job.
    BrokenHeader,
    /// A row with more or fewer values than the header.
    ValueCount,
    /// A row of more than 400,000 characters.
    LongRecord,
    /// A value of more than 131,072 characters.
    LongValue,
    /// A quote inside a value without quotes around it.
    UnescapedQuote,
    /// A quote that is not closed.
    OpenQuote,
    /// Other columns than Id in a job that deletes fail it.
    IdsOnly,
    /// A column that stands twice fails the job.
    RepeatedColumn,
    /// A value of an upload that is none of its field's type; the code `INVALID_TYPE_ON_FIELD_IN_RECORD` is documented.
    ValueType,
    /// A multipart request that cannot be read. `CLIENTINPUTERROR`
    MalformedMultipart,
    /// Bulk API 1.0: a job that does not exist; the code `InvalidJob` is documented.
    ClassicJob,
    /// Bulk API 1.0: a batch that does not exist; the code `InvalidBatch` is documented.
    ClassicBatch,
    /// Bulk API 1.0: a result that does not exist. `InvalidBatch`
    ClassicResult,
    /// Bulk API 1.0: a path that is none of its resources; the code `InvalidUrl` is documented.
    ClassicUrl,
    /// Bulk API 1.0: a method that a resource does not have. `InvalidOperation`
    ClassicMethod,
    /// Bulk API 1.0: an unknown version. `InvalidVersion`
    ClassicVersion,
    /// Bulk API 1.0: a `Content-Type` that is not known, or not the job's. `UnsupportedContentType`
    ClassicContentType,
    /// Bulk API 1.0: a job in JSON that cannot be read. `ClientInputError`
    ClassicJson,
    /// Bulk API 1.0: a job in XML that cannot be read; the code `InvalidXml` is documented.
    ClassicXml,
    /// Bulk API 1.0: a header for PK chunking that cannot be read, or for an object that has none. `InvalidJob`
    ClassicChunking,
    /// Bulk API 1.0: a statement that PK chunking does not work with fails its batch; that it does not work is documented.
    ClassicChunkedQuery,
    /// Bulk API 1.0: a batch in JSON or XML that cannot be read fails.
    ClassicUnreadable,
    /// Bulk API 1.0: a batch of more than 10,000 rows fails; the number is documented.
    ClassicRows,
    /// A merge of an sObject whose rows cannot be merged. `INVALID_TYPE_FOR_OPERATION`
    NotMergeable,
    /// A merge of no other row, of more than two, or of one row twice. `MERGE_FAILED`
    MergeRecords,
    /// A merge that would make a row its own parent; that it is refused is documented. `CIRCULAR_DEPENDENCY`
    CircularMerge,
    /// Conversion of a lead that belongs to a queue, without an owner; the words are reported. `INVALID_CROSS_REFERENCE_KEY`
    ConvertedOwner,
    /// Conversion into a contact without its account, or into rows of another account. `INVALID_CROSS_REFERENCE_KEY`
    ConversionTarget,
    /// Conversion without an opportunity that has a name for it; that it is refused is documented. `INVALID_FIELD_FOR_INSERT_UPDATE`
    UnwantedOpportunity,
    /// An undelete of a row whose required parent is gone. `UNDELETE_FAILED`
    LostParent,
}

/// The error with the words that are assumed of this org.
pub(crate) fn worded(errors: &BTreeMap<AssumedError, ErrorWords>, error: ApiError) -> ApiError {
    match error.assumed.and_then(|assumed| errors.get(&assumed)) {
        Some(words) => ApiError { code: words.code.clone(), message: words.message.to_string(), ..error },
        None => error,
    }
}
