//! Long IN lists.

use proptest::prelude::*;
use sf_core::{field, object};
use sf_soql::{DateLiteral, Literal, SplitBudget, prelude::*};
use std::collections::BTreeSet;

fn query(filter: Condition) -> Query {
    Query::from(object!("Account")).select([field!("Id")]).filter(filter)
}

fn list(query: &Query, field: &str) -> Vec<String> {
    let mut found = Vec::new();
    let parts = match &query.statement().filter {
        Some(Condition::And(parts)) => parts.clone(),
        other => other.iter().cloned().collect(),
    };
    for part in parts {
        if let Condition::In { left, list, .. } = part
            && left.as_field().unwrap().as_str() == field
        {
            found.extend(list.into_iter().map(|l| match l {
                Literal::Text(t) => t,
                other => panic!("{other:?}"),
            }));
        }
    }
    found
}

fn refusal(query: &Query, budget: SplitBudget) -> String {
    query.split_in(&budget).unwrap_err().iter().next().unwrap().message.clone()
}

#[test]
fn a_query_within_the_budget_stays_one() {
    let q = query(field!("Name").is_in(["b", "a", "b"])).limit(5);
    assert_eq!(q.split_in(&SplitBudget::default()).unwrap(), [q]);
}

#[test]
fn a_list_beyond_the_limit_of_salesforce_is_cut_into_statements_that_can_be_sent() {
    let q = query(field!("Name").is_in((0..20_000).map(|n| format!("name {n}"))));
    assert!(q.to_soql().is_err());
    let pieces = q.split_in(&SplitBudget::default()).unwrap();
    assert!(pieces.iter().all(|p| p.to_soql().is_ok()));
    assert_eq!(pieces.len(), 3);
    let all: Vec<String> = pieces.iter().flat_map(|p| list(p, "Name")).collect();
    assert_eq!(all, list(&q, "Name"));
}

#[test]
fn values_that_the_org_may_take_for_equal_stay_together() {
    let values = ["001000000000001", "x", "X ", "", "001000000000001AAA", "y"];
    let values = values.map(Literal::from).into_iter().chain([Literal::Null, Literal::Bool(false)]);
    let pieces = query(field!("A").is_in(values)).split_in(&SplitBudget::default().values(3)).unwrap();
    let texts: Vec<String> =
        pieces.iter().map(|p| p.statement().filter.as_ref().unwrap().to_string()).collect();
    assert_eq!(
        texts,
        [
            "A IN ('001000000000001', '001000000000001AAA')",
            "A IN ('x', 'X ')",
            "A IN ('', null, FALSE)",
            "A IN ('y')"
        ]
    );
}

/// Words of 15 and 18 letters look like ids; as texts they are equal in any case.
#[test]
fn words_as_long_as_ids_stay_together_in_any_case() {
    for word in ["CustomerSuccess", "Enterprisecustomer"] {
        let id = sf_core::SfId::new(&word[..15]).unwrap().to_string();
        for word in [word, &id] {
            let q = query(field!("Name").is_in([word, "other", &word.to_lowercase()]));
            let pieces = q.split_in(&SplitBudget::default().values(2)).unwrap();
            let lists: Vec<Vec<String>> = pieces.iter().map(|p| list(p, "Name")).collect();
            assert_eq!(lists, [vec![word.to_owned(), word.to_lowercase()], vec!["other".to_owned()]]);
        }
    }
}

#[test]
fn what_would_change_the_meaning_is_refused() {
    let tight = SplitBudget::default().values(2);
    let short = SplitBudget::default().characters(60);
    let many = || field!("Name").is_in(["aaaaaaaa", "bbbbbbbb", "cccccccc"]);
    for rows in [query(many()).limit(5), query(many()).offset(5)] {
        assert_eq!(refusal(&rows, tight), "a query with LIMIT or OFFSET cannot be split");
    }
    let counted = Query::from(object!("Account")).filter(many()).count();
    assert_eq!(refusal(&counted, tight), "a query that counts or groups cannot be split");
    assert_eq!(
        refusal(&query(many()).group_by([field!("Id")]), tight),
        "a query that counts or groups cannot be split"
    );
    for c in
        [many() | field!("A").eq(1), !many(), field!("Name").not_in(["aaaaaaaa", "bbbbbbbb", "cccccccc"])]
    {
        let message = refusal(&query(c), short);
        assert_eq!(message, "the statement is too long and has no list that can be split");
    }
    let days = [DateLiteral::TODAY, DateLiteral::YESTERDAY, DateLiteral::Last90Days];
    let message = refusal(&query(field!("CreatedDate").is_in(days)), tight);
    assert_eq!(message, "a list of date literals or currencies cannot be split");
    let message = refusal(&query(many()), SplitBudget::default().characters(45));
    assert_eq!(message, "the statement is too long even with one value in its list");
    let none: [&str; 0] = [];
    assert_eq!(refusal(&query(field!("Name").is_in(none)), tight), "the list of IN is empty");
}

#[test]
fn sets_of_a_multi_select_picklist_stay_together_in_any_order() {
    let q = query(field!("P__c").is_in(["a;B", "c", "b; A", "a;c"]));
    let pieces = q.split_in(&SplitBudget::default().values(2)).unwrap();
    let lists: Vec<Vec<String>> = pieces.iter().map(|p| list(p, "P__c")).collect();
    assert_eq!(lists, [vec!["a;B", "b; A"], vec!["c", "a;c"]]);
}

#[test]
fn every_other_clause_stays_in_every_piece() {
    let text = |names: &str| {
        format!(
            "SELECT Id, a.Name, DISTANCE(L__c, GEOLOCATION(1, 2), 'km'), TYPEOF W WHEN B THEN C END, \
             (SELECT Id FROM A.Bs WHERE b IN ('1', '2')) FROM Contact c, c.Account a USING SCOPE mine \
             WHERE a.Name IN ({names}) AND DISTANCE(L__c, GEOLOCATION(1, 2), 'km') < 5 \
             AND Id IN (SELECT d FROM E WHERE f IN ('1', '2') WITH g = 'h') WITH USER_MODE \
             ORDER BY DISTANCE(L__c, GEOLOCATION(1, 2), 'km') DESC FOR VIEW UPDATE TRACKING"
        )
    };
    let q = Query::parse(&text("'x', 'y', 'z'")).unwrap();
    let pieces = q.split_in(&SplitBudget::default().values(2)).unwrap();
    let pieces: Vec<String> = pieces.iter().map(|p| p.to_soql().unwrap().as_str().to_owned()).collect();
    assert_eq!(pieces, [text("'x', 'y'"), text("'z'")]);
}

#[test]
fn a_list_that_is_not_bound_is_a_problem() {
    let statement = sf_soql::Statement::parse_apex("SELECT Id FROM A WHERE b IN :bs").unwrap();
    assert_eq!(refusal(&statement.into(), SplitBudget::default()), "the parameter :bs has no value");
}

#[test]
fn the_length_in_a_url_is_that_of_the_encoded_text() {
    let q = query(field!("Name").eq("Zoë & 50%~_.-*'"));
    let text = q.to_soql().unwrap();
    assert_eq!(q.url_bytes().unwrap(), url_form(text.as_str()).len());
    let long = query(field!("Name").is_in((0..20_000).map(|n| format!("name {n}"))));
    assert!(long.to_soql().is_err() && long.url_bytes().unwrap() > 300_000);
    assert!(query(sf_soql::any([])).url_bytes().is_err());
}

/// The WHERE of each piece.
fn filters(pieces: &[Query]) -> Vec<String> {
    pieces.iter().map(|piece| piece.statement().filter.as_ref().unwrap().to_string()).collect()
}

#[test]
fn texts_that_are_equal_in_any_case_stay_together_in_every_language() {
    for (a, b) in
        [("ΟΔΟΣ", "οδοσ"), ("οδος", "ΟΔΟΣ"), ("Straße", "STRASSE"), ("ſtop", "STOP"), ("ΑΣ;Β", "β;ας")]
    {
        let pieces =
            query(field!("A").is_in([a, "other", b])).split_in(&SplitBudget::default().values(2)).unwrap();
        let lists: Vec<Vec<String>> = pieces.iter().map(|p| list(p, "A")).collect();
        assert_eq!(lists, [vec![a.to_owned(), b.to_owned()], vec!["other".to_owned()]]);
    }
}

#[test]
fn sets_that_name_a_value_twice_or_none_are_equal() {
    let q = query(field!("P__c").is_in(["a;B", "c", "b;a;A", "C;", ";"]));
    let pieces = q.split_in(&SplitBudget::default().values(2)).unwrap();
    assert_eq!(filters(&pieces), ["P__c IN ('a;B', 'b;a;A')", "P__c IN ('c', 'C;')", "P__c IN (';')"]);
}

#[test]
fn times_and_moments_that_the_org_takes_for_equal_are_in_one_piece() {
    let time = |us| Literal::Time(chrono::NaiveTime::from_hms_micro_opt(8, 0, 0, us).unwrap());
    let tight = SplitBudget::default().values(1);
    let pieces = query(field!("T").is_in([time(1), time(2), time(1_000)])).split_in(&tight).unwrap();
    assert_eq!(filters(&pieces), ["T IN (08:00:00.000Z)", "T IN (08:00:00.001Z)"]);

    let moment = |ms: i64| sf_core::Timestamp::from_millis(1_700_000_000_000 + ms).unwrap();
    let q = query(field!("CreatedDate").is_in([moment(0), moment(500), moment(1_000)]));
    assert_eq!(refusal(&q, tight), "2 values of a list must stay together");
    let pieces = q.split_in(&SplitBudget::default().values(2)).unwrap();
    assert_eq!(pieces.len(), 2);
}

#[test]
fn ids_that_differ_in_case_are_different_where_the_field_is_id() {
    let ids = ["001000000000aAa", "001000000000aAA", "001000000000AAA"];
    let tight = SplitBudget::default().values(1);
    for path in ["Id", "a.Id", "Owner.id"] {
        let path = sf_core::FieldPath::new(path).unwrap();
        assert_eq!(query(path.is_in(ids)).split_in(&tight).unwrap().len(), 3);
    }
    let same = ["001000000000001", "001000000000001AAA"];
    assert_eq!(refusal(&query(field!("Id").is_in(same)), tight), "2 values of a list must stay together");
    // Maybe a text: what a reference is called, the tree does not know.
    assert_eq!(refusal(&query(field!("Code__c").is_in(ids)), tight), "3 values of a list must stay together");
    // No ids: refused by the org, or read as who knows what.
    let q = query(field!("Id").is_in(["001000000000aAa", "001000000000aAA", "x"]));
    assert_eq!(refusal(&q, tight), "2 values of a list must stay together");
}

#[test]
fn a_value_that_stands_twice_is_left_out_where_room_is_wanted() {
    let q = query(field!("A").is_in(["a", "a", "a"]));
    assert_eq!(filters(&q.split_in(&SplitBudget::default().values(1)).unwrap()), ["A IN ('a')"]);
    let short = SplitBudget::default().characters("SELECT Id FROM Account WHERE A IN ('a')".len());
    assert_eq!(filters(&q.split_in(&short).unwrap()), ["A IN ('a')"]);
    assert_eq!(
        refusal(&q, short.characters(30)),
        "the statement is too long even with one value in its list"
    );
}

#[test]
fn values_that_must_stay_together_are_told_when_they_are_too_long() {
    let word = |i: usize| (0..9).map(|b| if i >> b & 1 == 1 { 'A' } else { 'a' }).collect::<String>();
    let q = query(field!("A").is_in((0..100).map(word)));
    let short = SplitBudget::default().characters(300);
    assert_eq!(refusal(&q, short), "100 values of a list must stay together");
    let q = q.filter(field!("B").is_in(["b", "c"]));
    assert_eq!(refusal(&q, short), "100 values of a list must stay together");
}

#[test]
fn a_number_of_values_counts_for_lists_that_cannot_be_cut() {
    let abc = ["a", "b", "c"];
    let inner = Query::from(object!("B")).select([field!("Id")]).filter(field!("C").is_in(abc));
    for condition in [
        field!("A").not_in(abc),
        field!("A").is_in(abc) | field!("B").eq(1),
        !field!("A").is_in(abc),
        field!("A").includes(abc),
        field!("A").excludes(abc),
        field!("A").in_query(inner.clone()),
    ] {
        let q = query(condition & field!("Z").is_in(["1", "2", "3"]));
        assert_eq!(refusal(&q, SplitBudget::default().values(2)), "a list of 3 values cannot be split");
        assert_eq!(q.split_in(&SplitBudget::default().values(3)).unwrap().len(), 1);
    }
    let children = query(field!("A").eq(1)).with(inner);
    assert_eq!(refusal(&children, SplitBudget::default().values(2)), "a list of 3 values cannot be split");
}

#[test]
fn a_list_of_one_large_value_leaves_the_cut_to_the_others() {
    let q = query(
        field!("A").is_in(["x".repeat(400)])
            & field!("B").is_in((0..60).map(|n| format!("{n:03}")))
            & field!("C").is_in([DateLiteral::TODAY, DateLiteral::YESTERDAY]),
    );
    let whole = q.to_string().len();
    let pieces = q.split_in(&SplitBudget::default().characters(whole - 250)).unwrap();
    assert_eq!(pieces.iter().map(|p| list(p, "B").len()).collect::<Vec<_>>(), [24, 24, 12]);
    // A large value in a list that has others, too.
    let values = || (0..30).map(|n| format!("{n:03}"));
    let q = query(field!("A").is_in(values().chain(["x".repeat(300)])) & field!("B").is_in(values()));
    let pieces = q.split_in(&SplitBudget::default().characters(420)).unwrap();
    assert!(pieces.iter().all(|p| p.to_string().len() <= 420));
}

#[test]
fn short_lists_stay_whole_beside_long_ones() {
    let long = (0..100).map(|n| format!("long {n:03}"));
    let q = query(field!("A").is_in(["a", "b", "c"]) & field!("B").is_in(long));
    let pieces = q.split_in(&SplitBudget::default().characters(400)).unwrap();
    assert!(pieces.iter().all(|p| list(p, "A") == ["a", "b", "c"]));
}

#[test]
fn pieces_are_queries_like_the_whole() {
    use sf_core::models::Account;
    let q = Query::of::<Account>().filter(Account::NAME.is_in(["a", "b"]));
    for values in [1, 2] {
        let piece = q.split_in(&SplitBudget::default().values(values)).unwrap().remove(0);
        assert_eq!(piece.statement().items, q.statement().items);
        let names = piece.select([Account::NAME]).to_string();
        assert!(names.starts_with("SELECT Name FROM Account WHERE Name IN ('a'"), "{names}");
    }
}

#[test]
fn long_lists_are_cut_in_time_that_grows_with_them() {
    let within = |cut: &dyn Fn()| {
        let start = crate::work::Work::start();
        cut();
        assert!(start.time() < std::time::Duration::from_secs(10), "{:?}", start.time());
    };
    let texts = || field!("A").is_in((0..20_000).map(|n| format!("value {n}")));
    within(&|| {
        assert_eq!(query(texts()).split_in(&SplitBudget::default().values(1)).unwrap().len(), 20_000);
    });
    let word = |i: usize| (0..14).map(|b| if i >> b & 1 == 1 { 'A' } else { 'a' }).collect::<String>();
    within(&|| {
        let variants = (0..1 << 14).map(word).chain(["z".to_owned()]);
        let q = query(field!("A").is_in(variants));
        let e = refusal(&q, SplitBudget::default());
        assert_eq!(e, "16384 values of a list must stay together");
    });
}

#[test]
fn ordered_queries_keep_their_order_in_each_piece() {
    let q = query(field!("Name").is_in(["a", "b"])).order_by(field!("Name"));
    for piece in q.split_in(&SplitBudget::default().values(1)).unwrap() {
        assert!(piece.to_string().ends_with(" ORDER BY Name"), "{piece}");
    }
}

/// Whether the org may take them for equal: a model of its own, not the crate's.
fn same(a: &Literal, b: &Literal) -> bool {
    let set = |text: &str| -> BTreeSet<String> {
        text.split(';').map(|word| word.trim().to_uppercase()).filter(|word| !word.is_empty()).collect()
    };
    let nothing = |l: &Literal| match l {
        Literal::Null | Literal::Bool(false) => true,
        Literal::Text(text) => set(text).is_empty(),
        _ => false,
    };
    match (a, b) {
        (Literal::Text(a), Literal::Text(b)) => {
            let id = |text: &str| sf_core::SfId::new(text).ok();
            set(a) == set(b) || (id(a).is_some() && id(a) == id(b))
        }
        (Literal::Number(a), Literal::Number(b)) => a == b,
        (a, b) => a == b || (nothing(a) && nothing(b)),
    }
}

fn values_of(pieces: &[Query], field: &str) -> Vec<Vec<Literal>> {
    let of = |piece: &Query| {
        let Some(Condition::And(parts)) = &piece.statement().filter else { panic!("{piece}") };
        let list = parts.iter().find_map(|part| match part {
            Condition::In { left, list, .. } if left.as_field()?.as_str() == field => Some(list.clone()),
            _ => None,
        });
        list.unwrap()
    };
    pieces.iter().map(of).collect()
}

fn equals() -> impl Strategy<Value = Literal> {
    prop_oneof![
        4 => prop::sample::select(vec![
            "a", "A", "b", "B ", "ß", "ss", "SS", "s", "ſ", "ΟΔΟΣ", "οδοσ", "οδος", "a;b", "B;a", "a; B;a", "c;", "c", "C",
            "", " ", "'", "x y", "001000000000aAa", "001000000000aAaAAI", "😀",
        ]).prop_map(Literal::from),
        1 => prop::sample::select(vec![Literal::Null, false.into(), true.into(), 1.into(), 2.into()]),
        1 => ("[xX]", 1usize..90).prop_map(|(x, n)| Literal::from(x.repeat(n))),
    ]
}

/// The largest group of equal values, by the length of its text.
fn largest(list: &[Literal], length: impl Fn(&str) -> usize) -> (Vec<Literal>, usize) {
    let text = |values: &[Literal]| field!("A").is_in(values.iter().cloned()).to_soql().unwrap();
    let (mut groups, mut seen) = (Vec::<Vec<Literal>>::new(), BTreeSet::new());
    for value in list {
        if !seen.insert(text(std::slice::from_ref(value))) {
            continue;
        }
        match groups.iter_mut().find(|group| group.iter().any(|other| same(other, value))) {
            Some(group) => group.push(value.clone()),
            None => groups.push(vec![value.clone()]),
        }
    }
    let most = groups.iter().map(Vec::len).max().unwrap();
    (groups.into_iter().max_by_key(|group| length(&text(group))).unwrap(), most)
}

proptest! {
    #![proptest_config(ProptestConfig::default())]

    /// Whatever is equal to whatever: each row of the whole is a row of exactly one piece; and what is refused could not
    /// be cut.
    #[test]
    fn a_row_of_the_whole_is_a_row_of_exactly_one_piece(
        a in prop::collection::vec(equals(), 1..25),
        b in prop::collection::vec(equals(), 1..12),
        not in prop::collection::vec(equals(), 1..6),
        sets in prop::collection::vec(equals(), 1..6),
        rows in prop::collection::vec((equals(), equals()), 0..20),
        room in 100usize..600,
        in_url in prop::bool::ANY,
        values in 1usize..16,
    ) {
        let filter = |a: &[Literal], b: &[Literal]| {
            let (a, b) = (field!("A").is_in(a.iter().cloned()), field!("B").is_in(b.iter().cloned()));
            a & field!("C").not_in(not.clone()) & b & field!("D").includes(sets.clone())
        };
        let length = |text: &str| if in_url { url_form(text).len() } else { text.encode_utf16().count() };
        let budget = SplitBudget::default().values(values);
        let budget = if in_url { budget.url_bytes(room) } else { budget.characters(room) };
        match query(filter(&a, &b)).split_in(&budget) {
            Ok(pieces) => {
                prop_assert!(not.len().max(sets.len()) <= values);
                for piece in &pieces {
                    prop_assert!(length(piece.to_soql().unwrap().as_str()) <= room);
                }
                let (in_a, in_b) = (values_of(&pieces, "A"), values_of(&pieces, "B"));
                prop_assert!(in_a.iter().chain(&in_b).all(|list| list.len() <= values));
                let rows = rows.into_iter().chain(a.iter().zip(&b).map(|(a, b)| (a.clone(), b.clone())));
                for (row_a, row_b) in rows {
                    let has = |list: &[Literal], row: &Literal| list.iter().any(|value| same(value, row));
                    let times = in_a.iter().zip(&in_b).filter(|(a, b)| has(a, &row_a) && has(b, &row_b)).count();
                    let expected = usize::from(has(&a, &row_a) && has(&b, &row_b));
                    prop_assert_eq!(times, expected, "{:?} {:?} in {:?}", row_a, row_b, pieces);
                }
            }
            Err(problems) => {
                let ((large_a, most_a), (large_b, most_b)) = (largest(&a, length), largest(&b, length));
                let least = query(filter(&large_a, &large_b)).to_soql().unwrap();
                prop_assert!(
                    not.len().max(sets.len()).max(most_a).max(most_b) > values || length(least.as_str()) > room,
                    "{} could be {}", problems, least
                );
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::default())]

    #[test]
    fn pieces_are_within_the_budget_and_every_pair_of_values_is_in_exactly_one(
        a in prop::collection::vec("[a-e😀']{1,4}", 1..30),
        b in prop::collection::vec("[a-e]{1,4}", 1..30),
        characters in 120usize..400,
        url_bytes in 260usize..900,
        values in 8usize..20,
    ) {
        let q = query(field!("A").is_in(a.clone()) & field!("B").is_in(b.clone()) & field!("C").eq(1));
        let budget = SplitBudget::default().characters(characters).url_bytes(url_bytes).values(values);
        let pieces = q.split_in(&budget).unwrap();
        let mut pairs = BTreeSet::new();
        for piece in &pieces {
            let text = piece.to_soql().unwrap().as_str().to_owned();
            prop_assert!(text.encode_utf16().count() <= characters);
            let encoded: String = url_form(&text);
            prop_assert!(encoded.len() <= url_bytes);
            let (a, b) = (list(piece, "A"), list(piece, "B"));
            prop_assert!(a.len().max(b.len()) <= values);
            let mine: BTreeSet<_> = a.iter().flat_map(|x| b.iter().map(move |y| (x.clone(), y.clone()))).collect();
            for pair in mine {
                prop_assert!(pairs.insert(pair.clone()), "{pair:?} twice");
            }
        }
        let expected: BTreeSet<_> = a.iter().flat_map(|x| b.iter().map(move |y| (x.clone(), y.clone()))).collect();
        prop_assert_eq!(pairs, expected);
    }
}

fn url_form(text: &str) -> String {
    text.bytes()
        .map(|b| match b {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(b).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect()
}
