//! What a test arranges and asserts: rows that are there from the beginning, rows as they should be in the end.
use crate::{Builder, TestOrg, json::Json, rest::Service, save::value_json};
use sf_core::{Fields, ObjectName, Result, SfId, Value, Write, field, object};
use std::fmt::Write as _;

impl Builder {
    /// One more account of this name, after the rows of the data set. [`TestOrg::find`] gives its id.
    ///
    /// ```
    /// use sf_core::{Fields, field, object};
    /// use sf_testorg::{TestOrg, demo::Dataset};
    ///
    /// let org = TestOrg::builder()
    ///     .dataset(Dataset::Empty)
    ///     .with_account("Acme")
    ///     .with_row(object!("Contact"), Fields::new().set(field!("LastName"), "Lee"))
    ///     .build();
    /// let acme = org.find(&object!("Account"), "Acme").unwrap();
    /// org.assert_row(acme, Fields::new().set(field!("Name"), "Acme").set(field!("Phone"), None::<&str>));
    /// ```
    #[must_use]
    pub fn with_account(self, name: impl Into<String>) -> Builder {
        self.with_row(object!("Account"), Fields::new().set(field!("Name"), name.into()))
    }

    /// One more row, after the rows of the data set: saved by the API user at the org's start, under the rules. It is part of the org's
    /// beginning: no change event, not in [`TestOrg::saves`]. An org that is kept in a file gets it when the file is begun, as a commit.
    #[must_use]
    pub fn with_row(mut self, object: ObjectName, fields: Fields) -> Builder {
        self.rows.push((object, fields));
        self
    }

    /// # Panics
    /// The org refuses a row.
    #[track_caller]
    #[allow(clippy::panic)]
    pub(crate) fn arrange(&self, org: &TestOrg) {
        let mut inner = org.lock();
        for (object, fields) in &self.rows {
            let json: Vec<(String, Json)> =
                fields.iter().map(|(name, value)| (name.as_str().to_owned(), value_json(value))).collect();
            let inserted = Service { inner: &mut inner }.saver().insert(object.as_str(), &json);
            if let Err(error) = inserted {
                drop(inner);
                panic!(
                    "the org refuses the row that the test arranges: {object}: {}: {}",
                    error.code, error.message
                );
            }
        }
        inner.state.seal();
    }

    /// As commits of an org that is kept in a file.
    pub(crate) fn arrange_kept(&self, org: &TestOrg) -> Result<()> {
        for (object, fields) in &self.rows {
            org.apply(Write::Insert { object: object.clone(), fields: fields.clone() })?;
        }
        Ok(())
    }
}

impl TestOrg {
    /// The first live row of this name, in the order of creation. The name is in the sObject's name field (`Name`, `Subject`,
    /// `CaseNumber`, …).
    pub fn find(&self, object: &ObjectName, name: &str) -> Option<SfId> {
        let inner = self.lock();
        let sobject = inner.state.schema().get(object.as_str())?;
        let at =
            sobject.fields.iter().position(|field| field.name_field).or_else(|| sobject.position("Name"))?;
        let mut rows = inner.state.rows(&sobject.name).filter(|row| !row.is_deleted(sobject));
        rows.find(|row| row.cells.get(at).and_then(|cell| cell.as_text()) == Some(name)).map(|row| row.id)
    }

    /// Asserts that a live row has these values; other fields do not matter. Numbers are compared by value, date-times in the form of a
    /// REST answer (`2026-01-05T09:00:00.000+0000`).
    ///
    /// ```should_panic
    /// use sf_core::{Fields, field, object};
    ///
    /// let org = sf_testorg::TestOrg::builder().with_account("Acme").build();
    /// let acme = org.find(&object!("Account"), "Acme").unwrap();
    /// org.assert_row(acme, Fields::new().set(field!("Name"), "Acme").set(field!("Phone"), "1"));
    /// // Account 0015e0000000061AAA is not as expected:
    /// //   Phone: expected "1", is null
    /// ```
    ///
    /// # Panics
    /// There is no such row, it was deleted, or a value differs: the message names every difference.
    #[track_caller]
    #[allow(clippy::panic)]
    pub fn assert_row(&self, id: SfId, expected: Fields) {
        let Some(row) = self.row(id) else {
            let was = self.lock().state.find(id).map(|(sobject, _)| sobject.name.clone());
            match was {
                Some(object) => panic!("{object} {id} was deleted"),
                None => panic!("there is no row {id}"),
            }
        };
        let mut differences = String::new();
        for (name, value) in expected.iter() {
            let found = row.value(name.as_str());
            if found.as_deref() != Some(value) {
                let is = found.as_deref().map_or_else(|| "no field of this sObject".to_owned(), shown);
                let _ = write!(differences, "\n  {name}: expected {}, is {is}", shown(value));
            }
        }
        if !differences.is_empty() {
            panic!("{} {id} is not as expected:{differences}", row.object);
        }
    }

    /// Asserts that a row is in the recycle bin.
    ///
    /// # Panics
    /// It is alive, or there is no such row.
    #[track_caller]
    #[allow(clippy::panic)]
    pub fn assert_deleted(&self, id: SfId) {
        let found = {
            let inner = self.lock();
            inner.state.find(id).map(|(sobject, row)| (sobject.name.clone(), row.is_deleted(sobject)))
        };
        match found {
            Some((_, true)) => {}
            Some((object, false)) => panic!("{object} {id} was not deleted"),
            None => panic!("there is no row {id}"),
        }
    }
}

fn shown(value: &Value) -> String {
    serde_json::to_string(value).unwrap_or_else(|_| format!("{value:?}"))
}
