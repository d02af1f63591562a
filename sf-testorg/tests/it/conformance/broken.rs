//! Transports with one fault each, which the suite has to notice.
use async_trait::async_trait;
use sf_core::protocol::{BodySink, Request, Response};
use sf_core::*;

type Pages = Vec<Result<Page, Failure>>;

/// What a broken transport changes on the way in and out.
pub(crate) trait Wrapper: Send + Sync + 'static {
    fn rows_in(&self, batch: &[Write]) -> Vec<Write> {
        batch.to_vec()
    }
    fn outcomes_out(&self, _: &mut Vec<RowOutcome>) {}
    /// Send it once more?
    fn again(&self, _: &[Write], _: &Result<Vec<RowOutcome>>) -> bool {
        false
    }
    fn pages_out(&self, _: &mut Pages) {}
}
pub(crate) struct Broken<T, W> {
    pub(crate) inner: T,
    pub(crate) wrapper: W,
}
impl<T, W> std::fmt::Debug for Broken<T, W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Broken")
    }
}
#[async_trait]
impl<T: Transport, W: Wrapper> Transport for Broken<T, W> {
    fn capabilities(&self) -> Capabilities {
        self.inner.capabilities()
    }
    fn usage(&self) -> Usage {
        self.inner.usage()
    }
    async fn query(&self, batch: &[QueryCall], options: &QueryOptions) -> Result<Pages> {
        let mut pages = self.inner.query(batch, options).await?;
        self.wrapper.pages_out(&mut pages);
        Ok(pages)
    }
    async fn retrieve(
        &self,
        object: &ObjectName,
        ids: &[SfId],
        fields: &[FieldName],
        options: &CallOptions,
    ) -> Result<Page> {
        let mut pages = vec![Ok(self.inner.retrieve(object, ids, fields, options).await?)];
        self.wrapper.pages_out(&mut pages);
        Ok(pages.remove(0)?)
    }
    async fn write(&self, batch: &[Write], options: &WriteOptions) -> Result<Vec<RowOutcome>> {
        let rows = self.wrapper.rows_in(batch);
        let mut result = self.inner.write(&rows, options).await;
        if self.wrapper.again(batch, &result) {
            result = self.inner.write(&rows, options).await;
        }
        if let Ok(outcomes) = &mut result {
            self.wrapper.outcomes_out(outcomes);
        }
        result
    }
    async fn describe(&self, object: &ObjectName, options: &DescribeOptions) -> Result<Option<Describe>> {
        self.inner.describe(object, options).await
    }
    async fn changed(
        &self,
        object: &ObjectName,
        window: &Window,
        options: &CallOptions,
    ) -> Result<ChangedIds> {
        self.inner.changed(object, window, options).await
    }
    async fn limits(&self, options: &CallOptions) -> Result<Limits> {
        self.inner.limits(options).await
    }
    async fn identity(&self, options: &CallOptions) -> Result<Identity> {
        self.inner.identity(options).await
    }
    async fn call(&self, request: &Request, options: &CallOptions) -> Result<Response> {
        self.inner.call(request, options).await
    }
    async fn download(
        &self,
        request: &Request,
        sink: &mut dyn BodySink,
        options: &CallOptions,
    ) -> Result<Response> {
        self.inner.download(request, sink, options).await
    }
}

/// A page of other rows with the same total and the same next page.
fn with_rows(page: &Page, rows: &[String]) -> Page {
    let next = page.next().map_or(r#""done":true"#.to_owned(), |next| {
        format!(r#""done":false,"nextRecordsUrl":"{}""#, next.as_str())
    });
    Page::new(format!(r#"{{"totalSize":{},{next},"records":[{}]}}"#, page.total(), rows.join(","))).unwrap()
}
fn each_page(pages: &mut Pages, change: impl Fn(&mut Vec<String>)) {
    for page in pages.iter_mut().flatten() {
        let mut rows: Vec<String> = page.rows().unwrap().iter().map(|row| row.text().to_owned()).collect();
        change(&mut rows);
        *page = with_rows(page, &rows);
    }
}

pub(crate) struct DropsLastRow;
impl Wrapper for DropsLastRow {
    fn pages_out(&self, pages: &mut Pages) {
        each_page(pages, |rows| drop(rows.pop()));
    }
}

pub(crate) struct PermutesResults;
impl Wrapper for PermutesResults {
    fn outcomes_out(&self, outcomes: &mut Vec<RowOutcome>) {
        outcomes.reverse();
    }
    fn pages_out(&self, pages: &mut Pages) {
        pages.reverse();
        each_page(pages, |rows| rows.reverse());
    }
}

pub(crate) struct RepeatsInserts;
impl Wrapper for RepeatsInserts {
    fn again(&self, batch: &[Write], result: &Result<Vec<RowOutcome>>) -> bool {
        result.is_ok() && batch.iter().any(|row| matches!(row, Write::Insert { .. }))
    }
}

/// Updates whatever the row has become.
pub(crate) struct ForgetsConditions;
impl Wrapper for ForgetsConditions {
    fn rows_in(&self, batch: &[Write]) -> Vec<Write> {
        let mut rows = batch.to_vec();
        for row in &mut rows {
            if let Write::Update { if_unmodified_since, .. } = row {
                *if_unmodified_since = None;
            }
        }
        rows
    }
}

/// Believes `"success":true` of rows that all-or-none undid.
pub(crate) struct BelievesRolledBackRows;
impl Wrapper for BelievesRolledBackRows {
    fn outcomes_out(&self, outcomes: &mut Vec<RowOutcome>) {
        for outcome in outcomes {
            if outcome.was_held_back() {
                let id = SfId::new("001000000000001").unwrap();
                *outcome = RowOutcome::Done { id, created: true };
            }
        }
    }
}

pub(crate) struct RepeatsUnknown;
impl Wrapper for RepeatsUnknown {
    fn again(&self, _: &[Write], result: &Result<Vec<RowOutcome>>) -> bool {
        result.as_ref().is_ok_and(|outcomes| {
            outcomes.iter().any(|o| o.failure().is_some_and(|f| f.delivery == Delivery::Unknown))
        })
    }
}

pub(crate) struct WritesAbsentAsNull;
impl Wrapper for WritesAbsentAsNull {
    fn rows_in(&self, batch: &[Write]) -> Vec<Write> {
        let mut rows = batch.to_vec();
        for row in &mut rows {
            if let Write::Update { object, fields, .. } = row
                && *object == object!("Account")
            {
                for name in [field!("Phone"), field!("Website"), field!("Industry")] {
                    if !fields.contains(&name) {
                        fields.insert(name, Value::Null);
                    }
                }
            }
        }
        rows
    }
}

/// To fourteen significant digits, as some languages print a float.
pub(crate) struct RoundsNumbers;
fn round(json: &str) -> String {
    fn walk(value: &mut serde_json::Value) {
        match value {
            serde_json::Value::Number(n) if n.as_f64().is_some_and(|n| n.abs() > 1e10) => {
                let rounded: f64 = format!("{:.13e}", n.as_f64().unwrap()).parse().unwrap();
                *value = rounded.into();
            }
            serde_json::Value::Array(items) => items.iter_mut().for_each(walk),
            serde_json::Value::Object(map) => map.values_mut().for_each(walk),
            _ => {}
        }
    }
    let mut value = serde_json::from_str(json).unwrap();
    walk(&mut value);
    value.to_string()
}
impl Wrapper for RoundsNumbers {
    fn rows_in(&self, batch: &[Write]) -> Vec<Write> {
        let mut rows = batch.to_vec();
        for row in &mut rows {
            let (Write::Insert { fields, .. } | Write::Update { fields, .. } | Write::Upsert { fields, .. }) =
                row
            else {
                continue;
            };
            *fields = serde_json::from_str(&round(&serde_json::to_string(fields).unwrap())).unwrap();
        }
        rows
    }
    fn pages_out(&self, pages: &mut Pages) {
        each_page(pages, |rows| {
            for row in rows {
                *row = round(row);
            }
        });
    }
}

/// Says that a cut set is whole.
pub(crate) struct CutsChildRows;
impl Wrapper for CutsChildRows {
    fn pages_out(&self, pages: &mut Pages) {
        each_page(pages, |rows| {
            for row in rows {
                let mut value: serde_json::Value = serde_json::from_str(row).unwrap();
                for child in value.as_object_mut().into_iter().flat_map(|row| row.values_mut()) {
                    if let Some(set) = child.as_object_mut()
                        && set.remove("nextRecordsUrl").is_some()
                    {
                        let rows = set["records"].as_array().unwrap().len();
                        set.insert("done".into(), true.into());
                        set.insert("totalSize".into(), rows.into());
                        *row = value.to_string();
                        break;
                    }
                }
            }
        });
    }
}
