//! Watermarks, configuration, named documents, and restarts.

use super::{Check, Fixture, ensure, same, sample::*};
use crate::{
    Config, ConfigVersion, StepId,
    store::{AttemptState, ScopeKey, ScopeState, Selection, StoreWrite},
};
use serde_json::json;

pub(super) async fn scopes_documents_and_configuration_are_kept(fixture: &dyn Fixture) -> Check {
    let store = fresh(fixture)?;
    let everything = || Selection {
        scopes: vec![ScopeKey("b".into()), ScopeKey("none".into()), ScopeKey("a".into())],
        config: true,
        documents: vec!["org".into(), "none".into()],
        ..Selection::default()
    };
    let view = load(&store, everything()).await?;
    ensure!(
        view.scopes.is_empty() && view.documents.is_empty() && view.config.is_none(),
        "a new store has {view:?}"
    );

    let mut scope = ScopeState::new(ScopeKey("a".into()));
    scope.low = Some(at(1)?);
    scope.trailing_at = Some(at(2)?);
    scope.progress = Some(json!({"after": "001", "ö": [1, null]}));
    let mut version = ConfigVersion::new(2, Config::default(), at(3)?);
    version.author = Some("Zoë".into());
    version.config.extensions.insert("cx".into(), json!({"links": []}));
    let document = json!({"id": "00D000000000001", "n": 1});
    let writes = vec![
        StoreWrite::Scope(ScopeState::new(ScopeKey("b".into()))),
        StoreWrite::Scope(scope.clone()),
        StoreWrite::Config(version.clone()),
        StoreWrite::Config(ConfigVersion::new(1, Config::default(), at(2)?)),
        StoreWrite::Document { name: "org".into(), content: Some(document.clone()) },
        StoreWrite::Document { name: "other".into(), content: Some(json!(null)) },
    ];
    let rev = commit(&store, writes).await?;
    scope.rev = rev;
    let view = load(&store, everything()).await?;
    same!(view.scopes.len(), 2, "scopes");
    same!(view.scope(&scope.key), Some(&scope), "a scope");
    same!(view.config, Some(version), "the highest version is the active one");
    same!(view.documents.get("org"), Some(&document), "a document");
    same!(view.documents.len(), 1, "documents");

    scope.progress = None;
    let writes = vec![
        StoreWrite::Scope(scope.clone()),
        StoreWrite::Document { name: "org".into(), content: None },
        StoreWrite::Document { name: "none".into(), content: None },
    ];
    scope.rev = commit(&store, writes).await?;
    let view = load(&store, everything()).await?;
    same!(view.scope(&scope.key), Some(&scope), "a scope that was written again");
    ensure!(view.documents.is_empty(), "a removed document is still there");
    Ok(())
}

pub(super) async fn everything_is_there_after_a_restart(fixture: &dyn Fixture) -> Check {
    let mut store = fresh(fixture)?;
    let (a, child) = (account(1)?, opportunity(1)?);
    let mut opportunity = record(child);
    opportunity.parent = Some(a);
    let mut scope = ScopeState::new(ScopeKey("Account".into()));
    scope.low = Some(at(1)?);
    let mut line = entry(2, a, "x")?;
    line.due = Some(at(9)?);
    let writes = vec![
        StoreWrite::Record(record(a)),
        StoreWrite::Record(opportunity),
        StoreWrite::Entry(pushed(entry(1, a, "x")?, 1)?),
        StoreWrite::Entry(line),
        StoreWrite::OpenAttempt(AttemptState::new(StepId(7), 1, at(0)?, at(1)?, Vec::new())),
        StoreWrite::Scope(scope),
        StoreWrite::Config(ConfigVersion::new(1, Config::default(), at(0)?)),
        StoreWrite::Document { name: "org".into(), content: Some(json!(1)) },
    ];
    commit(&store, writes).await?;
    let before = everything(&store).await?;
    same!(
        (before.0.records.len(), before.1.changes.len(), before.0.attempts.len()),
        (2, 2, 1),
        "records, lines and attempts"
    );
    for _ in 0..2 {
        store = fixture.reopen(store).map_err(|e| format!("cannot be opened again: {e:?}"))?;
        same!(everything(&store).await?, before, "after a restart");
    }
    same!(commit(&store, vec![StoreWrite::Seen(vec![a])]).await?, 2, "the number after a restart");
    Ok(())
}
