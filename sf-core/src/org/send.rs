use super::Org;
use crate::{
    CallOptions, Capabilities, Delivery, Error, ErrorKind, Failure, FieldName, Fields, ObjectName, Result,
    Retry, RowOutcome, SObject, SfId, Value, Write, WriteOptions, protocol,
};
use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::value::RawValue;
use std::fmt;

/// What an upsert did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upserted {
    /// The row's id.
    pub id: SfId,
    /// It is new.
    pub created: bool,
}

impl Org {
    /// Creates a row of what is not [`Absent`](crate::Field::Absent). Columns that Salesforce keeps itself are
    /// left out.
    ///
    /// # Errors
    /// With [`Delivery::Unknown`] the row may exist: look before you insert it again.
    pub async fn insert<T: SObject>(&self, row: &T) -> Result<SfId> {
        if row.id().is_some() {
            return Err(
                Failure::invalid_input("the row has an id already: update it, or clear the id").into()
            );
        }
        let fields = self.fields_of(row).await?;
        self.write_one(Write::Insert { object: T::OBJECT, fields }).await.map(|(id, _)| id)
    }
    /// Writes what is not [`Absent`](crate::Field::Absent); [`Null`](crate::Field::Null) clears. `row.id` says
    /// which row. Columns that Salesforce keeps itself, parents and child rows are left out, so a fetched row can
    /// be changed and sent back. Nothing to write is no call.
    pub async fn update<T: SObject>(&self, row: &T) -> Result<()> {
        let id = row.id().ok_or_else(|| Failure::invalid_input("the row to update has no id"))?;
        let fields = self.fields_of(row).await?;
        if fields.is_empty() {
            return Ok(());
        }
        let write = Write::Update { object: T::OBJECT, id, fields, if_unmodified_since: None };
        self.write_one(write).await.map(drop)
    }
    /// Creates the row, or updates the one that has the same value in `key`, an external ID field.
    pub async fn upsert<T: SObject>(&self, key: impl Into<FieldName> + Send, row: &T) -> Result<Upserted> {
        let (key, fields) = (key.into(), self.fields_of(row).await?);
        let (id, created) = self.write_one(Write::Upsert { object: T::OBJECT, key, fields }).await?;
        Ok(Upserted { id, created })
    }
    /// Moves a row into the recycle bin.
    pub async fn delete(&self, id: SfId) -> Result<()> {
        self.write_one(Write::Delete { id }).await.map(drop)
    }
    async fn write_one(&self, row: Write) -> Result<(SfId, bool)> {
        let options = WriteOptions::new().with_call(self.call.clone());
        match self.write([row], &options).await.pop() {
            Some(outcome) => outcome.into_result(),
            None => {
                Err(Failure::new(ErrorKind::Decode, Delivery::Unknown, "the write had no outcome").into())
            }
        }
    }

    /// Any number of rows, cut to what the transport takes; one outcome per row, in order, whatever happens.
    ///
    /// A row that cannot be right (see [`protocol::check_row`]) fails by itself. When a call as a whole fails, its
    /// rows do; if the reason concerns the org and not the rows (no token, a quota, no connection) the rows after
    /// it come back [`Delivery::NotSent`] with that reason. A lost answer makes only its own rows
    /// [`Delivery::Unknown`] and the calls after it go on.
    ///
    /// With `all_or_none` the rows must fit into one call, because no org undoes an earlier one: more are refused
    /// before anything is sent. Options without a call of their own use this org's.
    pub async fn write(
        &self,
        rows: impl IntoIterator<Item = Write> + Send,
        options: &WriteOptions,
    ) -> Vec<RowOutcome> {
        let rows: Vec<Write> = rows.into_iter().collect();
        let can = self.transport().capabilities();
        let mut options = options.clone();
        if options.call == CallOptions::default() {
            options.call = self.call.clone();
        }
        if options.all_or_none
            && let Some(failure) = not_one_call(&rows, &can)
        {
            return rows.iter().map(|_| RowOutcome::Failed(failure.clone())).collect();
        }
        let mut outcomes: Vec<Option<RowOutcome>> =
            rows.iter().map(|row| protocol::check_row(row, &can).err().map(RowOutcome::Failed)).collect();
        let (places, good): (Vec<usize>, Vec<Write>) = rows
            .into_iter()
            .enumerate()
            .filter(|(i, _)| outcomes.get(*i).is_some_and(Option::is_none))
            .unzip();
        let (mut places, mut good) = (places.as_slice(), good.as_slice());
        let mut stopped: Option<Failure> = None;
        while !good.is_empty() {
            let count = cut(good, &can);
            let (batch, rest) = good.split_at(count);
            let (at, places_left) = places.split_at(count);
            let results = match &stopped {
                Some(reason) => vec![RowOutcome::Failed(reason.clone()); count],
                None => match self.transport().write(batch, &options).await {
                    Ok(results) if results.len() == count => results,
                    Ok(results) => vec![RowOutcome::Failed(miscounted(results.len(), count)); count],
                    Err(error) => {
                        stopped = stops(&error);
                        vec![RowOutcome::Failed(error.into_failure()); count]
                    }
                },
            };
            for (place, result) in at.iter().zip(results) {
                if let Some(slot) = outcomes.get_mut(*place) {
                    *slot = Some(result);
                }
            }
            (good, places) = (rest, places_left);
        }
        outcomes.into_iter().map(|o| o.unwrap_or_else(|| RowOutcome::Failed(miscounted(0, 1)))).collect()
    }

    /// The values of a row that can be written: not the id, not what Salesforce keeps itself, not parents,
    /// child rows and compound values that were read.
    async fn fields_of<T: SObject>(&self, row: &T) -> Result<Fields> {
        // What a custom Serialize says may quote values: left out.
        let text = serde_json::to_string(row).map_err(|_| {
            Failure::invalid_input("the row cannot be written as JSON (is an absent field not skipped?)")
        })?;
        let Entries(entries) = serde_json::from_str(&text)
            .map_err(|_| Failure::invalid_input("the row is not a JSON object"))?;
        let mut fields = Fields::new();
        for (name, raw) in entries {
            if name.eq_ignore_ascii_case("Id") || name.eq_ignore_ascii_case("attributes") || was_read(&raw) {
                continue;
            }
            let column = T::COLUMNS.iter().find(|column| column.name().as_str().eq_ignore_ascii_case(&name));
            if column.is_some_and(|column| column.is_system()) {
                continue;
            }
            if column.is_none() && raw.get() == "null" && !self.is_field(&T::OBJECT, &name).await? {
                continue;
            }
            let value: Value = match raw.get().as_bytes().first() {
                Some(b'{' | b'[') => Value::Json(raw),
                _ => serde_json::from_str(raw.get()).map_err(|_| {
                    Failure::invalid_input(format!("the value of `{name}` cannot be written"))
                })?,
            };
            fields = fields.set(FieldName::new(&name)?, value);
        }
        Ok(fields)
    }
    /// A `null` under a name the model does not know is an empty field, or a parent or children that were not there.
    /// Names of custom ones tell; for others the describe does, because guessing would drop a field silently.
    async fn is_field(&self, object: &ObjectName, name: &str) -> Result<bool> {
        let lower = name.to_ascii_lowercase();
        if lower.ends_with("__c") || lower.ends_with("__r") {
            return Ok(lower.ends_with("__c"));
        }
        let Ok(field) = FieldName::new(name) else { return Ok(false) };
        Ok(self.describe(object).await?.field(&field).is_some())
    }
}

/// A parent, child rows, an address or a location, as a query gives them; not a parent by external ID, as a write
/// takes it.
fn was_read(raw: &RawValue) -> bool {
    const COMPOUND: [&str; 10] = [
        "city",
        "country",
        "countryCode",
        "geocodeAccuracy",
        "latitude",
        "longitude",
        "postalCode",
        "state",
        "stateCode",
        "street",
    ];
    if !raw.get().starts_with('{') {
        return false;
    }
    let Ok(Entries(entries)) = serde_json::from_str::<Entries>(raw.get()) else { return false };
    let has = |name: &str| entries.iter().any(|(key, _)| key == name);
    let read_parent =
        entries.iter().any(|(key, value)| key == "attributes" && value.get().contains("\"url\""));
    read_parent
        || (has("totalSize") && has("records"))
        || entries.iter().all(|(key, _)| COMPOUND.contains(&key.as_str()))
}

/// How many leading rows one call takes.
fn cut(rows: &[Write], can: &Capabilities) -> usize {
    let mut count = 0;
    for _ in 0..can.write_runs.max(1) {
        let rest = rows.get(count..).unwrap_or_default();
        count += protocol::runs_in(rest, can);
    }
    count.min(can.write_rows.max(1)).min(rows.len())
}
fn not_one_call(rows: &[Write], can: &Capabilities) -> Option<Failure> {
    (cut(rows, can) < rows.len()).then(|| {
        let message = format!("{} rows do not fit into one all-or-none call", rows.len());
        Failure::invalid_input(message).with_next_step(format!(
            "Send at most {} rows of one verb at once, or write without `all_or_none`.",
            can.write_rows
        ))
    })
}
/// The reason not to try the calls after this one, if its failure was not about its rows.
fn stops(error: &Error) -> Option<Failure> {
    let of_the_org = matches!(error.retry(), Retry::SignIn | Retry::Quota | Retry::Backoff { .. })
        || matches!(error.kind(), ErrorKind::NotSignedIn | ErrorKind::Setup);
    of_the_org.then(|| {
        let mut failure = error.failure().clone().with_delivery(Delivery::NotSent);
        failure.message = format!("not sent, because an earlier call failed: {}", failure.message);
        failure
    })
}
fn miscounted(results: usize, rows: usize) -> Failure {
    let message = format!("the transport gave {results} outcomes for {rows} rows");
    Failure::new(ErrorKind::Decode, Delivery::Unknown, message)
}

/// The entries of a JSON object, in order.
struct Entries(Vec<(String, Box<RawValue>)>);
impl<'de> Deserialize<'de> for Entries {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct List;
        impl<'de> Visitor<'de> for List {
            type Value = Entries;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a row")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entries, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Entries(entries))
            }
        }
        d.deserialize_map(List)
    }
}
