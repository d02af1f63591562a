//! Small orgs and statements about them.
use proptest::prelude::*;
use serde_json::{Value, json};
use sf_testorg::TestOrg;
use std::collections::BTreeMap;

/// What a field holds; in the wire's own terms, so that nothing of the org's cells is needed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum V {
    Null,
    Bool(bool),
    /// Hundredths.
    Number(i64),
    Text(String),
    /// Days after 2026-01-01.
    Date(u64),
}

pub(crate) const FIELDS: [&str; 6] = ["Text__c", "Number__c", "Flag__c", "Day__c", "Pick__c", "Multi__c"];
pub(crate) const PICKS: [&str; 3] = ["Low", "High", "Medium"];

#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) key: i64,
    pub(crate) fields: BTreeMap<&'static str, V>,
    /// Which parent.
    pub(crate) parent: Option<usize>,
}

#[derive(Debug, Clone)]
pub(crate) struct Org {
    pub(crate) parents: Vec<Row>,
    pub(crate) children: Vec<Row>,
}

pub(crate) fn day(n: u64) -> String {
    (chrono::NaiveDate::from_ymd_opt(2026, 1, 1).unwrap() + chrono::Days::new(n)).to_string()
}

fn number(hundredths: i64) -> String {
    let sign = if hundredths < 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", hundredths.abs() / 100, hundredths.abs() % 100)
}

impl V {
    fn to_json(&self) -> Value {
        match self {
            V::Null => Value::Null,
            V::Bool(b) => json!(b),
            V::Number(n) => serde_json::from_str(&number(*n)).unwrap(),
            V::Text(text) => json!(text),
            V::Date(n) => json!(day(*n)),
        }
    }

    pub(crate) fn to_soql(&self) -> String {
        match self {
            V::Null => "null".into(),
            V::Bool(b) => b.to_string(),
            V::Number(n) => number(*n),
            V::Text(text) => format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'")),
            V::Date(n) => day(*n),
        }
    }
}

impl Row {
    pub(crate) fn to_json(&self, parents: &[String]) -> Value {
        let mut json = json!({"Name": "n", "Key__c": self.key});
        for (name, value) in &self.fields {
            json[*name] = value.to_json();
        }
        if let Some(parent) = self.parent.and_then(|at| parents.get(at)) {
            json["Parent__c"] = json!(parent);
        }
        json
    }
}

/// Two objects with a field of every kind that compares in its own way.
pub(crate) fn test_org() -> TestOrg {
    let can = json!({"createable": true, "updateable": true, "filterable": true, "sortable": true, "groupable": true, "aggregatable": true, "nillable": true});
    let field = |name: &str, more: Value| {
        let mut all = can.clone();
        let map = all.as_object_mut().unwrap();
        map.insert("name".into(), json!(name));
        map.insert("label".into(), json!(name));
        map.extend(more.as_object().unwrap().clone());
        all
    };
    let values: Vec<Value> = PICKS.iter().map(|v| json!({"value": v, "label": v, "active": true})).collect();
    let object = |name: &str, prefix: &str, more: Vec<Value>| {
        let mut fields = vec![
            json!({"name": "Id", "label": "Id", "type": "id", "filterable": true, "sortable": true, "groupable": true}),
            field("Name", json!({"type": "string", "length": 80, "nameField": true})),
            field("Key__c", json!({"type": "int", "digits": 9})),
            field("Text__c", json!({"type": "string", "length": 80})),
            field("Number__c", json!({"type": "double", "precision": 18, "scale": 2})),
            field("Flag__c", json!({"type": "boolean", "nillable": false, "defaultedOnCreate": true})),
            field("Day__c", json!({"type": "date"})),
            field("Pick__c", json!({"type": "picklist", "length": 40, "picklistValues": values})),
            field(
                "Multi__c",
                json!({"type": "multipicklist", "length": 200, "sortable": false, "groupable": false, "picklistValues": values}),
            ),
        ];
        fields.extend(more);
        json!({"name": name, "label": name, "keyPrefix": prefix, "createable": true, "updateable": true, "deletable": true,
            "queryable": true, "retrieveable": true, "custom": true, "fields": fields})
    };
    let lookup = field(
        "Parent__c",
        json!({"type": "reference", "length": 18, "referenceTo": ["Parent__c"], "relationshipName": "Parent__r"}),
    );
    TestOrg::builder()
        .dataset(sf_testorg::demo::Dataset::Empty)
        .object(object("Parent__c", "a0P", Vec::new()))
        .unwrap()
        .object(object("Child__c", "a0C", vec![lookup]))
        .unwrap()
        .build()
}

fn text() -> impl Strategy<Value = V> {
    prop::sample::select(vec!["a", "A", "ab", "aB", "b", "Äb", "äB", "100%", "a_b", "axb", "it's", "\\"])
        .prop_map(|t| V::Text(t.into()))
}

fn value_of(field: &'static str) -> BoxedStrategy<V> {
    match field {
        "Text__c" => text().boxed(),
        "Number__c" => {
            prop::sample::select(vec![-150, -1, 0, 1, 150, 200, 999_999]).prop_map(V::Number).boxed()
        }
        "Flag__c" => any::<bool>().prop_map(V::Bool).boxed(),
        "Day__c" => (0..5_u64).prop_map(V::Date).boxed(),
        "Pick__c" => prop::sample::select(PICKS.to_vec()).prop_map(|t| V::Text(t.into())).boxed(),
        _ => prop::sample::subsequence(PICKS.to_vec(), 1..=3).prop_map(|set| V::Text(set.join(";"))).boxed(),
    }
}

fn cell(field: &'static str) -> BoxedStrategy<V> {
    match field {
        "Flag__c" => value_of(field),
        _ => prop_oneof![1 => Just(V::Null), 3 => value_of(field)].boxed(),
    }
}

fn row(parents: usize) -> impl Strategy<Value = Row> {
    let cells: Vec<_> = FIELDS.iter().map(|f| cell(f).prop_map(move |v| (*f, v))).collect();
    (cells, prop::option::weighted(0.7, 0..parents.max(1))).prop_map(|(cells, parent)| Row {
        key: 0,
        fields: cells.into_iter().collect(),
        parent,
    })
}

fn numbered(rows: Vec<Row>) -> Vec<Row> {
    rows.into_iter().enumerate().map(|(i, row)| Row { key: i64::try_from(i).unwrap(), ..row }).collect()
}

pub(crate) fn org() -> impl Strategy<Value = Org> {
    (prop::collection::vec(row(0), 1..4), prop::collection::vec(row(3), 0..14)).prop_map(
        |(parents, children)| {
            let known = parents.len();
            let parents = numbered(parents).into_iter().map(|row| Row { parent: None, ..row }).collect();
            let children = numbered(children)
                .into_iter()
                .map(|row| Row { parent: row.parent.filter(|p| *p < known), ..row });
            Org { parents, children: children.collect() }
        },
    )
}

/// A field of the child, or of its parent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Path {
    pub(crate) of_parent: bool,
    pub(crate) field: &'static str,
}

impl Path {
    pub(crate) fn to_soql(&self) -> String {
        format!("{}{}", if self.of_parent { "Parent__r." } else { "" }, self.field)
    }
}

fn path(fields: Vec<&'static str>) -> impl Strategy<Value = Path> {
    (prop::bool::weighted(0.3), prop::sample::select(fields))
        .prop_map(|(of_parent, field)| Path { of_parent, field })
}

#[derive(Debug, Clone)]
pub(crate) enum Cond {
    Compare(Path, &'static str, V),
    In(Path, bool, Vec<V>),
    Like(Path, String),
    Includes(Path, bool, Vec<Vec<&'static str>>),
    And(Vec<Cond>),
    Or(Vec<Cond>),
    Not(Box<Cond>),
}

impl Cond {
    /// With parentheses everywhere, which is always legal.
    pub(crate) fn to_soql(&self) -> String {
        let join = |parts: &[Cond], word: &str| {
            parts.iter().map(|c| format!("({})", c.to_soql())).collect::<Vec<_>>().join(word)
        };
        match self {
            Cond::Compare(path, op, value) => format!("{} {op} {}", path.to_soql(), value.to_soql()),
            Cond::In(path, not, list) => {
                let list: Vec<String> = list.iter().map(V::to_soql).collect();
                format!("{} {}IN ({})", path.to_soql(), if *not { "NOT " } else { "" }, list.join(", "))
            }
            Cond::Like(path, pattern) => {
                format!("{} LIKE '{}'", path.to_soql(), pattern.replace('\'', "\\'"))
            }
            Cond::Includes(path, not, sets) => {
                let sets: Vec<String> = sets.iter().map(|s| format!("'{}'", s.join(";"))).collect();
                format!(
                    "{} {} ({})",
                    path.to_soql(),
                    if *not { "EXCLUDES" } else { "INCLUDES" },
                    sets.join(", ")
                )
            }
            Cond::And(parts) => join(parts, " AND "),
            Cond::Or(parts) => join(parts, " OR "),
            Cond::Not(inner) => format!("NOT ({})", inner.to_soql()),
        }
    }
}

fn comparison() -> impl Strategy<Value = Cond> {
    let ordered = path(vec!["Text__c", "Number__c", "Day__c", "Pick__c"]);
    let compare = ordered.prop_flat_map(|path| {
        let op = prop::sample::select(vec!["=", "!=", "<", "<=", ">", ">="]);
        let value = value_of(path.field);
        (op, value).prop_map(move |(op, value)| Cond::Compare(path.clone(), op, value))
    });
    let equal = path(FIELDS.to_vec()).prop_flat_map(|path| {
        let op = prop::sample::select(vec!["=", "!="]);
        let value = prop_oneof![Just(V::Null), value_of(path.field)];
        (op, value).prop_map(move |(op, value)| Cond::Compare(path.clone(), op, value))
    });
    let list = path(vec!["Text__c", "Number__c", "Day__c", "Pick__c"]).prop_flat_map(|path| {
        let values = prop::collection::vec(prop_oneof![1 => Just(V::Null), 6 => value_of(path.field)], 1..4);
        (any::<bool>(), values).prop_map(move |(not, list)| Cond::In(path.clone(), not, list))
    });
    let patterns = vec!["a%", "%b", "a_b", "%", "_", "A\\_B", "100\\%", "%\\%", "__", "%B%", "it's"];
    let like = (path(vec!["Text__c", "Pick__c"]), prop::sample::select(patterns))
        .prop_map(|(path, pattern)| Cond::Like(path, pattern.into()));
    let sets = prop::collection::vec(prop::sample::subsequence(PICKS.to_vec(), 1..=2), 1..3);
    let includes =
        (path(vec!["Multi__c"]), any::<bool>(), sets).prop_map(|(p, not, sets)| Cond::Includes(p, not, sets));
    prop_oneof![3 => compare, 2 => equal, 2 => list, 2 => like, 1 => includes]
}

fn condition() -> impl Strategy<Value = Cond> {
    comparison().prop_recursive(3, 10, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..4).prop_map(Cond::And),
            prop::collection::vec(inner.clone(), 2..4).prop_map(Cond::Or),
            inner.prop_map(|c| Cond::Not(Box::new(c))),
        ]
    })
}

#[derive(Debug, Clone)]
pub(crate) struct Sort {
    pub(crate) path: Path,
    pub(crate) descending: bool,
    pub(crate) nulls_last: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct Query {
    pub(crate) filter: Option<Cond>,
    pub(crate) order: Vec<Sort>,
    pub(crate) limit: Option<usize>,
    pub(crate) offset: Option<usize>,
}

impl Query {
    fn filter(&self) -> String {
        self.filter.as_ref().map_or_else(String::new, |c| format!(" WHERE {}", c.to_soql()))
    }
    pub(crate) fn to_soql(&self) -> String {
        let sort = |s: &Sort| {
            let direction = if s.descending { " DESC" } else { "" };
            format!("{}{direction}{}, ", s.path.to_soql(), if s.nulls_last { " NULLS LAST" } else { "" })
        };
        let order: String = self.order.iter().map(sort).collect();
        let rows = |word: &str, n: Option<usize>| n.map_or_else(String::new, |n| format!(" {word} {n}"));
        format!(
            "SELECT Key__c FROM Child__c{} ORDER BY {order}Key__c{}{}",
            self.filter(),
            rows("LIMIT", self.limit),
            rows("OFFSET", self.offset)
        )
    }
    pub(crate) fn to_count(&self) -> String {
        format!("SELECT COUNT() FROM Child__c{}", self.filter())
    }
}

pub(crate) fn query() -> impl Strategy<Value = Query> {
    // How rows without a parent sort by its checkbox is not documented.
    let is_known = |path: &Path| !(path.of_parent && path.field == "Flag__c");
    let by =
        path(vec!["Text__c", "Number__c", "Day__c", "Pick__c", "Flag__c"]).prop_filter("known", is_known);
    let sort = (by, any::<bool>(), any::<bool>()).prop_map(|(path, descending, nulls_last)| Sort {
        path,
        descending,
        nulls_last,
    });
    let rows = || prop::option::weighted(0.3, 0..6_usize);
    (prop::option::weighted(0.9, condition()), prop::collection::vec(sort, 0..3), rows(), rows())
        .prop_map(|(filter, order, limit, offset)| Query { filter, order, limit, offset })
}

/// How groups are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum How {
    Plain,
    Rollup,
    Cube,
}

#[derive(Debug, Clone)]
pub(crate) struct Grouped {
    pub(crate) by: Vec<&'static str>,
    pub(crate) how: How,
    pub(crate) filter: Option<Cond>,
    /// `HAVING COUNT(Id) > n`
    pub(crate) having: Option<usize>,
}

impl Grouped {
    pub(crate) fn to_soql(&self) -> String {
        let by = self.by.join(", ");
        let group = match self.how {
            How::Plain => by.clone(),
            How::Rollup => format!("ROLLUP({by})"),
            How::Cube => format!("CUBE({by})"),
        };
        let filter = self.filter.as_ref().map_or_else(String::new, |c| format!(" WHERE {}", c.to_soql()));
        let having = self.having.map_or_else(String::new, |n| format!(" HAVING COUNT(Id) > {n}"));
        // What is grouped by is not aggregated.
        let texts = if self.has("Text__c") { "" } else { ", COUNT_DISTINCT(Text__c) texts" };
        let days = if self.has("Day__c") { "" } else { ", MIN(Day__c) early, MAX(Day__c) late" };
        format!(
            "SELECT {by}, COUNT(Id) n, COUNT(Number__c) numbers, SUM(Number__c) total{texts}{days} FROM Child__c{filter} GROUP BY {group}{having}"
        )
    }

    /// Whether it is grouped by this field.
    pub(crate) fn has(&self, field: &str) -> bool {
        self.by.contains(&field)
    }

    /// The same from an answered record.
    pub(crate) fn answer_of(&self, record: &Value) -> super::Answer {
        let keys = self.by.iter().map(|k| record[*k].to_string().to_uppercase()).collect();
        let text = |key: &str| record[key].to_string();
        let number = |key: &str| record[key].as_f64().map(|n| (n * 100.0).round() as i64);
        super::Answer {
            keys,
            counts: [text("n"), text("numbers"), text("texts")],
            total: number("total"),
            days: [text("early"), text("late")],
        }
    }
}

pub(crate) fn grouped() -> impl Strategy<Value = Grouped> {
    let by = prop::sample::subsequence(vec!["Text__c", "Pick__c", "Flag__c", "Day__c"], 1..=3);
    let how = prop::sample::select(vec![How::Plain, How::Plain, How::Rollup, How::Cube]);
    (by, how, prop::option::weighted(0.5, condition()), prop::option::weighted(0.3, 0..3_usize))
        .prop_map(|(by, how, filter, having)| Grouped { by, how, filter, having })
}
