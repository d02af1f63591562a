//! How an org begins.
use crate::{
    Assumptions, ConnectedApp, Credentials, InstalledPackage, TestOrg, VirtualClock,
    demo::{self, Dataset},
    guard::{self, Rule},
    journal::{Journal, Origin, Restored, Wanted},
    schema_file,
    state::{SchemaError, State},
};
use serde::Serialize;
use serde_json::Value as Json;
use sf_core::{Clock, Delivery, Error, ErrorKind, Failure, Fields, ObjectName, Result, Timestamp};
use std::{path::Path, time::Duration};

/// Options of a new org. Nothing chosen: the demo, seed 1, 50 accounts, Monday, 5 January 2026, 09:00 UTC, in memory.
///
/// ```
/// use sf_testorg::TestOrg;
///
/// let org = TestOrg::builder().seed(7).accounts(10).build();
/// assert_eq!(org.rows(&sf_core::object!("Account")).len(), 12);
/// ```
#[derive(Debug, Clone, Default)]
pub struct Builder {
    wanted: Wanted,
    start: Option<Timestamp>,
    sobjects: Vec<Json>,
    latency: Duration,
    page_size: Option<usize>,
    apps: Vec<ConnectedApp>,
    assumptions: Assumptions,
    session_timeout: Option<Duration>,
    password_flow: bool,
    no_soap_login: bool,
    bulk: crate::bulk::Settings,
    change_entities: Option<Vec<String>>,
    packages: Vec<InstalledPackage>,
    rules: Vec<Rule>,
    pub(crate) rows: Vec<(ObjectName, Fields)>,
}

impl Builder {
    /// The seed of all rows and of the credentials (default 1).
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Builder {
        self.wanted.seed = Some(seed);
        self
    }

    /// Accounts a client will ask for (default 50). The demo holds a fifth more, so that there is something left to find.
    #[must_use]
    pub fn accounts(mut self, accounts: u64) -> Builder {
        self.wanted.accounts = Some(accounts);
        self
    }

    /// The rows it begins with (default [`Dataset::Demo`]).
    #[must_use]
    pub fn dataset(mut self, dataset: Dataset) -> Builder {
        self.wanted.dataset = Some(dataset);
        self
    }

    /// The org's time when it begins; the dates of its rows are offsets from it. An org that is continued goes on at this time or
    /// at the latest time it has shown, whichever is later.
    #[must_use]
    pub fn start(mut self, start: Timestamp) -> Builder {
        self.start = Some(start);
        self
    }

    /// Every answer takes this long (default: no time).
    #[must_use]
    pub fn latency(mut self, latency: Duration) -> Builder {
        self.latency = latency;
        self
    }

    /// The most rows a page of a query has (default 2,000).
    #[must_use]
    pub fn page_size(mut self, rows: usize) -> Builder {
        self.page_size = Some(rows);
        self
    }

    /// One more connected app, or another form of a built-in one. A state file does not hold it: choose it again when the org is continued.
    #[must_use]
    pub fn connected_app(mut self, app: ConnectedApp) -> Builder {
        self.apps.push(app);
        self
    }

    /// Sessions end after this time without a call. Without it they do so after 2 hours, Salesforce's default, except for that of
    /// [`Credentials::access_token`], which then never times out.
    #[must_use]
    pub fn session_timeout(mut self, timeout: Duration) -> Builder {
        self.session_timeout = Some(timeout);
        self
    }

    /// Allows the username-password flow, which Salesforce blocks in new orgs (default: blocked).
    #[must_use]
    pub fn password_flow(mut self) -> Builder {
        self.password_flow = true;
        self
    }

    /// Disables SOAP `login()`, as it is in orgs that were created since Winter '26 (default: enabled, for API versions 31.0 to 64.0).
    #[must_use]
    pub fn without_soap_login(mut self) -> Builder {
        self.no_soap_login = true;
        self
    }

    /// How long each step of a bulk job takes: from `UploadComplete` to `InProgress`, and each batch after that. Without it a step takes 10
    /// seconds, and asking for the job ends it, so that who polls finds `InProgress` once and then the first batch done.
    ///
    /// ```
    /// use sf_testorg::TestOrg;
    /// use std::time::Duration;
    ///
    /// let org = TestOrg::builder().bulk_step(Duration::from_secs(60)).build();
    /// # drop(org);
    /// ```
    #[must_use]
    pub fn bulk_step(mut self, step: Duration) -> Builder {
        self.bulk.step = Some(step);
        self
    }

    /// Rows of a result page of a bulk query (default: a third of the result, at most 50,000, so that clients meet a second page).
    #[must_use]
    pub fn bulk_page_rows(mut self, rows: usize) -> Builder {
        self.bulk.page_rows = Some(rows.max(1));
        self
    }

    /// Rows of one internal batch of a bulk job that loads rows (default 10,000, as Salesforce documents): between two batches a job can be
    /// aborted.
    #[must_use]
    pub fn bulk_batch_rows(mut self, rows: usize) -> Builder {
        self.bulk.batch_rows = Some(rows.max(1));
        self
    }

    /// Gives the users the permission *Bulk API Hard Delete*, which is off by default.
    #[must_use]
    pub fn bulk_hard_delete(mut self) -> Builder {
        self.bulk.hard_delete = true;
        self
    }

    /// The sObjects whose changes have events, as Change Data Capture's selection in Setup (default: all that can have them); see
    /// [`TestOrg::changes`].
    #[must_use]
    pub fn change_entities(mut self, objects: impl IntoIterator<Item = ObjectName>) -> Builder {
        self.change_entities = Some(objects.into_iter().map(|object| object.as_str().to_owned()).collect());
        self
    }

    /// One more package that is installed in the org, as `sf package installed list` shows it: a row of the Tooling API's
    /// `InstalledSubscriberPackage`. A state file does not hold it: choose it again when the org is continued.
    #[must_use]
    pub fn installed_package(mut self, package: InstalledPackage) -> Builder {
        self.packages.push(package);
        self
    }

    /// One more rule, as [`TestOrg::add_rule`] adds it; it may name sObjects of [`Builder::object`] and [`Builder::schema_json`] that were given
    /// before it, and rows of the data set chosen before it.
    ///
    /// ```
    /// use sf_core::object;
    /// use sf_testorg::{TestOrg, guard::ValidationRule};
    ///
    /// let rule = ValidationRule::new(object!("Account"), "Needs_site", "Site = null", "Where is it?");
    /// let org = TestOrg::builder().rule(rule)?.build();
    /// assert_eq!(org.rules().len(), 1);
    ///
    /// let wrong = ValidationRule::new(object!("Account"), "Wrong", "Sight = null", "");
    /// assert!(TestOrg::builder().rule(wrong).unwrap_err().to_string().contains("No such column 'Sight'"));
    /// # Ok::<(), sf_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// It names something that the org does not have, or a condition cannot be read.
    pub fn rule(mut self, rule: impl Into<Rule>) -> Result<Builder> {
        self.rules.push(rule.into());
        self.check()?;
        Ok(self)
    }

    /// How the org behaves where nothing is documented.
    #[must_use]
    pub fn assumptions(mut self, assumptions: Assumptions) -> Builder {
        self.assumptions = assumptions;
        self
    }

    /// One more sObject, or another form of a standard one: the JSON of a real org's describe answer, or an [`sf_core::Describe`]. Keys
    /// that are missing get their usual empty value; see [`TestOrg::add_sobjects`].
    ///
    /// # Errors
    /// It is no describe answer.
    pub fn object(mut self, describe: impl Serialize) -> Result<Builder> {
        let json = serde_json::to_value(describe).map_err(|e| schema_file::unusable(e.to_string()))?;
        self.sobjects.push(schema_file::checked(json)?);
        self.check()?;
        Ok(self)
    }

    /// More sObjects, or other forms of standard ones, from the text of a JSON file: a describe answer as `GET /sobjects/X/describe` of a
    /// real org gives it, a list of them, or `{"sobjects": […]}`; also what `sf sobject describe --json` prints. They are added when the
    /// rows of the data set are there: a row keeps the values of the fields that its sObject still has. A state file holds them;
    /// given again as they were, they change nothing that happened to them since.
    ///
    /// ```
    /// use sf_testorg::TestOrg;
    ///
    /// let org = TestOrg::builder()
    ///     .schema_json(r#"[{"name": "CX_Plan__c", "label": "CX Plan", "fields": [
    ///         {"name": "Account__c", "type": "reference", "referenceTo": ["Account"]},
    ///         {"name": "Score__c", "type": "double", "precision": 5, "scale": 2}]}]"#)?
    ///     .build();
    /// assert!(org.rows(&sf_core::object!("CX_Plan__c")).is_empty());
    ///
    /// let wrong = TestOrg::builder().schema_json(r#"{"name": "X__c", "fields": [{"name": "A__c", "type": "text"}]}"#);
    /// assert!(wrong.unwrap_err().to_string().starts_with("sObject X__c, field A__c: there is no type \"text\""));
    /// # Ok::<(), sf_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// It is none of these; the error names sObject and field.
    pub fn schema_json(mut self, text: impl AsRef<[u8]>) -> Result<Builder> {
        self.sobjects.extend(schema_file::read(text.as_ref())?);
        self.check()?;
        Ok(self)
    }

    /// An org in memory.
    ///
    /// # Panics
    /// The org refuses a row of [`Builder::with_row`].
    #[track_caller]
    pub fn build(self) -> TestOrg {
        let start = self.start.unwrap_or_else(|| VirtualClock::new().now());
        let origin = self.wanted.origin(start);
        let mut state = State::new(start);
        // The schema is part of this crate and a test loads it; what could be loaded is there in any case.
        let filled = self.fill(&mut state, &origin);
        debug_assert_eq!(filled, Ok(()));
        for sobject in &self.sobjects {
            let added = state.put_sobject(sobject.clone());
            debug_assert!(added.is_ok(), "{added:?}");
        }
        for rule in &self.rules {
            let added = state.put_rule(rule.clone());
            debug_assert!(added.is_ok(), "{added:?}");
        }
        state.seal();
        let org = TestOrg::begin(state, VirtualClock::at(start), Credentials::of_seed(origin.seed), origin);
        self.set(&org);
        self.arrange(&org);
        org
    }

    /// An org that is kept in a file: begun when there is none, else continued where it ended, even by SIGKILL. See [`crate::journal`].
    ///
    /// # Errors
    /// The file cannot be used, or holds an org that is not the one asked for. What was not chosen is taken from the file.
    pub fn open(self, path: impl AsRef<Path>) -> Result<TestOrg> {
        let start = self.start.unwrap_or_else(|| VirtualClock::new().now());
        let begin = |origin: &Origin| {
            let mut state = State::new(origin.started);
            self.fill(&mut state, origin).map_err(|e| unusable("the org's schema cannot be loaded", e))?;
            Ok(state)
        };
        let Restored { state, journal, origin, time, sign_ins, continued, .. } =
            Journal::open(path, self.wanted, start, begin)?;
        let clock = VirtualClock::at(start.max(time));
        let org = TestOrg::begin(state, clock, Credentials::of_seed(origin.seed), origin);
        self.set(&org);
        org.lock().oauth.restore(sign_ins, start.max(time));
        org.keep_in(journal);
        for sobject in &self.sobjects {
            org.put_sobject_once(sobject.clone())?;
        }
        for rule in &self.rules {
            org.add_rule(rule.clone())?;
        }
        if !continued {
            self.arrange_kept(&org)?;
        }
        Ok(org)
    }

    fn fill(&self, state: &mut State, origin: &Origin) -> std::result::Result<(), SchemaError> {
        demo::fill(state, origin.dataset, origin.seed, origin.accounts, origin.started)
    }

    /// Adds the sObjects to an org on trial: together they may want the same key prefix.
    fn check(&self) -> Result<()> {
        let start = VirtualClock::new().now();
        let mut state = State::new(start);
        demo::fill(&mut state, Dataset::Empty, 1, 0, start)
            .map_err(|e| unusable("the org's schema cannot be loaded", e))?;
        for sobject in &self.sobjects {
            state.put_sobject(sobject.clone()).map_err(|e| schema_file::unusable(e.message))?;
        }
        if self.rules.is_empty() {
            return Ok(());
        }
        // Rules may name rows of the data set.
        let origin = self.wanted.origin(start);
        let mut state = State::new(start);
        self.fill(&mut state, &origin).map_err(|e| unusable("the org's schema cannot be loaded", e))?;
        for sobject in &self.sobjects {
            state.put_sobject(sobject.clone()).map_err(|e| schema_file::unusable(e.message))?;
        }
        for rule in &self.rules {
            state.put_rule(rule.clone()).map_err(guard::unusable)?;
        }
        Ok(())
    }

    fn set(&self, org: &TestOrg) {
        {
            let mut inner = org.lock();
            inner.assumptions = self.assumptions.clone();
            inner.state.assumptions = self.assumptions.clone();
            inner.bulk.settings = self.bulk.clone();
            if let Some(entities) = &self.change_entities {
                inner.changes.select(entities.clone());
            }
            for package in &self.packages {
                let installed = inner.tooling.install(package);
                debug_assert!(installed.is_ok(), "{installed:?}");
            }
            let oauth = &mut inner.oauth;
            self.apps.iter().for_each(|app| oauth.add(app.clone()));
            if let Some(timeout) = self.session_timeout {
                oauth.set_session_timeout(timeout);
            }
            oauth.password_flow = self.password_flow;
            oauth.soap_login = !self.no_soap_login;
        }
        org.latency(self.latency);
        if let Some(rows) = self.page_size {
            org.page_size(rows);
        }
    }
}

fn unusable(what: &str, source: impl std::error::Error + Send + Sync + 'static) -> Error {
    let failure = Failure::new(ErrorKind::Setup, Delivery::NotSent, format!("{what}: {source}"));
    Error::new(failure.with_next_step("send the JSON of GET /sobjects/NAME/describe of a real org"))
        .with_source(source)
}

impl TestOrg {
    /// An org with the demo's rows: seed 1, 60 accounts.
    pub fn demo() -> TestOrg {
        TestOrg::builder().build()
    }

    /// An org with the demo's schema and no rows but the API user and the opportunity stages.
    pub fn empty() -> TestOrg {
        TestOrg::builder().dataset(Dataset::Empty).build()
    }

    /// An org by choice.
    pub fn builder() -> Builder {
        Builder::default()
    }
}
