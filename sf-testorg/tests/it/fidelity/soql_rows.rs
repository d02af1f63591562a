//! Chapter 2: comparison, grouping, order, limits, errors.
use super::{Rule, documented, recorded, reported};

pub(crate) const ROWS: &[Rule] = &[
    documented(
        "2.11",
        "A locator is the user's who made it: others get `INVALID_QUERY_LOCATOR`",
        "SOAP API guide: ExtendedErrorDetails, UNAUTHORIZED_USER_FOR_CURSOR",
        &["query_forms::given_a_locator_when_another_user_asks_for_it_then_it_is_no_locator_of_theirs"],
    ),
    documented(
        "2.6",
        "Of a polymorphic parent, alias, phone, username, `IsActive`, profile and role are those of users, the e-mail that of users and queues",
        "Object Reference: Name",
        &[
            "query_forms::given_a_polymorphic_parent_when_its_fields_are_read_then_what_only_users_have_is_null_of_others",
        ],
    ),
    documented(
        "2.8",
        "Texts of a field whose describe says `caseSensitive` are grouped and counted with their case",
        "SOQL reference: Comparison Operators",
        &[
            "query_groups::given_a_field_whose_case_counts_when_grouped_then_its_cases_are_groups_of_their_own",
        ],
    ),
    documented(
        "3.15",
        "Beyond 4,000 characters of a search its operators are removed, beyond 10,000 nothing is found",
        "SOQL and SOSL reference: SOSL Limits on Search Results",
        &["search::given_a_very_long_search_when_sent_then_operators_go_first_and_rows_next"],
    ),
    documented(
        "2.8",
        "`f = null` and `f != null` ask whether there is a value",
        "SOQL reference: null in WHERE",
        &["query::given_nulls_when_compared_then_they_are_absent_values"],
    ),
    documented(
        "2.8",
        "A row without a value meets no `=`, `<`, `>` and LIKE",
        "SOQL reference: null in WHERE",
        &["query::given_nulls_when_compared_then_they_are_absent_values"],
    ),
    documented(
        "2.8",
        "`checkbox = null` means that it is unchecked",
        "SOQL reference: null in WHERE",
        &["query::given_nulls_when_compared_then_they_are_absent_values"],
    ),
    documented(
        "2.8",
        "Texts compare without case",
        "SOQL reference: Comparison Operators",
        &["wire_rules_statements::comparisons_of_texts_ignore_case_and_of_multipicklists_look_at_the_set"],
    ),
    documented(
        "2.8",
        "A multi-select picklist compares as a whole with `=`; `INCLUDES ('a;b','c')` is (a and b) or c",
        "SOQL reference: Query Multi-Select Picklists",
        &[
            "wire_rules_statements::comparisons_of_texts_ignore_case_and_of_multipicklists_look_at_the_set",
            "assumed::soql::excludes_takes_rows_without_a_value_or_leaves_them_as_assumed",
        ],
    ),
    reported(
        "2.8",
        "A long text is refused in WHERE with `field 'Description' can not be filtered in a query call`",
        "many sightings",
        &["query::given_a_wrong_statement_when_sent_then_the_error_has_the_orgs_code_and_form"],
    ),
    documented(
        "2.8",
        "`query` hides deleted rows, `queryAll` finds them, on every page",
        "REST guide: QueryAll",
        &[
            "query::given_a_deleted_row_when_queried_then_only_query_all_has_it",
            "query::given_deleted_children_when_query_all_is_read_on_then_every_page_has_them",
        ],
    ),
    reported(
        "2.8",
        "A field that is hidden from the user is refused as one that does not exist",
        "many sightings",
        &["rows::given_field_security_when_a_field_is_hidden_then_it_is_nowhere"],
    ),
    documented(
        "2.9",
        "A field that is neither grouped nor aggregated is refused with `Field must be grouped or aggregated: X`",
        "SOQL reference: SELECT",
        &["query::given_aggregates_when_grouped_then_rows_have_aliases_and_no_url"],
    ),
    reported(
        "2.9",
        "An alias on a field without grouping is refused with `only aggregate expressions use field aliasing`",
        "eight repositories",
        &["query::given_a_wrong_statement_when_sent_then_the_error_has_the_orgs_code_and_form"],
    ),
    recorded(
        "2.9",
        "Values without an alias are `expr0`, `expr1`, …, numbered among themselves",
        "recordings of Restforce and CumulusCI",
        &[
            "query::given_aggregates_when_grouped_then_rows_have_aliases_and_no_url",
            "typed_results::given_values_without_name_when_queried_then_they_are_numbered_among_themselves",
        ],
    ),
    recorded(
        "2.9",
        "Rows of groups have `attributes` of type AggregateResult without a URL",
        "recording of CumulusCI",
        &["query::given_aggregates_when_grouped_then_rows_have_aliases_and_no_url"],
    ),
    documented(
        "2.9",
        "LIMIT with an aggregate needs GROUP BY",
        "SOQL reference: LIMIT",
        &["query_groups::given_a_wrong_grouping_when_sent_then_it_is_refused"],
    ),
    documented(
        "2.9",
        "ROLLUP and CUBE take at most three fields",
        "SOQL reference: GROUP BY CUBE",
        &["query_groups::given_a_wrong_grouping_when_sent_then_it_is_refused"],
    ),
    documented(
        "2.9",
        "ROLLUP sums up from right to left, CUBE every combination",
        "SOQL reference: GROUP BY ROLLUP, GROUP BY CUBE",
        &[
            "query_groups::given_rollup_when_grouped_then_subtotals_come_from_right_to_left",
            "query_groups::given_cube_when_grouped_then_every_combination_has_its_subtotal",
        ],
    ),
    documented(
        "2.9",
        "A grouped query has no child subqueries",
        "SOQL reference: Considerations When Using GROUP BY",
        &["query_groups::given_a_wrong_grouping_when_sent_then_it_is_refused"],
    ),
    documented(
        "2.9",
        "HAVING compares aggregates and grouped fields, without semi-joins",
        "SOQL reference: HAVING",
        &["query_groups::given_having_when_grouped_then_only_groups_that_meet_it_come"],
    ),
    reported(
        "2.9",
        "A grouped result above one batch is refused with `Aggregate query does not support queryMore(), …`",
        "measured above 2,000 groups",
        &["assumed::errors::every_error_that_is_made_up_can_be_worded_otherwise"],
    ),
    documented(
        "2.10",
        "Nulls come first in both directions unless NULLS LAST",
        "SOQL reference: ORDER BY",
        &["query::given_order_by_when_nulls_exist_then_they_come_first_unless_told_otherwise"],
    ),
    documented(
        "2.10",
        "Texts sort in upper case",
        "SOQL reference: ORDER BY",
        &[
            "query::given_order_by_when_nulls_exist_then_they_come_first_unless_told_otherwise",
            "wire_rules_statements::like_has_two_wildcards_that_can_be_escaped_and_ignores_case",
        ],
    ),
    documented(
        "2.10",
        "Picklists sort in the order of their values",
        "SOQL reference: ORDER BY",
        &["query::given_stages_when_sorted_then_the_picklists_order_counts"],
    ),
    documented(
        "2.10",
        "OFFSET is at most 2,000",
        "SOQL reference: OFFSET",
        &["query::given_a_wrong_statement_when_sent_then_the_error_has_the_orgs_code_and_form"],
    ),
    documented(
        "2.11",
        "A page has 200 rows at most when two custom long texts are selected",
        "REST guide: Query Options Header",
        &["query::given_two_long_texts_when_selected_then_a_page_has_200_rows"],
    ),
    documented(
        "2.11",
        "Child rows count towards the page",
        "REST guide: Query Options Header",
        &["query::given_many_children_when_they_fill_the_page_then_parents_get_fewer_and_children_a_locator"],
    ),
    documented(
        "2.11",
        "A text in WHERE has at most 4,000 characters",
        "limits",
        &["wire_rules::given_a_text_of_more_than_4000_characters_in_where_then_the_statement_is_refused"],
    ),
    documented(
        "2.11",
        "A URL of more than 16,384 bytes answers 414",
        "REST guide: Status Codes and Error Responses",
        &["service::given_a_url_that_is_too_long_when_sent_then_414_and_no_json"],
    ),
    documented(
        "2.11",
        "A locator lives for two days",
        "limits",
        &["query::given_more_rows_than_a_page_when_read_on_then_every_row_comes_once"],
    ),
    recorded(
        "2.12",
        "An error of a statement quotes it, points to the place with a caret, and says row and column",
        "recording of CumulusCI",
        &["query::given_a_wrong_statement_when_sent_then_the_error_has_the_orgs_code_and_form"],
    ),
    recorded(
        "2.12",
        "An unknown object is refused with `INVALID_TYPE`, `sObject type 'X' is not supported. …`",
        "recording of CumulusCI",
        &["query::given_a_wrong_statement_when_sent_then_the_error_has_the_orgs_code_and_form"],
    ),
    reported(
        "2.12",
        "An unknown field is refused with `INVALID_FIELD`, `No such column 'X' on entity 'Account'. …`",
        "very many sightings",
        &["query::given_a_wrong_statement_when_sent_then_the_error_has_the_orgs_code_and_form"],
    ),
    documented(
        "2.12",
        "A field that is selected twice is refused with `duplicate field selected: Id`",
        "SOQL reference: SELECT",
        &["query::given_a_wrong_statement_when_sent_then_the_error_has_the_orgs_code_and_form"],
    ),
    reported(
        "2.12",
        "A locator that is unknown or too old is refused with `INVALID_QUERY_LOCATOR`, `invalid query locator`",
        "Restforce issue 67",
        &["query::given_more_rows_than_a_page_when_read_on_then_every_row_comes_once"],
    ),
    recorded(
        "2.12",
        "A search without braces is refused with `MALFORMED_SEARCH`, `No search term found. …`",
        "recording of Restforce",
        &["search::given_a_wrong_search_when_sent_then_it_has_the_orgs_error"],
    ),
];
