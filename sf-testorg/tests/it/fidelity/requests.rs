//! Chapters 3 and 7: requests that are not right, files, the Tooling API, Apex REST.
use super::{Rule, assumed, documented, reported};

pub(crate) const ROWS: &[Rule] = &[
    documented(
        "3.1",
        "API versions 7.0 to 30.0 answer 410 `GONE`, those that never were 404",
        "REST API guide, API End-of-Life Policy",
        &[
            "bad_requests::targets::given_a_version_that_is_none_when_asked_for_then_404_and_410_for_a_retired_one",
        ],
    ),
    documented(
        "3.1",
        "A URL beyond 16,384 bytes answers 414, with its headers 431, and is no API call",
        "REST API guide, Status Codes and Error Responses",
        &["bad_requests::heads::given_a_head_that_is_too_long_when_sent_then_414_or_431_and_no_api_call"],
    ),
    documented(
        "3.1",
        "POST with `_HttpMethod=PATCH` is a PATCH",
        "REST API guide, Update a Record",
        &["bad_requests::targets::given_a_method_in_the_query_when_posted_then_it_is_that_method"],
    ),
    documented(
        "3.1",
        "Requests may be packed with gzip or deflate",
        "REST API guide, Compression Headers",
        &[
            "bad_requests::tcp::given_compressed_bodies_when_sent_then_gzip_and_deflate_are_read_and_others_refused",
        ],
    ),
    assumed(
        "3.2",
        "An answer 405 has the header `Allow`",
        "rest.method_errors_have_allow",
        &[
            "bad_requests::targets::given_another_method_when_sent_then_405_names_those_that_are",
            "bad_requests::targets::given_the_header_allow_is_not_assumed_when_405_then_it_is_not_there",
        ],
    ),
    assumed(
        "3.4",
        "Of a key that stands twice in a row's JSON the last value counts",
        "rest.last_duplicate_key_wins",
        &[
            "bad_requests::json::given_a_key_twice_when_sent_then_the_last_value_counts_unless_assumed_otherwise",
        ],
    ),
    documented(
        "3.6",
        "A file comes as base64 or as a part of multipart/form-data, in collections too, and its bytes come back",
        "REST API guide, Insert or Update Blob Data",
        &[
            "files::given_a_file_as_base64_when_created_then_everything_of_it_follows",
            "files::given_a_file_by_multipart_when_created_then_the_same_bytes_come_back",
            "files::given_a_document_in_a_folder_when_created_and_changed_then_its_body_follows",
            "files::given_documents_as_a_collection_when_created_then_each_has_its_part",
        ],
    ),
    reported(
        "3.6",
        "A multipart body without fields, or with too many parts, answers 400 `INVALID_MULTIPART_REQUEST`",
        "issues of Salesforce's mobile SDK and of Frank!Framework",
        &["files::given_a_multipart_body_that_is_not_right_when_sent_then_it_says_what_is_missing"],
    ),
    reported(
        "3.6",
        "A JSON body beyond 52,428,800 bytes answers `JSON_PARSER_ERROR` and names the limit",
        "issues of simple-salesforce and SFDMU",
        &["bad_requests::json::given_a_body_that_is_too_large_when_sent_then_the_limit_is_named"],
    ),
    documented(
        "3.15",
        "The Tooling API knows the packages that are installed",
        "Tooling API guide, InstalledSubscriberPackage, SubscriberPackage, SubscriberPackageVersion; the query is that of `sf`",
        &["tooling::given_packages_when_sf_lists_them_then_the_whole_answer_is_as_recorded"],
    ),
    documented(
        "3.15",
        "Apex REST: an exact mapping wins, else the longest with a wildcard; 404 without one, 405 without the method",
        "Apex developer guide, RestResource Annotation; Apex REST Methods",
        &[
            "apex_rest::given_resources_when_called_then_the_longest_mapping_that_fits_answers",
            "apex_rest::given_no_resource_or_method_when_called_then_404_or_405",
        ],
    ),
    reported(
        "3.17",
        "An exception of Apex REST answers 500 `APEX_ERROR` with its type, message and stack, and undoes the call",
        "answers pasted in public repositories",
        &["apex_rest::given_an_exception_when_thrown_then_nothing_of_the_call_is_kept"],
    ),
    reported(
        "3.17",
        "Malformed JSON answers `JSON_PARSER_ERROR` in the words of the Jackson parser with line and column",
        "an answer on Salesforce StackExchange; the other messages are Jackson's",
        &["bad_requests::json::given_malformed_json_when_sent_then_the_parser_says_what_and_where"],
    ),
    reported(
        "3.17",
        "Another content type answers 415 `UNSUPPORTED_MEDIA_TYPE` and names it",
        "issues of nforce and of Heroku's functions",
        &["bad_requests::json::given_another_content_type_when_sent_then_415_names_it"],
    ),
    assumed(
        "7.1",
        "A ContentVersion without Title is named by the file of its PathOnClient",
        "objects.file_title_from_path",
        &[
            "files::given_a_file_as_base64_when_created_then_everything_of_it_follows",
            "files::given_what_is_assumed_of_files_when_switched_then_it_is_otherwise",
        ],
    ),
    assumed(
        "7.1",
        "A ContentVersion without VersionData is refused",
        "objects.file_needs_content",
        &[
            "files::given_files_that_are_not_right_when_sent_then_each_is_refused_in_its_words",
            "files::given_what_is_assumed_of_files_when_switched_then_it_is_otherwise",
        ],
    ),
];
