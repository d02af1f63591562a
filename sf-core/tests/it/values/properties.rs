//! Properties of every reader and writer here.
use proptest::prelude::*;
use sf_core::{
    Children, Cursor, FieldName, FieldPath, Fields, Number, ObjectName, Record, SfId, Timestamp, Value,
};

/// mantissa × 10^-scale, the reference that numbers are compared with. 10^18 × 10^8 fits with room.
#[derive(Debug, Clone, Copy)]
struct Reference {
    mantissa: i128,
    scale: u32,
}

impl Reference {
    /// At a scale of 12.
    fn aligned(self) -> i128 {
        self.mantissa * 10_i128.pow(12 - self.scale)
    }

    /// One of the many texts of the number.
    fn text(self, shift: u32, zeros: usize, upper: bool) -> String {
        let digits = self.mantissa.unsigned_abs().to_string();
        let digits = format!("{digits:0>width$}", width = self.scale as usize + 1);
        let (whole, fraction) = digits.split_at(digits.len() - self.scale as usize);
        let sign = if self.mantissa < 0 { "-" } else { "" };
        let plain = match (fraction, zeros) {
            ("", 0) => format!("{sign}{whole}"),
            _ => format!("{sign}{whole}.{fraction}{}", "0".repeat(zeros)),
        };
        let plain = if plain.ends_with('.') { plain + "0" } else { plain };
        // A number with its point moved by an exponent: 12.5 is 0.00125e4.
        match shift {
            0 => plain,
            n => {
                let digits = format!("{digits:0>width$}", width = (self.scale + n) as usize + 1);
                let (whole, fraction) = digits.split_at(digits.len() - (self.scale + n) as usize);
                format!("{sign}{whole}.{fraction}{}{n}", if upper { "E+" } else { "e" })
            }
        }
    }
}

/// Text of a number at a scale of 12.
fn from_aligned(mantissa: i128) -> Number {
    Reference { mantissa, scale: 12 }.text(0, 0, false).parse().unwrap()
}

prop_compose! {
    fn reference()(mantissa in prop_oneof![
        -1_000_i128..1_000, -1_000_000_000_000_000_000_i128..1_000_000_000_000_000_000
    ], scale in 0_u32..9) -> Reference {
        Reference { mantissa, scale }
    }
}

prop_compose! {
    fn spelled()(number in reference(), shift in 0_u32..5, zeros in 0_usize..4, upper in any::<bool>())
        -> (Reference, Number)
    {
        let text = number.text(shift, zeros, upper);
        (number, text.parse().unwrap_or_else(|_| panic!("{text}")))
    }
}

fn hash(n: &Number) -> u64 {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    n.hash(&mut hasher);
    hasher.finish()
}

fn value() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        spelled().prop_map(|(_, n)| Value::Number(n)),
        any::<String>().prop_map(Value::Text),
        Just(serde_json::from_str(r#"{"city":"Köln","latitude":1.50}"#).unwrap()),
    ];
    scalar.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            record(inner.clone()).prop_map(Value::from),
            (
                proptest::collection::vec(record(inner), 0..3),
                any::<u32>(),
                proptest::option::of("[a-z/]{1,9}")
            )
                .prop_map(|(rows, total, next)| {
                    let mut children = Children::from(rows);
                    (children.total, children.next) = (total.into(), next.map(Cursor::new));
                    Value::Rows(Box::new(children))
                }),
        ]
    })
}

fn fields(value: impl Strategy<Value = Value>) -> impl Strategy<Value = Fields> {
    proptest::collection::vec(("[A-Z][a-z0-9_]{0,6}__c", value), 0..5).prop_map(|fields| {
        fields.into_iter().map(|(name, value)| (FieldName::new(name).unwrap(), value)).collect()
    })
}

fn record(value: impl Strategy<Value = Value>) -> impl Strategy<Value = Record> {
    (fields(value), proptest::option::of("[a-zA-Z0-9]{15}")).prop_map(|(fields, id)| {
        let mut record = Record::new(ObjectName::new("A__c").unwrap());
        (record.fields, record.id) = (fields, id.map(|id| SfId::new(id).unwrap()));
        record
    })
}

/// By value, and the same text when written twice: digits and order are kept.
fn survives<T>(thing: &T) -> Result<(), TestCaseError>
where
    T: PartialEq + std::fmt::Debug + serde::Serialize + serde::de::DeserializeOwned,
{
    let json = serde_json::to_string(thing).unwrap();
    let read: T = serde_json::from_str(&json).unwrap();
    prop_assert_eq!(&read, thing);
    prop_assert_eq!(serde_json::to_string(&read).unwrap(), json);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::default())]

    #[test]
    fn numbers_compare_and_hash_as_the_reference((a, x) in spelled(), (b, y) in spelled(), shift in 0_u32..5) {
        prop_assert_eq!(x.cmp(&y), a.aligned().cmp(&b.aligned()));
        let other: Number = a.text(shift, 2, true).parse().unwrap();
        prop_assert_eq!(&x, &other);
        prop_assert_eq!(hash(&x), hash(&other));
    }

    #[test]
    fn sums_are_exact((a, x) in spelled(), (b, y) in spelled()) {
        prop_assert_eq!(x.checked_add(&y).unwrap(), from_aligned(a.aligned() + b.aligned()));
        prop_assert_eq!(x.checked_sub(&y).unwrap(), from_aligned(a.aligned() - b.aligned()));
    }

    #[test]
    fn rounding_goes_half_away_from_zero((a, x) in spelled(), decimals in 0_u8..10) {
        let unit = 10_i128.pow(12 - u32::from(decimals));
        let rounded = (a.aligned().abs() + unit / 2) / unit * unit * a.aligned().signum();
        let ours = x.round(decimals);
        prop_assert_eq!(&ours, &from_aligned(rounded), "{} to {}", x, decimals);
        prop_assert_eq!(ours.round(decimals), ours);
    }

    #[test]
    fn other_forms_of_a_number_agree((a, x) in spelled()) {
        let unit = 10_i128.pow(12);
        let whole = (a.aligned() % unit == 0).then(|| i64::try_from(a.aligned() / unit).ok()).flatten();
        prop_assert_eq!(x.to_i64(), whole);
        let plain = x.plain();
        prop_assert!(!plain.contains(['e', 'E']));
        prop_assert_eq!(plain.parse::<Number>().unwrap(), x.clone());
        prop_assert_eq!(x.to_f64(), x.as_str().parse::<f64>().unwrap());
        survives(&x)?;
    }

    #[test]
    fn floats_come_back(n in any::<f64>()) {
        match Number::try_from(n) {
            Ok(number) => prop_assert_eq!(number.to_f64(), n),
            Err(_) => prop_assert!(!n.is_finite()),
        }
    }

    #[test]
    fn numbers_are_what_json_says(text in "[-+.0-9eE]{0,9}|[-]?[0-9]{1,30}([.][0-9]{1,9})?([eE][-+]?[0-9]{1,3})?") {
        // serde_json refuses what is too large for a float; its raw reader does not.
        let json = serde_json::from_str::<Box<serde_json::value::RawValue>>(&text);
        let is_number = json.is_ok_and(|json| json.get() == text);
        prop_assert_eq!(text.parse::<Number>().is_ok(), is_number, "{}", text);
    }

    #[test]
    fn no_number_takes_long(whole in "[1-9][0-9]{0,40}", exponent in any::<i32>(), other in "[0-9]{1}|[1-9][0-9]{1,9}") {
        let (x, y): (Number, Number) = (format!("{whole}e{exponent}").parse().unwrap(), other.parse().unwrap());
        let _ = (x.cmp(&y), x.checked_add(&y), y.checked_sub(&x), x.round(2), x.plain(), x.to_i64(), x.to_f64(), hash(&x));
    }

    #[test]
    fn an_id_of_15_is_its_id_of_18(stem in "[a-zA-Z0-9]{15}") {
        let id = SfId::new(&stem).unwrap();
        prop_assert_eq!(id.as_15(), &stem);
        prop_assert_eq!(SfId::new(id.as_str()).unwrap(), id);
        // The checksum tells upper from lower case at every place.
        for i in (0..15).filter(|i| stem.as_bytes()[*i].is_ascii_alphabetic()) {
            let mut swapped = id.as_str().as_bytes().to_vec();
            swapped[i] ^= 0x20;
            prop_assert!(SfId::new(String::from_utf8(swapped).unwrap()).is_err());
        }
        survives(&id)?;
    }

    #[test]
    fn no_text_panics_a_reader(text in any::<String>()) {
        if let Ok(id) = SfId::new(&text) {
            prop_assert_eq!(id.as_15(), &text[..15]);
        }
        let _ = (text.parse::<Timestamp>(), text.parse::<Number>(), FieldName::new(&text), ObjectName::new(&text));
        let _ = (serde_json::from_str::<Value>(&text), serde_json::from_str::<Record>(&text));
        if let Ok(path) = FieldPath::new(&text) {
            prop_assert!(path.segments().all(|segment| FieldName::new(segment).is_ok()));
        }
    }

    #[test]
    fn names_ignore_case_and_nothing_else(name in "[a-z][a-z0-9_]{0,10}[a-z0-9]", other in "[a-z][a-z0-9_]{0,3}[a-z]") {
        let (lower, upper) = (FieldName::new(&name).unwrap(), FieldName::new(name.to_uppercase()).unwrap());
        prop_assert_eq!(&lower, &upper);
        prop_assert_eq!(lower.cmp(&upper), std::cmp::Ordering::Equal);
        prop_assert_eq!(upper.as_str(), name.to_uppercase());
        let set: std::collections::HashSet<_> = [lower.clone(), upper].into();
        prop_assert_eq!(set.len(), 1);
        let other = FieldName::new(other).unwrap();
        prop_assert_eq!(lower == other, lower.as_str() == other.as_str());
        prop_assert_eq!(lower.cmp(&other), lower.as_str().cmp(other.as_str()));
        survives(&lower)?;
    }

    #[test]
    fn timestamps_come_back_in_every_form(ms in -62_167_219_200_000_i64..=253_402_300_799_999, minutes in -1_439_i64..1_440) {
        let at = Timestamp::from_millis(ms).unwrap();
        prop_assert_eq!(at.millis(), ms);
        prop_assert_eq!(at.to_string(), at.utc().to_rfc3339_opts(chrono::SecondsFormat::Millis, true));
        let wire = at.utc().format("%Y-%m-%dT%H:%M:%S%.3f+0000").to_string();
        prop_assert_eq!(wire.parse::<Timestamp>().unwrap(), at);
        let zone = chrono::FixedOffset::east_opt(i32::try_from(minutes * 60).unwrap()).unwrap();
        let local = at.utc().with_timezone(&zone).to_rfc3339();
        if local.as_bytes()[4] == b'-' && local.as_bytes()[0].is_ascii_digit() {
            prop_assert_eq!(local.parse::<Timestamp>().unwrap(), at);
        }
        prop_assert!(at.same_second(at.floor_second()));
        survives(&at)?;
    }

    #[test]
    fn values_come_back(value in value()) {
        survives(&value)?;
    }

    #[test]
    fn fields_and_records_come_back(record in record(value())) {
        survives(&record.fields)?;
        survives(&record)?;
    }
}
