//! No text can change the shape of a search. FIND is read by a reader of these tests.

use proptest::prelude::{any, *};
use sf_core::{SfId, field, object, path};
use sf_soql::{
    CategoryFilter, DateLiteral, DateUnit, FieldSet, Item, Pattern, Query, TypeOf, UsageStatistics,
    functions,
    prelude::*,
    sosl::{Returning, Search, SearchGroup, Term, With},
};

mod reader;
use reader::{
    Meaning::{self, And, AndNot, Or, Phrase, Word},
    Unit, flat, read,
};

fn split(text: &str) -> Vec<String> {
    text.split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|w| !w.is_empty())
        .map(String::from)
        .collect()
}

fn word(text: &str) -> Meaning {
    Word(text.chars().map(Unit::Char).collect())
}

fn searchable(text: &str) -> bool {
    let text: String = split(text).concat();
    text.chars().count() >= 2 && text.chars().any(|c| !c.is_ascii_punctuation())
}

fn any_text() -> impl Strategy<Value = String> {
    let hostile = [
        "} RETURNING User(Id) //",
        "x\\",
        "x\\\\",
        "\\} IN ALL FIELDS",
        "a\" OR \"b",
        "\"",
        "and",
        "Not",
        "x AND NOT y",
        "a OR b",
        "(a",
        "b)",
        "*",
        "ab*",
        "?b",
        "-b",
        "+a",
        "a&b|c!",
        "~0.8^2",
        "x:y",
        "O'Neil",
        "[x]",
        "tab\tline\nend\r\0",
        "日本 語",
        "",
        " ",
        "a",
        "--",
        "<b>",
    ];
    prop_oneof![
        3 => prop::sample::select(hostile.to_vec()).prop_map(String::from),
        2 => "[a-c?&|!{}\\[\\]()^~*:\\\\\"'+ -]{0,8}",
        1 => any::<String>(),
    ]
}

/// A term and what it should mean; nothing when it cannot be searched for.
fn any_term() -> impl Strategy<Value = (Term, Option<Meaning>)> {
    let leaf = (any_text(), 0..4).prop_map(|(text, position)| {
        let words: Vec<Meaning> = split(&text).iter().map(|w| word(w)).collect();
        let (term, meaning) = match position {
            0 => (Term::word(&text), And(words)),
            1 => (Term::phrase(&text), Phrase(split(&text))),
            2 => {
                let mut words = words;
                if let Some(Word(units)) = words.last_mut() {
                    units.push(Unit::Any);
                }
                (Term::starts_with(&text), And(words))
            }
            _ => {
                // The text is the middle of the pattern: its first and last word touch the neighbours.
                let plain: String = split(&text).concat();
                let units = [Unit::Char('x'), Unit::One].into_iter();
                let units = units.chain(plain.chars().map(Unit::Char)).chain([Unit::Any, Unit::Char('y')]);
                let pattern = Pattern::exact("x").one().text(&plain).any().text("y");
                return (Term::pattern(pattern), Some(Word(units.collect())));
            }
        };
        (term, searchable(&text).then_some(meaning))
    });
    leaf.prop_recursive(4, 24, 3, |inner| {
        (prop::collection::vec(inner, 2..4), 0..3).prop_map(|(parts, operator)| {
            let (terms, meanings): (Vec<Term>, Vec<Option<Meaning>>) = parts.into_iter().unzip();
            let meanings: Option<Vec<Meaning>> = meanings.into_iter().collect();
            let terms = terms.into_iter();
            match operator {
                0 => (terms.reduce(|a, b| a & b).unwrap(), meanings.map(And)),
                1 => (terms.reduce(|a, b| a | b).unwrap(), meanings.map(Or)),
                _ => {
                    let term = terms.reduce(Term::and_not).unwrap();
                    let meaning = meanings.map(|mut all| {
                        let found = all.remove(0);
                        match found {
                            AndNot(found, not) => {
                                all.insert(0, *not);
                                AndNot(found, Box::new(Or(all)))
                            }
                            found => AndNot(Box::new(found), Box::new(Or(all))),
                        }
                    });
                    (term, meaning)
                }
            }
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::default())]

    #[test]
    fn a_text_is_one_term_in_its_place((term, meaning) in any_term()) {
        let accounts = Returning::new(object!("Account"));
        let search = Search::find(term.clone()).in_group(SearchGroup::Name).returning(accounts).limit(5);
        match (search.to_sosl(), meaning) {
            (Ok(text), Some(meaning)) => {
                let (found, rest) = read(&text);
                prop_assert_eq!(flat(found), flat(meaning));
                prop_assert_eq!(rest, " IN NAME FIELDS RETURNING Account LIMIT 5");
                prop_assert_eq!(text, search.to_string());
            }
            (Err(problems), None) => prop_assert!(term.to_string().contains("{<text>}"), "{}", problems),
            (outcome, meaning) => prop_assert!(false, "{:?} for {:?}", outcome, meaning),
        }
    }

    #[test]
    fn a_value_of_a_filter_or_a_division_stays_in_its_quotes(value in any_text()) {
        let contacts = Returning::new(object!("Contact")).fields([field!("Id")]).filter(field!("Name").eq(&value));
        let search = Search::find(Term::word("Joe")).returning(contacts).with(With::Division(value.clone()));
        let text = search.to_sosl().unwrap();
        let written = field!("Name").eq(&value).to_string();
        let literal = written.strip_prefix("Name = ").unwrap();
        prop_assert_eq!(text, format!("FIND {{Joe}} RETURNING Contact(Id WHERE Name = {literal}) WITH DIVISION = {literal}"));
        let inner = &literal[1..literal.len() - 1];
        prop_assert!(!inner.replace("\\\\", "").replace("\\'", "").contains('\''));
    }
}

fn text(search: Search) -> String {
    search.to_sosl().unwrap()
}

fn problems(search: Search) -> Vec<String> {
    let problems = search.to_sosl().unwrap_err();
    assert_eq!(problems.statement(), search.to_string());
    problems.iter().map(|p| p.message.clone()).collect()
}

fn joe() -> Search {
    Search::find(Term::word("Joe"))
}

fn id(text: &str) -> SfId {
    SfId::new(text).unwrap()
}

#[test]
fn the_examples_of_the_reference_can_be_written() {
    assert_eq!(text(Search::find(Term::word("{1+1}:2"))), r"FIND {\{1\+1\}\:2}");
    assert_eq!(text(Search::find(Term::word("Why not?"))), r#"FIND {Why AND not\?}"#);
    assert_eq!(text(Search::find(Term::phrase("where are you?"))), r#"FIND {"where are you\?"}"#);
    assert_eq!(
        text(Search::find(Term::word("MyProspect") & (Term::phrase("John Smith") | Term::word("MyCompany")))),
        r#"FIND {MyProspect AND ("John Smith" OR MyCompany)}"#
    );
    assert_eq!(text(Search::find(Term::word("and") | Term::word("or"))), r#"FIND {"and" OR "or"}"#);
    assert_eq!(text(Search::find(Term::word("returning"))), "FIND {returning}");
    assert_eq!(text(Search::find(Term::starts_with("My "))), "FIND {My*}");
    assert_eq!(
        text(Search::find(Term::pattern(Pattern::exact("Joe Sm").one().text("th").any()))),
        "FIND {Joe AND Sm?th*}"
    );
    assert_eq!(
        text(
            joe().returning(
                Returning::new(object!("Lead"))
                    .fields([field!("Name"), field!("Phone")])
                    .filter(field!("CreatedDate").eq(DateLiteral::This(DateUnit::FiscalQuarter)))
            )
        ),
        "FIND {Joe} RETURNING Lead(Name, Phone WHERE CreatedDate = THIS_FISCAL_QUARTER)"
    );
    let feed =
        Returning::new(object!("FeedItem")).fields([field!("Id")]).order_by(field!("CreatedDate").desc());
    let networks = With::Network(vec![id("0DB000000000001GAA"), id("0DB000000000002GAA")]);
    assert_eq!(
        text(joe().returning(feed).with(networks)),
        "FIND {Joe} RETURNING FeedItem(Id ORDER BY CreatedDate DESC) \
         WITH NETWORK IN ('0DB000000000001GAA', '0DB000000000002GAA')"
    );
    let label = Returning::new(object!("Lead"))
        .fields([field!("Company")])
        .field_as(functions::to_label(path!("RecordType.Name")), "AliasName");
    assert_eq!(
        text(joe().returning(label)),
        "FIND {Joe} RETURNING Lead(Company, toLabel(RecordType.Name) AliasName)"
    );
}

#[test]
fn clauses_stand_in_the_order_of_the_reference() {
    let search = joe()
        .returning(Returning::new(object!("Product2")))
        .with(With::MetadataLabels)
        .with(With::SpellCorrection(true))
        .with(With::PricebookId(id("01s000000000001AAA")))
        .with(With::Network(vec![id("000000000000000")]))
        .with(With::Highlight)
        .with(With::Snippet { target_length: None })
        .with(With::DataCategory(vec![CategoryFilter::above_or_below(object!("G__c"), [object!("C__c")])]))
        .with(With::Division("Global".into()))
        .update(UsageStatistics::Tracking)
        .update(UsageStatistics::Viewstat)
        .limit(2000)
        .in_group(SearchGroup::Sidebar);
    assert_eq!(
        text(search),
        "FIND {Joe} IN SIDEBAR FIELDS RETURNING Product2 WITH DIVISION = 'Global' \
         WITH DATA CATEGORY G__c ABOVE_OR_BELOW C__c WITH SNIPPET WITH HIGHLIGHT WITH NETWORK = '000000000000000AAA' \
         WITH PricebookId = '01s000000000001AAA' WITH METADATA='LABELS' WITH SPELL_CORRECTION = true LIMIT 2000 \
         UPDATE TRACKING, VIEWSTAT"
    );
}

#[test]
fn operators_keep_their_groups() {
    let t = |text: &str| Term::word(text);
    for (term, written) in [
        (t("aa") & t("bb") & t("cc d"), "aa AND bb AND cc AND d"),
        (t("aa b") | t("cc"), "(aa AND b) OR cc"),
        (t("aa").and_not(t("bb c")), "aa AND NOT (bb AND c)"),
        (t("aa").and_not(t("bb")).and_not(t("cc")), "aa AND NOT (bb OR cc)"),
        (t("aa") & t("bb").and_not(t("cc")), "aa AND (bb AND NOT cc)"),
        ((t("aa") & t("bb")).and_not(t("cc") | t("dd")), "(aa AND bb) AND NOT (cc OR dd)"),
        (t("aa") | (t("bb") & t("cc")) | t("dd"), "aa OR (bb AND cc) OR dd"),
        (Term::Any(vec![Term::All(vec![t("aa bb")]), t("cc")]), "(aa AND bb) OR cc"),
        (t("not") & t("Note"), "\"not\" AND Note"),
        (Term::starts_with("and"), "and*"),
    ] {
        assert_eq!(term.to_string(), written);
        assert_eq!(text(Search::find(term)), format!("FIND {{{written}}}"));
    }
}

#[test]
fn a_text_that_cannot_be_searched_names_itself() {
    for (term, message) in [
        (Term::word(" \t"), "the search text is empty"),
        (Term::phrase(""), "the search text is empty"),
        (Term::word(" a "), "the search text `a` is too short"),
        (Term::starts_with("a"), "the search text `a` is too short"),
        (Term::phrase("\"?\""), "the search text `\"?\"` is only punctuation"),
        (Term::pattern(Pattern::contains("Acme")), "a word of the search begins with a wildcard"),
        (Term::pattern(Pattern::exact("Acme ").one()), "a word of the search begins with a wildcard"),
        (Term::All(vec![]), "a group of search terms is empty"),
    ] {
        let both = term.clone() & Term::word("Joe");
        assert!(both.to_string().contains("{<"), "{both}");
        assert_eq!(problems(Search::find(both)), [message]);
        assert_eq!(problems(Search::find(term)), [message]);
    }
    for fine in ["C+", "Vitamin C", "é1", "日本", "a b"] {
        Search::find(Term::word(fine)).to_sosl().unwrap();
    }
}

#[test]
fn a_search_has_the_lengths_of_the_reference() {
    let long = |n| "x".repeat(n);
    assert_eq!(text(Search::find(Term::word(long(10_000)))).len(), 10_007);
    assert_eq!(
        problems(Search::find(Term::word(long(10_001)))),
        ["the search has 10001 characters, Salesforce takes 10000"]
    );
    let two = |n| Search::find(Term::word(long(n)) | Term::word("yy"));
    assert_eq!(text(two(3_994)).len(), 4_007);
    assert_eq!(problems(two(3_995)), ["the search has operators and 4001 characters, more than 4000"]);
    // Escapes are counted, and so are characters that are two for Salesforce.
    assert_eq!(problems(Search::find(Term::word("a".to_owned() + &"-".repeat(5_000)))).len(), 1);
    assert_eq!(problems(Search::find(Term::phrase("😀".repeat(5_000)))).len(), 1);
    let returning = |object, ids| {
        let ids: Vec<String> = (0..ids).map(|i| format!("{i:018}")).collect();
        Returning::new(object).fields([field!("Id")]).filter(field!("Id").is_in(ids))
    };
    for search in [
        joe().returning(returning(object!("Account"), 6_000)),
        joe().returning(returning(object!("Account"), 3_000)).returning(returning(object!("Contact"), 3_000)),
    ] {
        let found = problems(search);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].ends_with("characters, Salesforce takes 100000"), "{found:?}");
    }
}

#[test]
fn terms_nest_only_so_deep() {
    let mut term = Term::word("aa");
    for _ in 0..500 {
        term = (term & Term::word("bb")) | Term::word("cc");
    }
    let found = problems(Search::find(term));
    assert!(found.iter().all(|message| message == "the search is nested too deeply"), "{found:?}");
}

#[test]
fn all_problems_come_at_once() {
    let accounts = || Returning::new(object!("Account"));
    let nobody: [&str; 0] = [];
    let search = Search::find(Term::word("x"))
        .returning(accounts().fields([field!("Id")]).filter(field!("Id").is_in(nobody)).list_view("Recent"))
        .returning(accounts().limit(3000).offset(2001))
        .returning(Returning::new(object!("Select")).fields([field!("Id")]).list_view("no name"))
        .with(With::Highlight)
        .with(With::Snippet { target_length: Some(20) })
        .with(With::Highlight)
        .with(With::Network(vec![]))
        .with(With::DataCategory(vec![CategoryFilter::below(object!("G__c"), [])]))
        .with(With::PricebookId(id("01s000000000001AAA")))
        .update(UsageStatistics::Tracking)
        .update(UsageStatistics::Tracking)
        .limit(2001);
    assert_eq!(
        problems(search),
        [
            // Of the search, without a place in it.
            "LIMIT 3000 is too large",
            "OFFSET 2001 is too large",
            "Account stands twice in RETURNING",
            "OFFSET beside other objects",
            "two list views",
            "WITH HIGHLIGHT stands twice",
            "a target length of 20 characters",
            "WITH PricebookId without Product2",
            "LIMIT 2001 is too large",
            "an option of UPDATE stands twice",
            // In the order of their place.
            "the search text `x` is too short",
            "the list of IN is empty",
            "Account has clauses and no field",
            "`Select` is a reserved word of SOQL",
            "`no name` is not a name",
            "a group without categories",
            "WITH NETWORK of nothing",
        ]
    );
    let contacts = Returning::new(object!("Contact")).fields([field!("Id")]).offset(2_000);
    assert_eq!(text(joe().returning(contacts.clone())), "FIND {Joe} RETURNING Contact(Id OFFSET 2000)");
    assert_eq!(problems(joe().returning(contacts).returning(accounts())), ["OFFSET beside other objects"]);
    assert_eq!(
        problems(joe().with(With::DataCategory(vec![]))),
        ["WITH DATA CATEGORY without RETURNING", "DATA CATEGORY of nothing"]
    );
}

#[test]
fn returning_takes_no_subquery_and_no_aggregate() {
    let subquery = Query::from(object!("Contacts")).select([field!("Id")]).into_statement();
    for item in [
        Item::Children { query: Box::new(subquery), alias: None },
        Item::Fields(FieldSet::All),
        TypeOf::new(path!("What"), object!("Account"), vec![path!("Name")]).into(),
        functions::max(field!("Id")).into(),
        Query::from(object!("Account")).count().statement().items[0].clone(),
    ] {
        let found = problems(joe().returning(Returning::new(object!("Account")).fields([item])));
        assert_eq!(found, ["RETURNING takes fields and functions of them"]);
    }
}

#[test]
fn an_error_says_that_it_is_sosl() {
    let error: sf_core::Error = joe().limit(5000).to_sosl().unwrap_err().into();
    assert!(
        error.to_string().contains("the SOSL statement is not valid: LIMIT 5000 is too large"),
        "{error}"
    );
    assert_eq!(joe().limit(5000).to_string(), "FIND {Joe} LIMIT 5000");
}

#[test]
fn a_problem_of_a_part_has_its_place_in_the_search() {
    let nobody: [&str; 0] = [];
    let contacts = || Returning::new(object!("Contact")).fields([field!("Id")]);
    let search = Search::find(Term::word("ééééé"))
        .returning(
            Returning::new(object!("Account")).fields([field!("Id")]).filter(field!("AB").is_in(nobody)),
        )
        .returning(contacts().filter(field!("C").is_in(nobody)).order_by(field!("Select")))
        .returning(Returning::new(object!("Lead")).fields([field!("From")]))
        .with(With::DataCategory(vec![CategoryFilter::below(object!("G__c"), [])]));
    let problems = search.to_sosl().unwrap_err();
    let text = problems.statement();
    let mut found = Vec::new();
    for problem in &problems {
        let span = problem.span.unwrap();
        found.push(&text[span.start..span.end]);
        assert_eq!((span.line, span.column as usize), (1, text[..span.start].chars().count() + 1));
    }
    assert_eq!(found, ["<empty list>", "<empty list>", "Select", "From", "<category>"]);
    let marks = problems.pretty();
    assert_eq!(marks.matches('^').count(), "<empty list><empty list>SelectFrom<category>".len(), "{marks}");
}

#[test]
fn a_division_that_is_too_long_is_a_problem() {
    let division = |n| joe().with(With::Division("x".repeat(n)));
    assert!(division(4_000).to_sosl().is_ok());
    assert_eq!(problems(division(4_001)), ["a text of 4001 characters is too long"]);
}

#[test]
fn a_search_is_stored_as_its_text() {
    assert_eq!(serde_json::to_string(&joe()).unwrap(), "\"FIND {Joe}\"");
    assert!(serde_json::to_string(&joe().limit(5000)).is_err());
}

#[test]
fn many_objects_and_conditions_take_time_that_grows_with_them() {
    let start = crate::work::Work::start();
    let many = (0..20_000).fold(joe(), |search, n| {
        search.returning(Returning::new(sf_core::ObjectName::new(format!("Object{n}__c")).unwrap()))
    });
    assert_eq!(problems(many).len(), 1);
    let filtered = (0..20_000).fold(Returning::new(object!("A")).fields([field!("Id")]), |returning, n| {
        returning.filter(field!("A").eq(n))
    });
    assert_eq!(problems(joe().returning(filtered)).len(), 1);
    assert!(start.time() < std::time::Duration::from_secs(10), "{:?}", start.time());
}
