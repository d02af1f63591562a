//! What a token file holds once it is decrypted.
use super::{StoredTokens, TokenKey, Tokens};
use serde::{Deserialize, Serialize};
use sf_core::Secret;

#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Content {
    /// Of all writings: a revision is never given twice.
    last_revision: u64,
    entries: Vec<Entry>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    key: TokenKey,
    revision: u64,
    access: Option<Hidden>,
    instance_url: Option<String>,
    refresh: Option<Hidden>,
    identity_url: Option<String>,
    scope: Option<String>,
    rotated_from: Vec<Hidden>,
}

impl Entry {
    fn new(key: TokenKey, revision: u64, tokens: &Tokens) -> Entry {
        Entry {
            key,
            revision,
            access: tokens.access_token().map(|token| Hidden(Secret::new(token.expose()))),
            instance_url: tokens.instance_url().map(str::to_owned),
            refresh: tokens.refresh_token().cloned().map(Hidden),
            identity_url: tokens.identity_url().map(str::to_owned),
            scope: tokens.scope().map(str::to_owned),
            rotated_from: tokens.rotated_from().iter().cloned().map(Hidden).collect(),
        }
    }
}

impl Content {
    /// The new revision; `None` when another one than `seen` is there.
    pub(super) fn swap(&mut self, key: &TokenKey, seen: Option<u64>, new: Option<&Tokens>) -> Option<u64> {
        let at = self.entries.iter().position(|entry| entry.key == *key);
        if at.and_then(|at| self.entries.get(at)).map(|entry| entry.revision) != seen {
            return None;
        }
        if let Some(at) = at {
            self.entries.swap_remove(at);
        }
        let Some(tokens) = new else { return Some(0) };
        self.last_revision += 1;
        self.entries.push(Entry::new(key.clone(), self.last_revision, tokens));
        Some(self.last_revision)
    }

    pub(super) fn take(self, key: &TokenKey) -> Option<StoredTokens> {
        let entry = self.entries.into_iter().find(|entry| entry.key == *key)?;
        let mut tokens = Tokens { refresh: entry.refresh.map(|hidden| hidden.0), ..Tokens::default() };
        if let (Some(access), Some(instance_url)) = (&entry.access, entry.instance_url) {
            tokens = tokens.with_access(access.0.expose(), instance_url);
        }
        tokens.identity_url = entry.identity_url;
        tokens.scope = entry.scope;
        tokens.rotated_from = entry.rotated_from.into_iter().map(|hidden| hidden.0).collect();
        Some(StoredTokens::new(tokens, entry.revision))
    }
}

/// The one place that serialises a secret: what it goes into is encrypted.
struct Hidden(Secret);
impl Serialize for Hidden {
    fn serialize<S: serde::Serializer>(&self, s: S) -> std::result::Result<S::Ok, S::Error> {
        s.serialize_str(self.0.expose())
    }
}
impl<'de> Deserialize<'de> for Hidden {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> std::result::Result<Hidden, D::Error> {
        String::deserialize(d).map(|text| Hidden(Secret::new(text)))
    }
}
