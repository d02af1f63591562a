//! The change stream: every commit as Change Data Capture publishes it.
//!
//! A commit keeps the images of its rows, which it shares with the tables; events are made of them when somebody reads. Retention is
//! that of the event bus, 72 hours, and bounded by memory.
mod diff;
mod doors;
mod entity;
mod event;
mod render;

pub use event::{ChangeEvent, ChangeEventHeader, ChangeType};

use crate::{
    org::Inner,
    state::{Cell, Row, SObjectType, Touched},
};
use sf_core::{SfId, Timestamp};
use std::{
    collections::{BTreeSet, VecDeque},
    io,
    sync::Arc,
    time::Duration,
};

/// Change Data Capture guide, "Retention": events are stored for three days.
const RETENTION: Duration = Duration::from_secs(72 * 3600);
/// Changes of rows, and bytes of them, that are kept at most.
const MOST_CHANGES: usize = 20_000;
const MOST_BYTES: usize = 64 << 20;
/// A replay id is `transaction << SHIFT`, plus a place in the transaction that follows.
const SHIFT: u32 = 20;

/// Who is changing something, and by what.
#[derive(Debug, Clone, Default)]
pub(crate) struct Source {
    /// `changeOrigin`.
    pub(crate) origin: String,
    /// Else the user of the state.
    pub(crate) user: Option<SfId>,
    pub(crate) style: Style,
}

impl Source {
    /// A request of the data API, or what a job of it does.
    pub(crate) fn api(api: &str, version: u16, call_options: Option<&str>, user: SfId) -> Source {
        let client = call_options.and_then(|options| {
            let option = |part: &str| {
                let (name, value) = part.split_once('=')?;
                name.trim().eq_ignore_ascii_case("client").then(|| value.trim().to_owned())
            };
            options.split([',', ';']).find_map(option)
        });
        let mut origin = format!("com/salesforce/api/{api}/{version}.0");
        if let Some(client) = client.filter(|client| !client.is_empty()) {
            origin.push_str(";client=");
            origin.push_str(&client);
        }
        Source { origin, user: Some(user), style: Style::Whole }
    }
}

/// How a commit is published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Style {
    #[default]
    Whole,
    /// As gap events: a fault.
    Gaps,
    /// As overflow events: a fault.
    Overflow,
}

/// One row of a transaction, before and after.
#[derive(Debug, Clone)]
struct Change {
    sobject: Arc<SObjectType>,
    id: SfId,
    kind: ChangeType,
    before: Option<Arc<Row>>,
    after: Arc<Row>,
}

/// What one commit changed.
#[derive(Debug, Clone)]
struct Transaction {
    number: u64,
    at: Timestamp,
    user: Option<SfId>,
    origin: String,
    style: Style,
    changes: Vec<Change>,
    bytes: usize,
}

/// The stream of one org.
#[derive(Debug, Clone)]
pub(crate) struct ChangeStream {
    seed: u64,
    /// The latest commits that changed something that has events.
    kept: VecDeque<Transaction>,
    changes: usize,
    bytes: usize,
    /// Nothing is known of commits up to this one.
    forgotten: u64,
    /// The number of the latest commit.
    latest: u64,
    /// sObjects whose events are published; `None`: all that can have them.
    selected: Option<BTreeSet<String>>,
    pub(crate) source: Source,
}

impl ChangeStream {
    /// The stream of an org that has made so many commits before.
    pub(crate) fn new(seed: u64, commits: u64) -> ChangeStream {
        ChangeStream {
            seed,
            kept: VecDeque::new(),
            changes: 0,
            bytes: 0,
            forgotten: commits,
            latest: commits,
            selected: None,
            source: Source::default(),
        }
    }

    pub(crate) fn select(&mut self, entities: impl IntoIterator<Item = String>) {
        self.selected = Some(entities.into_iter().map(|name| name.to_ascii_lowercase()).collect());
    }

    fn push(&mut self, transaction: Transaction) {
        self.changes += transaction.changes.len();
        self.bytes += transaction.bytes;
        self.kept.push_back(transaction);
        while self.kept.len() > 1 && (self.changes > MOST_CHANGES || self.bytes > MOST_BYTES) {
            self.forget_one();
        }
    }

    fn forget_one(&mut self) {
        if let Some(old) = self.kept.pop_front() {
            self.changes -= old.changes.len();
            self.bytes -= old.bytes;
            self.forgotten = old.number;
        }
    }

    /// Forgets what is older than the retention.
    fn expire(&mut self, now: Timestamp) {
        while self.kept.front().is_some_and(|first| first.at + RETENTION < now) {
            self.forget_one();
        }
    }
}

impl Inner {
    /// Ends the transaction: it is kept by the hook, and then published.
    pub(crate) fn commit(&mut self) -> io::Result<()> {
        let touched = self.state.touched(|sobject| entity::has_events(&sobject.name));
        self.state.commit_with(|commit| match &mut self.hook {
            Some(hook) => hook.committed(commit),
            None => Ok(()),
        })?;
        let number = self.state.commits();
        self.changes.latest = number;
        if touched.is_empty() {
            return Ok(());
        }
        let deletion_wins = self.assumptions.changes.deletion_wins;
        let changes: Vec<Change> =
            touched.into_iter().filter_map(|touched| Change::of(touched, deletion_wins)).collect();
        let now = self.commit_time.unwrap_or_else(|| self.state.now());
        self.changes.expire(now);
        if !changes.is_empty() {
            let source = &self.changes.source;
            let transaction = Transaction {
                number,
                at: now,
                user: source.user.or_else(|| self.state.user()),
                origin: source.origin.clone(),
                style: source.style,
                bytes: changes.iter().map(Change::bytes).sum(),
                changes,
            };
            self.changes.push(transaction);
        }
        Ok(())
    }
}

impl Change {
    /// `None`: nothing that has an event.
    fn of(touched: Touched, deletion_wins: bool) -> Option<Change> {
        let Touched { sobject, id, images, is_saved } = touched;
        let (first, last) = (images.first()?.clone(), images.last()?.clone()?);
        let fits =
            |row: &Option<Arc<Row>>| row.as_ref().is_none_or(|r| r.cells.len() == sobject.fields.len());
        if !fits(&first) || last.cells.len() != sobject.fields.len() {
            // The sObject changed its fields in the same transaction.
            return None;
        }
        let is_live = |row: &Option<Arc<Row>>| row.as_ref().map(|row| !row.is_deleted(&sobject));
        let kind = |from: Option<bool>, to: bool| match (from, to) {
            (None, true) => Some(ChangeType::Create),
            (Some(true), true) => Some(ChangeType::Update),
            (Some(true), false) => Some(ChangeType::Delete),
            (Some(false), true) => Some(ChangeType::Undelete),
            (None | Some(false), false) => None,
        };
        let net = kind(is_live(&first), !last.is_deleted(&sobject))?;
        let kind = if deletion_wins || net != ChangeType::Delete {
            net
        } else {
            let second = images.get(1).and_then(is_live);
            kind(is_live(&first), second.unwrap_or(true)).unwrap_or(net)
        };
        if kind == ChangeType::Update {
            let before = first.as_deref()?;
            let differs = |at: usize| before.cells[at] != last.cells[at];
            let stamped = sobject.system.modified_date.is_some_and(differs);
            let changed = entity::members(&sobject).any(|member| !member.is_computed && differs(member.at));
            if !(changed || stamped || is_saved) {
                return None;
            }
        }
        Some(Change { sobject, id, kind, before: first, after: last })
    }

    /// About what the row takes in memory.
    fn bytes(&self) -> usize {
        let text = |cell: &Cell| cell.as_text().map_or(0, str::len);
        self.after.cells.iter().map(|cell| size_of::<Cell>() + text(cell)).sum()
    }
}
