//! The pull: one page per step, applied and then checkpointed.
use super::{Engine, ROUNDS, busy, push::mismatch};
use crate::{
    Answer, Error, ErrorKind, Origin, Purpose, RecordKey, Report, Result, Scope, Settled, Step, Work,
    decide::{
        Draft, Numbers, collect,
        pull::{
            Chunk, LANE_IDS, Lane, Next, Pending, RETRIEVE_IDS, Resume, Run, Source, Stage, mapped, merge,
            merge::Standing,
            objects, run_key, scope_ids, source,
            statement::{self, Columns},
            watermark_key,
        },
        values::{Row, read_row},
    },
    mapping::ObjectMapping,
    store::{
        ChangeSet, Depth, KnownFilter, Life, RecordState, ScopeKey, ScopeState, Selection, StoreWrite,
        UnseenFilter, View,
    },
};
use serde::Deserialize;
use sf_core::{
    CallOptions, Failure, FieldName, ObjectName, Page, Priority, QueryCall, QueryOptions, Record, SfId,
};
use std::collections::BTreeMap;

/// Rows applied in one transaction.
const APPLY: usize = 2_000;

/// Ids that are not worth a second statement.
const FEW: usize = 200;

/// A run as it was read.
struct Position {
    run: Run,
    key: ScopeKey,
    rev: u64,
    /// The store's revision before anything was read for the next step.
    issued: u64,
}

/// What an answer is about.
#[derive(Clone, Copy)]
struct Asked<'m> {
    object: &'m ObjectMapping,
    /// Unknown rows become known.
    import: bool,
    /// The store's revision when it was asked.
    rev: u64,
}

impl Engine {
    pub(super) async fn next_pull(&self, scope: &Scope) -> Result<Step> {
        if let Some(step) = self.contact(true)? {
            return Ok(step);
        }
        let own = self.own_object(scope).await?;
        for _ in 0..ROUNDS {
            let mut at = self.position(scope, own.as_ref()).await?;
            if at.run.done {
                if self.save(&at, None, Vec::new()).await? {
                    return Ok(Step::Idle);
                }
                continue;
            }
            let before = at.run.clone();
            let step = self.advance(scope, own.as_ref(), &mut at).await?;
            if at.run != before {
                at.run.moved(self.now());
                let writes = self.turned(scope, &before, &at.run).await?;
                if !self.save(&at, Some(&at.run), writes).await? {
                    continue;
                }
            }
            if let Some(step) = step {
                return Ok(at_position(step, &at));
            }
        }
        Err(busy())
    }

    /// The object that the scope names.
    async fn own_object(&self, scope: &Scope) -> Result<Option<ObjectName>> {
        let object = match scope {
            Scope::Import { object, .. } => object.clone(),
            Scope::Record(key) => {
                let view =
                    self.inner.store.load(Selection { keys: vec![*key], ..Selection::default() }).await?;
                let unknown = || Error::new(ErrorKind::NotFound, format!("{key} is not known here"));
                view.records.first().map(|r| r.object.clone()).ok_or_else(unknown)?
            }
            _ => return Ok(None),
        };
        match self.config().config.mapping.of(&object) {
            Some(_) => Ok(Some(object)),
            None => Err(Error::new(ErrorKind::InvalidInput, format!("{object} is not in the mapping"))),
        }
    }

    /// The stored run of a scope, when it is one for this mapping that was not left lying; else a new one.
    async fn position(&self, scope: &Scope, own: Option<&ObjectName>) -> Result<Position> {
        let (key, view) = self.run_view(scope).await?;
        if let Some(at) = self.kept(&key, &view) {
            return Ok(at);
        }
        let (config, schema) = (self.config(), self.schema());
        let mapping = &config.config.mapping;
        let mut run = Run::start(objects(scope, own, mapping, &schema), mapping, view.rev, self.now());
        self.begin(scope, &mut run).await?;
        let rev = view.scope(&key).map_or(0, |s| s.rev);
        Ok(Position { run, key, rev, issued: view.rev })
    }
    async fn run_view(&self, scope: &Scope) -> Result<(ScopeKey, View)> {
        let key = run_key(scope);
        let selection = Selection { scopes: vec![key.clone()], ..Selection::default() };
        let view = self.inner.store.load(selection).await?;
        Ok((key, view))
    }
    fn kept(&self, key: &ScopeKey, view: &View) -> Option<Position> {
        let (config, now) = (self.config(), self.now());
        let stored = view.scope(key)?;
        let run = Run::deserialize(stored.progress.as_ref()?).ok()?;
        let fresh = run.done || run.touched + self.inner.settings.run_lasts > now;
        let fits = run.mapped == mapped(&config.config.mapping);
        (fresh && fits).then(|| Position { run, key: key.clone(), rev: stored.rev, issued: view.rev })
    }
    /// The window of the current object.
    async fn begin(&self, scope: &Scope, run: &mut Run) -> Result<()> {
        (run.low, run.trailing, run.max_seen, run.safe) = (None, false, None, None);
        run.stage = Stage::start();
        let (Scope::Changed, Some(object)) = (scope, run.objects.first()) else { return Ok(()) };
        let (config, settings, now) = (self.config(), &self.inner.settings, self.now());
        let Some(mapping) = config.config.mapping.of(object) else { return Ok(()) };
        let key = watermark_key(mapping);
        let view =
            self.inner.store.load(Selection { scopes: vec![key.clone()], ..Selection::default() }).await?;
        if let Some(mark) = view.scope(&key)
            && let Some(low) = mark.low
        {
            run.trailing = mark.trailing_at.is_none_or(|at| at + settings.trailing_every <= now);
            run.low = Some(low - if run.trailing { settings.trailing } else { settings.overlap });
        }
        Ok(())
    }
    async fn save(&self, at: &Position, run: Option<&Run>, mut writes: Vec<StoreWrite>) -> Result<bool> {
        let progress = run.map(serde_json::to_value).transpose().map_err(|e| {
            Error::new(ErrorKind::Store, "the position of a pull cannot be written as JSON").with_source(e)
        })?;
        let mut state = ScopeState::new(at.key.clone());
        state.progress = progress;
        writes.push(StoreWrite::Scope(state));
        let mut changes = ChangeSet { writes, ..ChangeSet::default() };
        changes.guard.scopes.push((at.key.clone(), at.rev));
        self.commit(changes).await
    }

    /// The next step of the current object, or the next object. `None`: only the position moved.
    async fn advance(
        &self,
        scope: &Scope,
        own: Option<&ObjectName>,
        at: &mut Position,
    ) -> Result<Option<Step>> {
        let (config, schema) = (self.config(), self.schema());
        let mapping = &config.config.mapping;
        let Some(object) = at.run.objects.first().and_then(|o| mapping.of(o)) else {
            at.run.done = true;
            return Ok(None);
        };
        let columns = statement::columns(object, &schema);
        let source = source(scope, own, object, mapping, &schema);
        let by_id = source.by == FieldName::from_static("Id");
        let direct = columns.direct && by_id && at.run.low.is_none();
        let run = &mut at.run;
        match &mut run.stage {
            Stage::Sweep { pending, .. } if !pending.is_empty() => {
                let ids = pending.iter().take(self.retrieve_rows()).map(|p| p.id).collect();
                let fields = columns.retrieve.clone().unwrap_or_else(|| statement::flat_fields(object));
                Ok(Some(self.retrieve(scope, object, ids, fields)))
            }
            Stage::Sweep { lanes, next, .. } if lanes.is_empty() && *next == Next::End => {
                let whole = run.low.is_none() && !matches!(scope, Scope::Import { .. });
                if whole {
                    run.stage = Stage::Unseen { after: None };
                } else {
                    self.next_object(scope, run).await?;
                }
                Ok(None)
            }
            Stage::Sweep { lanes, .. } if lanes.is_empty() => {
                self.fill(scope, object, &columns, &source, direct, run).await?;
                Ok(None)
            }
            Stage::Sweep { lanes, .. } => {
                let lanes = lanes.clone();
                let mut batch = Vec::with_capacity(lanes.len());
                for lane in &lanes {
                    let ids = self.lane_ids(scope, &source, lane).await?;
                    let soql = statement::statement(object, &columns, &source.by, &ids, lane, run)?;
                    batch.push(QueryCall::Start(soql));
                }
                let call = CallOptions::new().with_priority(Priority::Incremental);
                Ok(Some(Step::Query {
                    id: self.step_id(),
                    purpose: Purpose::Pull { scope: scope.clone(), position: 0 },
                    rev: 0,
                    batch,
                    options: QueryOptions::new().with_call(call),
                }))
            }
            Stage::Unseen { after } => {
                let after = *after;
                let ids = self.unseen(scope, own, object, run.since, after).await?;
                if ids.is_empty() {
                    self.next_object(scope, run).await?;
                    return Ok(None);
                }
                Ok(Some(self.retrieve(scope, object, ids, statement::flat_fields(object))))
            }
        }
    }
    fn retrieve_rows(&self) -> usize {
        RETRIEVE_IDS.min(self.inner.org.transport().capabilities().ids_per_call).max(1)
    }
    fn retrieve(
        &self,
        scope: &Scope,
        object: &ObjectMapping,
        ids: Vec<SfId>,
        fields: Vec<FieldName>,
    ) -> Step {
        Step::Retrieve {
            id: self.step_id(),
            purpose: Purpose::Pull { scope: scope.clone(), position: 0 },
            rev: 0,
            at: self.now(),
            object: object.object.clone(),
            ids,
            fields,
        }
    }
    async fn next_object(&self, scope: &Scope, run: &mut Run) -> Result<()> {
        if !run.objects.is_empty() {
            run.objects.remove(0);
        }
        if run.objects.is_empty() {
            run.done = true;
            return Ok(());
        }
        self.begin(scope, run).await
    }

    /// Cuts the next ids into lanes; as many as fit one call.
    async fn fill(
        &self,
        scope: &Scope,
        object: &ObjectMapping,
        columns: &Columns,
        source: &Source,
        direct: bool,
        run: &mut Run,
    ) -> Result<()> {
        let by_id = source.by == FieldName::from_static("Id");
        let size = if direct { LANE_IDS } else { statement::ids_per_statement(object, columns, by_id) };
        // What left the filter does not come by a statement with the filter.
        let leavers = run.low.is_some() && object.filter.is_some();
        let calls = self.inner.org.transport().capabilities().queries_per_call.clamp(1, 5);
        let chunks = if direct {
            1
        } else if leavers {
            (calls / 2).max(1)
        } else {
            calls
        };
        let Stage::Sweep { next, lanes, pending } = &mut run.stage else { return Ok(()) };
        let mut cut: Vec<Chunk> = Vec::new();
        let mut ids: Vec<SfId> = Vec::new();
        match *next {
            Next::End => {}
            _ if source.known.is_none() => {
                let all = scope_ids(scope);
                let mut from = if let Next::From(from) = *next { from } else { 0 };
                let size = even(all.len() - from.min(all.len()), chunks, size);
                while from < all.len() && cut.len() < chunks {
                    let to = (from + size).min(all.len());
                    cut.push(Chunk::Ids { from, to });
                    from = to;
                }
                if let Some(Chunk::Ids { from, to }) = cut.first() {
                    ids = all[*from..*to].to_vec();
                }
                *next = if from < all.len() { Next::From(from) } else { Next::End };
            }
            Next::From(_) => *next = Next::End,
            Next::After(after) => {
                let known = source.known.clone().unwrap_or_else(|| object.object.clone());
                let limit = chunks * size;
                let page = self.known(known, after, None, limit).await?;
                let mut before = after;
                for keys in page.chunks(even(page.len(), chunks, size)) {
                    let Some(upto) = keys.last().copied() else { continue };
                    cut.push(Chunk::Keys { after: before, upto });
                    before = Some(upto);
                }
                if direct {
                    ids = page.iter().filter_map(RecordKey::id).collect();
                }
                *next = if page.len() < limit { Next::End } else { Next::After(before) };
            }
        }
        if direct {
            pending.extend(ids.into_iter().map(|id| Pending {
                id,
                light: sf_core::Fields::new(),
                left: false,
            }));
            return Ok(());
        }
        for chunk in cut {
            lanes.push(Lane { chunk, leavers: false, resume: None });
            if leavers {
                lanes.push(Lane { chunk, leavers: true, resume: None });
            }
        }
        Ok(())
    }
    async fn known(
        &self,
        object: ObjectName,
        after: Option<RecordKey>,
        upto: Option<RecordKey>,
        limit: usize,
    ) -> Result<Vec<RecordKey>> {
        let limit = u32::try_from(limit).unwrap_or(u32::MAX);
        let known = Some(KnownFilter { object, after, upto, parents: Vec::new(), limit });
        let view = self.inner.store.load(Selection { known, ..Selection::default() }).await?;
        Ok(view.records.iter().map(|r| r.key).collect())
    }
    async fn lane_ids(&self, scope: &Scope, source: &Source, lane: &Lane) -> Result<Vec<SfId>> {
        match (lane.chunk, &source.known) {
            (Chunk::Ids { from, to }, _) => {
                let all = scope_ids(scope);
                Ok(all.get(from..to.min(all.len())).unwrap_or_default().to_vec())
            }
            (Chunk::Keys { after, upto }, Some(known)) => {
                let keys = self.known(known.clone(), after, Some(upto), u32::MAX as usize).await?;
                Ok(keys.iter().filter_map(RecordKey::id).collect())
            }
            (Chunk::Keys { .. }, None) => Ok(Vec::new()),
        }
    }
    /// The next records of the scope that the sweep did not meet.
    async fn unseen(
        &self,
        scope: &Scope,
        own: Option<&ObjectName>,
        object: &ObjectMapping,
        since: u64,
        after: Option<RecordKey>,
    ) -> Result<Vec<SfId>> {
        let mut parents = Vec::new();
        if let Scope::Record(key) = scope {
            if own == Some(&object.object) {
                let view =
                    self.inner.store.load(Selection { keys: vec![*key], ..Selection::default() }).await?;
                let missed =
                    |r: &&RecordState| r.seen <= since && r.life == Life::Live && after != Some(r.key);
                return Ok(view.records.iter().filter(missed).filter_map(|r| r.key.id()).collect());
            }
            parents.push(*key);
        }
        let limit = u32::try_from(self.retrieve_rows()).unwrap_or(u32::MAX);
        let unseen = Some(UnseenFilter { object: object.object.clone(), since, after, parents, limit });
        let view = self.inner.store.load(Selection { unseen, ..Selection::default() }).await?;
        Ok(view.records.iter().filter_map(|r| r.key.id()).collect())
    }
    /// The watermark to write when a run leaves an object.
    async fn turned(&self, scope: &Scope, before: &Run, after: &Run) -> Result<Vec<StoreWrite>> {
        let ended =
            before.objects.len() > after.objects.len() && matches!(scope, Scope::Changed | Scope::Known);
        let config = self.config();
        let object = before.objects.first().filter(|_| ended).and_then(|o| config.config.mapping.of(o));
        let (Some(mapping), Some(safe)) = (object, before.safe) else { return Ok(Vec::new()) };
        let key = watermark_key(mapping);
        let view =
            self.inner.store.load(Selection { scopes: vec![key.clone()], ..Selection::default() }).await?;
        let mut mark = view.scope(&key).cloned().unwrap_or_else(|| ScopeState::new(key));
        mark.low = mark.low.max(Some(safe));
        if before.trailing || before.low.is_none() {
            mark.trailing_at = Some(self.now());
        }
        Ok(vec![StoreWrite::Scope(mark)])
    }

    // -- settling --

    pub(super) async fn settle_pull(
        &self,
        step: &Step,
        scope: &Scope,
        position: u64,
        answer: Answer,
    ) -> Result<Settled> {
        let (key, view) = self.run_view(scope).await?;
        let asked = |at: &Position| at.run.position == position && !at.run.done && at.run.awaits(step);
        let Some(mut at) = self.kept(&key, &view).filter(asked) else {
            return Ok(Settled::AlreadySettled);
        };
        let (config, schema) = (self.config(), self.schema());
        let mapping = &config.config.mapping;
        let Some(object) = at.run.objects.first().and_then(|o| mapping.of(o)) else {
            return Ok(Settled::AlreadySettled);
        };
        let columns = statement::columns(object, &schema);
        let mut report = Report::default();
        let import = matches!(scope, Scope::Import { .. }) || object.parent.is_some();
        match (step, answer) {
            (_, Answer::Failed(failure)) => return Err(self.read_failed(&failure, object)),
            (Step::Query { rev, .. }, Answer::Pages(pages)) => {
                let asked = Asked { object, import, rev: *rev };
                self.settle_pages(&asked, &columns, pages, &mut at.run, &mut report).await?;
            }
            (Step::Retrieve { rev, ids, .. }, Answer::Retrieved(page)) => {
                let asked = Asked { object, import, rev: *rev };
                self.settle_rows(&asked, ids, &page, &mut at.run, &mut report).await?;
            }
            _ => return Err(mismatch()),
        }
        at.run.moved(self.now());
        if self.save(&at, Some(&at.run), Vec::new()).await? {
            Ok(Settled::Applied(report))
        } else {
            Ok(Settled::AlreadySettled)
        }
    }
    fn read_failed(&self, failure: &Failure, object: &ObjectMapping) -> Error {
        self.doubt_schema(failure, Some(&object.object));
        Error::from(failure.clone())
    }

    async fn settle_pages(
        &self,
        asked: &Asked<'_>,
        columns: &Columns,
        pages: Vec<Result<Page, Failure>>,
        run: &mut Run,
        report: &mut Report,
    ) -> Result<()> {
        let object = asked.object;
        let Stage::Sweep { lanes, .. } = &run.stage else { return Err(mismatch()) };
        let mut left: Vec<Lane> = Vec::new();
        let mut found: Vec<Pending> = Vec::new();
        let mut ended = false;
        if pages.len() != lanes.len() {
            return Err(mismatch());
        }
        let lanes = lanes.clone();
        for (mut lane, page) in lanes.into_iter().zip(pages) {
            let page = page.map_err(|failure| self.read_failed(&failure, object))?;
            let rows: Vec<Record> = page.decode::<Record>()?.into_iter().collect::<Result<_, Failure>>()?;
            let mut read = Vec::with_capacity(rows.len());
            let schema = self.schema();
            for row in &rows {
                let row = read_row(row, object, &schema).ok_or_else(no_id)?;
                run.saw(row.stamp);
                read.push(row);
            }
            if let Some(last) = read.last()
                && let (true, Some(id)) = (page.next().is_some(), last.key.id())
            {
                lane.resume = Some(Resume { stamp: last.stamp.filter(|_| run.low.is_some()), id });
                left.push(lane.clone());
            } else {
                ended = true;
            }
            if columns.retrieve.is_some() {
                found.extend(read.into_iter().filter_map(|row| {
                    Some(Pending { id: row.key.id()?, light: row.fields, left: lane.leavers })
                }));
            } else {
                let standing = if lane.leavers { Standing::Left } else { Standing::InScope };
                let rows: Vec<(Row, Standing)> = read.into_iter().map(|row| (row, standing)).collect();
                let asked = Asked { import: asked.import && !lane.leavers, ..*asked };
                found.append(&mut self.merge_rows(&asked, rows, report).await?);
            }
        }
        if ended {
            // After all pages: they were read in the same moment.
            run.lane_ended();
        }
        if let Stage::Sweep { lanes, pending, .. } = &mut run.stage {
            *lanes = left;
            pending.append(&mut found);
        }
        Ok(())
    }

    async fn settle_rows(
        &self,
        asked: &Asked<'_>,
        ids: &[SfId],
        page: &Page,
        run: &mut Run,
        report: &mut Report,
    ) -> Result<()> {
        let rows = page.decode::<Option<Record>>()?;
        if rows.len() != ids.len() {
            return Err(Failure::new(
                sf_core::ErrorKind::Decode,
                sf_core::Delivery::Refused,
                format!("the answer has {} rows for {} ids", rows.len(), ids.len()),
            )
            .into());
        }
        let (object, schema) = (asked.object, self.schema());
        let mut pending: BTreeMap<SfId, Pending> = BTreeMap::new();
        let unseen = match &mut run.stage {
            Stage::Sweep { pending: all, .. } => {
                let rest = all.split_off(ids.len().min(all.len()));
                pending = std::mem::replace(all, rest).into_iter().map(|p| (p.id, p)).collect();
                false
            }
            Stage::Unseen { .. } => true,
        };
        let (mut read, mut gone) = (Vec::new(), Vec::new());
        for (id, row) in ids.iter().zip(rows) {
            let Some(mut row) = row? else {
                if unseen {
                    gone.push(RecordKey::Id(*id));
                }
                continue;
            };
            let mut left = unseen && (object.parent.is_some() || object.filter.is_some());
            if let Some(pending) = pending.remove(id) {
                left = pending.left;
                // Paths to parents come from the statement only, the rest newer from the retrieve.
                for (name, value) in pending.light {
                    if !row.fields.contains(&name) {
                        row.fields.insert(name, value);
                    }
                }
            }
            let row = read_row(&row.with_id(*id), object, &schema).ok_or_else(no_id)?;
            if !unseen {
                run.saw(row.stamp);
            }
            read.push((row, if left { Standing::Left } else { Standing::InScope }));
        }
        if !unseen {
            run.lane_ended();
        }
        let asked = Asked { import: asked.import && !unseen, ..*asked };
        let mut again = self.merge_rows(&asked, read, report).await?;
        let undecided = self.bury(gone, asked.rev, report).await?;
        match &mut run.stage {
            Stage::Sweep { pending, .. } => pending.append(&mut again),
            Stage::Unseen { after } => {
                // Those to be read again stay unseen: the next look begins before the first of them.
                let open =
                    |id: &SfId| undecided.contains(&RecordKey::Id(*id)) || again.iter().any(|p| p.id == *id);
                let met = ids.iter().position(open).unwrap_or(ids.len());
                *after = ids[..met].last().copied().map(RecordKey::Id).or(*after);
            }
        }
        Ok(())
    }

    /// Merges rows into their records, some thousand in a transaction. Gives those that must be read again.
    async fn merge_rows(
        &self,
        asked: &Asked<'_>,
        rows: Vec<(Row, Standing)>,
        report: &mut Report,
    ) -> Result<Vec<Pending>> {
        let mut again = Vec::new();
        for page in rows.chunks(APPLY) {
            let mut rounds = 0;
            loop {
                if let Some(mut late) = self.apply_page(asked, page, report).await? {
                    again.append(&mut late);
                    break;
                }
                rounds += 1;
                if rounds > ROUNDS {
                    return Err(busy());
                }
            }
        }
        Ok(again)
    }
    /// `None`: something moved, decide again.
    async fn apply_page(
        &self,
        asked: &Asked<'_>,
        page: &[(Row, Standing)],
        report: &mut Report,
    ) -> Result<Option<Vec<Pending>>> {
        let keys: Vec<RecordKey> = page.iter().map(|(row, _)| row.key).collect();
        let heads = Selection { keys: keys.clone(), depth: Depth::Heads, ..Selection::default() };
        let heads = self.inner.store.load(heads).await?;
        let next_change = heads.next_change;
        let heads: BTreeMap<RecordKey, RecordState> = heads.records.into_iter().map(|r| (r.key, r)).collect();
        let (mut same, mut differ) = (Vec::new(), Vec::new());
        for (row, standing) in page {
            match heads.get(&row.key) {
                Some(head) if merge::is_same(head, row, *standing) => same.push(row.key),
                Some(_) => differ.push(row.key),
                None => {}
            }
        }
        let (mut full, closed) =
            if differ.is_empty() { Default::default() } else { self.load_full(&differ).await? };
        let grounds = self.grounds();
        let rules = grounds.rules();
        let (mut numbers, mut mine) = (Numbers::from(next_change), Report::default());
        mine.pulled.rows += same.len() as u64;
        mine.pulled.unchanged += same.len() as u64;
        let (mut drafts, mut again) = (Vec::new(), Vec::new());
        for (row, standing) in page {
            let mut draft = match full.remove(&row.key) {
                Some(record) => Draft::of(record).with_closed(&closed),
                None if heads.contains_key(&row.key) || !asked.import => continue,
                None => Draft::of(RecordState::new(row.key, asked.object.object.clone())),
            };
            if draft.record.rev <= asked.rev {
                merge::merge(&mut draft, row.clone(), *standing, &mut numbers, &rules, &mut mine);
            } else if merge::is_doubtful(&mut draft, row, *standing, &mut mine) {
                let light = row.fields.clone();
                let left = *standing == Standing::Left;
                again.extend(row.key.id().map(|id| Pending { id, light, left }));
            }
            drafts.push(draft);
        }
        let mut changes = collect(drafts, Origin::Remote);
        changes.guard.next_change = numbers.guard();
        if !same.is_empty() {
            changes.writes.push(StoreWrite::Seen(same));
        }
        if self.commit(changes).await? {
            report.absorb(mine);
            return Ok(Some(again));
        }
        Ok(None)
    }
    /// Marks records as gone. Gives those that moved since `rev`: the answer may be older than what was settled then.
    async fn bury(&self, gone: Vec<RecordKey>, rev: u64, report: &mut Report) -> Result<Vec<RecordKey>> {
        for _ in 0..ROUNDS {
            if gone.is_empty() {
                return Ok(gone);
            }
            let (records, _) = self.load_full(&gone).await?;
            let (moved, records): (Vec<_>, Vec<_>) = records.into_values().partition(|r| r.rev > rev);
            let mut mine = Report::default();
            let drafts: Vec<Draft> = records
                .into_iter()
                .map(|record| {
                    let mut draft = Draft::of(record);
                    merge::gone(&mut draft, &mut mine);
                    draft
                })
                .collect();
            if self.commit(collect(drafts, Origin::Remote)).await? {
                report.absorb(mine);
                return Ok(moved.iter().map(|r| r.key).collect());
            }
        }
        Err(busy())
    }

    /// Clears the mark of a run that ended without anybody having been told.
    pub(super) async fn forget_ended(&self, scope: &Scope) -> Result<()> {
        let (key, view) = self.run_view(scope).await?;
        if let Some(at) = self.kept(&key, &view).filter(|at| at.run.done) {
            self.save(&at, None, Vec::new()).await?;
        }
        Ok(())
    }

    /// The body of [`Engine::track`].
    pub(super) async fn import(&self, object: ObjectName, ids: Vec<SfId>) -> Result<Report> {
        let mut report = Report::default();
        self.meet(&mut report).await?;
        let (config, schema) = (self.config(), self.schema());
        if config.config.mapping.of(&object).is_none() {
            return Err(Error::new(ErrorKind::InvalidInput, format!("{object} is not in the mapping")));
        }
        if let Some(prefix) = schema.get(&object).and_then(|d| d.key_prefix.as_deref()) {
            let wrong: Vec<&str> =
                ids.iter().filter(|id| id.key_prefix() != prefix).map(SfId::as_str).take(10).collect();
            if !wrong.is_empty() {
                return Err(Error::new(
                    ErrorKind::InvalidInput,
                    format!("not ids of {object}, which begin with {prefix}: {}", wrong.join(", ")),
                ));
            }
        }
        let scope = Scope::Import { object: object.clone(), ids: ids.clone() };
        report.absorb(self.work(&Work::Pull(scope)).await?);
        let mut missing = Vec::new();
        for page in ids.chunks(APPLY) {
            let keys: Vec<RecordKey> = page.iter().copied().map(RecordKey::Id).collect();
            let view =
                self.inner.store.load(Selection { keys: keys.clone(), ..Selection::default() }).await?;
            let known: std::collections::BTreeSet<RecordKey> = view.records.iter().map(|r| r.key).collect();
            missing.extend(keys.into_iter().filter(|k| !known.contains(k)).map(|k| k.to_string()));
        }
        if missing.is_empty() {
            return Ok(report);
        }
        let (count, some) = (missing.len(), missing.into_iter().take(10).collect::<Vec<_>>().join(", "));
        Err(Error::new(
            ErrorKind::NotFound,
            format!("the org shows this user no {object} for {count} of {} ids: {some}", ids.len()),
        )
        .with_next_step("Check the ids and the sharing; the other records are known now."))
    }
}
/// A step as it is issued at a position.
fn at_position(mut step: Step, at: &Position) -> Step {
    if let Step::Query { purpose: Purpose::Pull { position, .. }, rev, .. }
    | Step::Retrieve { purpose: Purpose::Pull { position, .. }, rev, .. } = &mut step
    {
        (*position, *rev) = (at.run.position, at.issued);
    }
    step
}
/// Lanes of one length end together: fewer calls than one long one and short ones. A few ids are one lane.
fn even(left: usize, lanes: usize, most: usize) -> usize {
    left.div_ceil(lanes).max(FEW).min(most)
}
fn no_id() -> Error {
    Failure::new(sf_core::ErrorKind::Decode, sf_core::Delivery::Refused, "a row of the answer has no id")
        .into()
}
