//! First contact: is it the right org, and does the mapping fit it?
use super::{Engine, ROUNDS, busy, push::mismatch};
use crate::{
    Error, ErrorKind, Report, Result, Settled, Step, StepId, Store,
    decide::pull::watermark_key,
    mapping::{Mapping, ObjectMapping},
    schema::{self, Schema},
    store::{ChangeSet, ScopeKey, ScopeState, Selection, StoreWrite},
};
use serde::{Deserialize, Serialize};
use sf_core::{Delivery, Describe, Failure, Identity, ObjectName, Retry, SfId, Timestamp};
use std::sync::{Arc, PoisonError};

/// The document with the org a store belongs to.
const ORG: &str = "org";
fn describe_name(object: &ObjectName) -> String {
    format!("describe/{}", object.as_str().to_ascii_lowercase())
}
#[derive(Serialize, Deserialize)]
struct BoundOrg {
    org_id: SfId,
}
/// What is kept of a describe: good for one list of fields.
#[derive(Serialize, Deserialize)]
struct StoredDescribe {
    list: String,
    at: Timestamp,
    describe: Describe,
}

/// The describes in the store that fit the mapping. One that cannot be read is as good as none.
pub(super) async fn stored_schema(store: &dyn Store, mapping: &Mapping) -> Result<Schema> {
    let documents = mapping.objects.iter().map(|o| describe_name(&o.object)).collect();
    let view = store.load(Selection { documents, ..Selection::default() }).await?;
    let mut known = Schema::default();
    for object in &mapping.objects {
        if let Some(content) = view.documents.get(&describe_name(&object.object))
            && let Ok(stored) = StoredDescribe::deserialize(content)
            && stored.list == watermark_key(object).0
        {
            known.insert(stored.describe, stored.at);
        }
    }
    Ok(known)
}

impl Engine {
    /// The call that must be made before any other, if any. `strict`: the mapping must fit the org. A push goes without:
    /// it fails what does not fit entry by entry, and an object that cannot be described does not hold up the others.
    pub(super) fn contact(&self, strict: bool) -> Result<Option<Step>> {
        if !self.session().identified {
            return Ok(Some(Step::Identify { id: self.step_id() }));
        }
        let (config, schema, now) = (self.config(), self.schema(), self.now());
        let (mapping, settings) = (&config.config.mapping, &self.inner.settings);
        let mut objects = schema.outdated(mapping, now, settings.schema_lasts);
        {
            let mut session = self.session();
            session.undescribed.retain(|_, (at, _)| *at + settings.backoff_limit > now);
            if !strict {
                objects.retain(|o| !session.undescribed.contains_key(o));
            } else if let Some((_, failure)) = objects.iter().find_map(|o| session.undescribed.remove(o)) {
                // Told once; who pulls again asks again.
                return Err(failure.into());
            }
        }
        if !objects.is_empty() {
            return Ok(Some(Step::Describe { id: self.step_id(), objects }));
        }
        if !strict || self.session().fits {
            return Ok(None);
        }
        let misfit = self.session().misfit.take();
        if misfit.is_none() && schema::check_org(mapping, &schema).is_ok() {
            self.session().fits = true;
            return Ok(None);
        }
        // What was read some time ago may be mended by now: the org is asked again before a verdict, and after one.
        self.doubt(None);
        match misfit {
            Some(problems) => Err(Error::new(ErrorKind::Mapping, problems)),
            None => Ok(Some(Step::Describe {
                id: self.step_id(),
                objects: mapping.objects.iter().map(|o| o.object.clone()).collect(),
            })),
        }
    }
    pub(super) fn step_id(&self) -> StepId {
        let mut bytes = [0; 16];
        self.inner.entropy.fill(&mut bytes);
        StepId(u128::from_be_bytes(bytes))
    }

    /// Binds the store to the org at first contact, and refuses any other afterwards.
    pub(super) async fn settle_identity(&self, identity: &Identity) -> Result<Settled> {
        let lock = ScopeKey(ORG.into());
        for _ in 0..ROUNDS {
            let selection =
                Selection { documents: vec![ORG.into()], scopes: vec![lock.clone()], ..Selection::default() };
            let view = self.inner.store.load(selection).await?;
            match view.documents.get(ORG).map(BoundOrg::deserialize) {
                Some(Ok(bound)) if bound.org_id == identity.org_id => {}
                Some(Ok(bound)) => {
                    return Err(Error::new(
                        ErrorKind::OtherOrg,
                        format!(
                            "the database belongs to the org {}, but {} is signed in to {}",
                            bound.org_id, identity.username, identity.org_id
                        ),
                    ));
                }
                Some(Err(e)) => {
                    return Err(Error::new(
                        ErrorKind::CorruptDatabase,
                        "the database does not say which org it belongs to",
                    )
                    .with_source(e));
                }
                None => {
                    let content =
                        serde_json::to_value(BoundOrg { org_id: identity.org_id }).map_err(unwritable)?;
                    let mut changes = ChangeSet::default();
                    // Documents have no revision to guard; a scope beside it has: of two processes that meet a new
                    // database at once, the second reads again.
                    changes.guard.scopes.push((lock.clone(), view.scope(&lock).map_or(0, |s| s.rev)));
                    changes.writes = vec![
                        StoreWrite::Document { name: ORG.into(), content: Some(content) },
                        StoreWrite::Scope(ScopeState::new(lock.clone())),
                    ];
                    if !self.commit(changes).await? {
                        continue;
                    }
                }
            }
            self.session().identified = true;
            return Ok(Settled::Applied(Report::default()));
        }
        Err(busy())
    }

    pub(super) async fn settle_describes(
        &self,
        objects: &[ObjectName],
        answers: Vec<Result<Describe, Failure>>,
    ) -> Result<Settled> {
        if answers.len() != objects.len() {
            return Err(mismatch());
        }
        let (config, now) = (self.config(), self.now());
        let mapping = &config.config.mapping;
        let mut fresh = Schema::clone(&self.schema());
        let mut whole = fresh.clone();
        let (mut writes, mut trouble) = (Vec::new(), None);
        for (name, answer) in objects.iter().zip(answers) {
            match answer {
                Ok(describe) => {
                    self.session().undescribed.remove(name);
                    let Some(object) = mapping.of(&describe.name) else { continue };
                    let small = schema::reduced(&describe, object);
                    writes.push(stored(object, &small, now)?);
                    fresh.insert(small, now);
                    whole.insert(describe, now);
                }
                Err(failure) if is_about_the_object(&failure) => {
                    self.session().undescribed.insert(name.clone(), (now, failure));
                }
                Err(failure) => trouble = trouble.or(Some(failure)),
            }
        }
        self.commit(ChangeSet { writes, ..ChangeSet::default() }).await?;
        *self.inner.schema.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(fresh);
        // With whole describes: only they can name the field that was meant.
        let misfit = schema::check_org(mapping, &whole).err().map(|e| e.to_string());
        {
            let mut session = self.session();
            session.fits = misfit.is_none() && whole.missing(mapping).is_empty();
            session.misfit = misfit;
        }
        trouble.map_or(Ok(Settled::Applied(Report::default())), |failure| Err(failure.into()))
    }

    /// A read failed: when the org says that a field is gone, the describes are out of date.
    pub(super) fn doubt_schema(&self, failure: &Failure, object: Option<&ObjectName>) {
        if failure.code == Some(sf_core::ErrorCode::InvalidField) {
            self.doubt(object);
        }
    }
    /// The org does not know the object any more, or hides it.
    pub(super) fn forget_schema(&self, object: &ObjectName) {
        let mut fresh = Schema::clone(&self.schema());
        fresh.forget(object);
        *self.inner.schema.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(fresh);
        self.session().fits = false;
    }
    /// The describe of an object, or every one, is read again before it is used to judge the mapping.
    fn doubt(&self, object: Option<&ObjectName>) {
        let mut fresh = Schema::clone(&self.schema());
        match object {
            Some(object) => fresh.doubt(object),
            None => self.config().config.mapping.objects.iter().for_each(|o| fresh.doubt(&o.object)),
        }
        *self.inner.schema.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(fresh);
        self.session().fits = false;
    }
}
/// The org answered, and will answer the same until a person changes something about this object.
pub(super) fn is_about_the_object(failure: &Failure) -> bool {
    failure.delivery == Delivery::Refused
        && failure.retry() == Retry::Never
        && !matches!(failure.kind, sf_core::ErrorKind::NotSignedIn | sf_core::ErrorKind::Setup)
}
fn stored(object: &ObjectMapping, describe: &Describe, at: Timestamp) -> Result<StoreWrite> {
    let stored = StoredDescribe { list: watermark_key(object).0, at, describe: describe.clone() };
    let content = serde_json::to_value(stored).map_err(unwritable)?;
    Ok(StoreWrite::Document { name: describe_name(&object.object), content: Some(content) })
}
fn unwritable(e: serde_json::Error) -> Error {
    Error::new(ErrorKind::Store, "a document cannot be written as JSON").with_source(e)
}
