//! Date literals and patterns.

use sf_soql::{Condition, DateLiteral, DateUnit, Literal, Op, Pattern, PatternPart};
use std::collections::BTreeSet;

pub(crate) const PLAIN: &[&str] = &[
    "YESTERDAY",
    "TODAY",
    "TOMORROW",
    "LAST_WEEK",
    "THIS_WEEK",
    "NEXT_WEEK",
    "LAST_MONTH",
    "THIS_MONTH",
    "NEXT_MONTH",
    "LAST_90_DAYS",
    "NEXT_90_DAYS",
    "THIS_QUARTER",
    "LAST_QUARTER",
    "NEXT_QUARTER",
    "THIS_YEAR",
    "LAST_YEAR",
    "NEXT_YEAR",
    "THIS_FISCAL_QUARTER",
    "LAST_FISCAL_QUARTER",
    "NEXT_FISCAL_QUARTER",
    "THIS_FISCAL_YEAR",
    "LAST_FISCAL_YEAR",
    "NEXT_FISCAL_YEAR",
];
pub(crate) const COUNTED: &[&str] = &[
    "LAST_N_DAYS",
    "NEXT_N_DAYS",
    "N_DAYS_AGO",
    "NEXT_N_WEEKS",
    "LAST_N_WEEKS",
    "N_WEEKS_AGO",
    "NEXT_N_MONTHS",
    "LAST_N_MONTHS",
    "N_MONTHS_AGO",
    "NEXT_N_QUARTERS",
    "LAST_N_QUARTERS",
    "N_QUARTERS_AGO",
    "NEXT_N_YEARS",
    "LAST_N_YEARS",
    "N_YEARS_AGO",
    "NEXT_N_FISCAL_QUARTERS",
    "LAST_N_FISCAL_QUARTERS",
    "N_FISCAL_QUARTERS_AGO",
    "NEXT_N_FISCAL_YEARS",
    "LAST_N_FISCAL_YEARS",
    "N_FISCAL_YEARS_AGO",
];

fn value(text: &str) -> Literal {
    match Condition::parse(&format!("a = {text}")) {
        Ok(Condition::Compare { right, .. }) => right,
        other => panic!("{other:?}"),
    }
}

#[test]
fn all_44_date_literals_are_read_in_any_case_and_written() {
    let mut seen = BTreeSet::new();
    for name in PLAIN.iter().map(ToString::to_string).chain(COUNTED.iter().map(|n| format!("{n}:7"))) {
        let Literal::DateLiteral(literal) = value(&name.to_ascii_lowercase()) else { panic!("{name}") };
        assert_eq!(literal.to_string(), name);
        seen.insert(format!("{literal:?}"));
    }
    assert_eq!(seen.len(), 44);
    assert_eq!(value("LAST_N_DAYS:7"), Literal::DateLiteral(DateLiteral::LastN(DateUnit::Day, 7)));
    assert_eq!(value("YESTERDAY"), Literal::DateLiteral(DateLiteral::YESTERDAY));
}

#[test]
fn a_pattern_keeps_wildcards_and_text_apart() {
    let parts = |p: Pattern| p.parts().to_vec();
    let text = |t: &str| PatternPart::Text(t.into());
    assert_eq!(
        parts(Pattern::from("a%b_c")),
        [text("a"), PatternPart::Any, text("b"), PatternPart::One, text("c")]
    );
    assert_eq!(parts(Pattern::from(r"50\%\_\\%")), [text(r"50%_\"), PatternPart::Any]);
    assert_eq!(parts(Pattern::from(r"C:\dir\")), [text(r"C:\dir\")]);
    assert_eq!(parts(Pattern::exact("")), []);
    let read = Condition::parse(r"a LIKE 'x\\\%\_%'").unwrap();
    let Condition::Compare { op: Op::Like, right: Literal::Pattern(p), .. } = read else { panic!() };
    assert_eq!(parts(p), [text(r"x\%_"), PatternPart::Any]);
}

#[test]
fn numbers_are_written_without_exponent_and_keep_their_digits() {
    use sf_core::{Number, field};
    use sf_soql::prelude::*;
    for (wire, soql) in [("1.0E7", "10000000"), ("300.0", "300.0"), ("0.10", "0.10"), ("-2.5E-2", "-0.025")] {
        let number: Number = wire.parse().ok().unwrap();
        assert_eq!(field!("A").eq(number).to_soql().unwrap(), format!("A = {soql}"));
    }
}

#[test]
fn values_are_made_of_what_programs_have() {
    use sf_core::{FieldName, FieldPath, Timestamp, field, path};
    use sf_soql::{Identifier, Item, Operand};
    use std::borrow::Cow;
    let one: Literal = 1.into();
    let number: sf_core::Number = 1.into();
    for value in [
        Literal::from(1u8),
        1u16.into(),
        1i8.into(),
        1i16.into(),
        1usize.into(),
        (&1i32).into(),
        (&1i64).into(),
        (&number).into(),
        (&one).into(),
    ] {
        assert_eq!(value, one);
    }
    assert_eq!(Literal::from(usize::MAX).to_owned(), Literal::from(u64::MAX));
    assert_eq!(Literal::from(&"x"), Literal::from("x"));
    assert_eq!(Literal::from(Cow::Borrowed("x")), Literal::from("x"));
    let at = Timestamp::from_millis(1_700_000_000_123).unwrap();
    assert_eq!(Literal::from(at.utc()), Literal::from(at));
    let (name, path): (FieldName, FieldPath) = (field!("A"), path!("A"));
    assert_eq!(Operand::from(&name), Operand::from(&path));
    assert_eq!(Item::from(&name), Item::from(&path));
    let parsed: Identifier = "Total".parse().unwrap();
    let set: BTreeSet<String> = BTreeSet::from([parsed.to_string()]);
    assert!(set.contains("Total") && "first".parse::<Identifier>().is_err());
    let hash = |id: &Identifier| {
        use std::hash::{DefaultHasher, Hash, Hasher};
        let mut hasher = DefaultHasher::new();
        id.hash(&mut hasher);
        hasher.finish()
    };
    assert_eq!(hash(&parsed), hash(&Identifier::new("TOTAL").unwrap()));
    assert_ne!(hash(&parsed), hash(&Identifier::new("Total2").unwrap()));
}
