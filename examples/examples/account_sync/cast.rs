//! Who plays which part: the fields that the story edits, chosen from the mapping and the org's describe, and the
//! values they get. Nothing here knows a field name, so that the story runs with any mapping on any org.

use chrono::{Days, NaiveDate};
use sf_core::{Describe, FieldDescribe, FieldKind, FieldName, Fields, Value};
use sf_sync::{Direction, ObjectMapping, Policy};

/// The parts of the story. `None`: the mapping or the org has no field for it; that part is left out by name.
#[derive(Debug, Clone, PartialEq)]
pub struct Cast {
    /// Edited three times quickly, pushed once, reverted at the end.
    pub typed: FieldName,
    /// Changed on both sides; the mapping lets the local value win.
    pub contested: Option<FieldName>,
    /// Changed on both sides; the mapping parks it for a person.
    pub parked: Option<FieldName>,
    /// Its value is closed in the org before it is pushed.
    pub refused: Option<FieldName>,
    /// Edited on a child record.
    pub child: Option<FieldName>,
    /// Changed in the org only.
    pub remote_only: Option<FieldName>,
}

impl Cast {
    pub fn choose(
        root: &ObjectMapping,
        root_describe: &Describe,
        child: Option<(&ObjectMapping, &Describe)>,
    ) -> Option<Cast> {
        let mut free: Vec<(&FieldDescribe, &Policy)> = editable(root, root_describe).collect();
        let mut take = |wanted: &dyn Fn(&FieldDescribe, &Policy) -> bool| {
            let at = free.iter().position(|(field, policy)| wanted(field, policy))?;
            Some(free.remove(at).0.name.clone())
        };
        let contested = take(&|_, p| *p == Policy::LocalWins);
        // Long text shows best what parking is for: two people wrote, neither text may be thrown away.
        let parked = take(&|f, p| *p == Policy::Park && f.kind() == FieldKind::LongText)
            .or_else(|| take(&|_, p| *p == Policy::Park));
        let typed = take(&|f, _| f.kind() == FieldKind::Picklist && active(f).count() > 3)
            .or_else(|| take(&|_, _| true))?;
        let refused = take(&|f, _| f.restricted_picklist && active(f).count() > 2);
        let taken = [Some(&typed), contested.as_ref(), parked.as_ref(), refused.as_ref()];
        let remote_only = root.fields.iter().find_map(|m| {
            let field = root_describe.field(&FieldName::new(m.field.as_str()).ok()?)?;
            let usable = m.direction == Direction::Pull && field.updateable && makes_values(field);
            let plain = field.reference_to.is_empty() && field.name != sf_core::field!("Name");
            (usable && plain && !taken.contains(&Some(&field.name))).then(|| field.name.clone())
        });
        let child =
            child.and_then(|(mapping, describe)| Some(editable(mapping, describe).next()?.0.name.clone()));
        Some(Cast { typed, contested, parked, refused, child, remote_only })
    }
}

/// The write-back fields of which the story can make values, with their policies.
fn editable<'a>(
    mapping: &'a ObjectMapping,
    describe: &'a Describe,
) -> impl Iterator<Item = (&'a FieldDescribe, &'a Policy)> {
    mapping.fields.iter().filter(|m| m.direction == Direction::Both).filter_map(move |m| {
        let field = describe.field(&FieldName::new(m.field.as_str()).ok()?)?;
        makes_values(field).then(|| (field, m.policy.as_ref().unwrap_or(&mapping.policy)))
    })
}

fn makes_values(field: &FieldDescribe) -> bool {
    match field.kind() {
        FieldKind::Picklist => active(field).count() > 1,
        FieldKind::Text | FieldKind::LongText => field.length == 0 || field.length >= 40,
        FieldKind::Date | FieldKind::Number | FieldKind::Integer => true,
        _ => false,
    }
}

fn active(field: &FieldDescribe) -> impl Iterator<Item = &str> {
    field.picklist_values.iter().filter(|v| v.active).map(|v| v.value.as_str())
}

/// The `k`-th new value for a field that now holds what `row` says: never the present one, and for each `k` another.
pub fn new_value(describe: &Describe, row: &Fields, name: &FieldName, k: usize, words: &str) -> Value {
    let Some(field) = describe.field(name) else { return Value::Null };
    let now = row.get(name).cloned().unwrap_or(Value::Null);
    match field.kind() {
        FieldKind::Picklist => {
            let others: Vec<&str> = active(field).filter(|v| now.as_str() != Some(*v)).collect();
            others.get(k % others.len().max(1)).map_or(Value::Null, |v| Value::from(*v))
        }
        FieldKind::Date => {
            let from = now.as_str().and_then(|t| t.parse().ok()).unwrap_or(NaiveDate::MIN);
            let start = from.max(NaiveDate::from_ymd_opt(2026, 1, 1).unwrap_or(from));
            start.checked_add_days(Days::new(k as u64 + 1)).map_or(Value::Null, Value::from)
        }
        FieldKind::Integer | FieldKind::Number => {
            let step = Value::from(k as i64 + 1);
            match (&now, &step) {
                (Value::Number(a), Value::Number(b)) => {
                    a.checked_add(b).filter(|sum| fits(field, sum)).map_or(step, Value::Number)
                }
                _ => step,
            }
        }
        _ => Value::from(words),
    }
}

fn fits(field: &FieldDescribe, n: &sf_core::Number) -> bool {
    // Percent and score fields of the demo hold three digits before the point; larger sums start again at one.
    field.wire_type == "currency" || n.to_f64() < 100.0
}
