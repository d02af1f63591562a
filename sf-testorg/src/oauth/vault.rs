//! Everything the org has issued and still remembers: sessions, refresh tokens, codes. Each change is a value, so that a journal can keep it.
use crate::demo::random::Random;
use serde::{Deserialize, Serialize};
use sf_core::{SfId, Timestamp};
use std::{collections::BTreeMap, fmt, time::Duration};

/// What an access token stands for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Session {
    pub(crate) user: SfId,
    /// `None`: signed in with a password, by no app.
    pub(crate) client_id: Option<String>,
    /// The grant whose refresh token gave it.
    pub(crate) grant: Option<u64>,
    pub(crate) scopes: Vec<String>,
    pub(crate) issued: Timestamp,
    /// The last call. Not kept in a state file: a call is no change.
    pub(crate) used: Timestamp,
    /// Without a call for this long it ends; `None`: never.
    pub(crate) idle_seconds: Option<u64>,
}
impl Session {
    pub(crate) fn ends(&self) -> Option<Timestamp> {
        Some(self.used + Duration::from_secs(self.idle_seconds?))
    }
    pub(crate) fn is_over(&self, now: Timestamp) -> bool {
        self.ends().is_some_and(|end| now >= end)
    }
}

/// One approval of an app by a user, with all refresh tokens it ever had: the family that dies together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Grant {
    pub(crate) client_id: String,
    pub(crate) user: SfId,
    pub(crate) scopes: Vec<String>,
    /// The last one is the one that works.
    pub(crate) tokens: Vec<String>,
    pub(crate) issued: Timestamp,
    pub(crate) used: Timestamp,
    pub(crate) is_revoked: bool,
}
impl Grant {
    pub(crate) fn is_current(&self, token: &str) -> bool {
        self.tokens.last().is_some_and(|last| last == token)
    }
}

/// An authorization code that nobody has exchanged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Code {
    pub(crate) client_id: String,
    pub(crate) user: SfId,
    pub(crate) scopes: Vec<String>,
    pub(crate) redirect_uri: String,
    pub(crate) challenge: Option<String>,
    pub(crate) expires: Timestamp,
}

/// A device that waits for its user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Device {
    pub(crate) client_id: String,
    pub(crate) user_code: String,
    pub(crate) scopes: Vec<String>,
    pub(crate) expires: Timestamp,
    /// Seconds between two questions; grows with `slow_down`.
    pub(crate) interval: u64,
    pub(crate) polled: Option<Timestamp>,
    pub(crate) decision: Decision,
}

/// What the user said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Decision {
    Pending,
    Denied,
    Approved(SfId),
}

/// One change, as a journal keeps it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Change {
    /// How many random texts were made.
    Drawn(u64),
    Session(String, Option<Session>),
    Grant(u64, Grant),
    /// A grant was used; with rotation, the token it has now. Only this is kept: a family may be long.
    Refreshed(u64, Timestamp, Option<String>),
    Revoked(u64),
    Code(String, Option<Code>),
    Device(String, Option<Device>),
}

impl fmt::Debug for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Change")
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Vault {
    seed: u64,
    drawn: u64,
    sessions: BTreeMap<String, Session>,
    grants: BTreeMap<u64, Grant>,
    /// Which grant a refresh token belongs to, rotated ones included.
    families: BTreeMap<String, u64>,
    codes: BTreeMap<String, Code>,
    devices: BTreeMap<String, Device>,
    /// Not yet in the journal.
    changes: Vec<Change>,
}

impl Vault {
    pub(crate) fn new(seed: u64) -> Vault {
        Vault {
            seed,
            drawn: 0,
            sessions: BTreeMap::new(),
            grants: BTreeMap::new(),
            families: BTreeMap::new(),
            codes: BTreeMap::new(),
            devices: BTreeMap::new(),
            changes: Vec::new(),
        }
    }

    /// Makes a change of before again.
    pub(crate) fn apply(&mut self, change: Change) {
        fn put<T>(map: &mut BTreeMap<String, T>, key: String, value: Option<T>) {
            match value {
                Some(value) => drop(map.insert(key, value)),
                None => drop(map.remove(&key)),
            }
        }
        match change {
            Change::Drawn(drawn) => self.drawn = drawn,
            Change::Session(token, session) => put(&mut self.sessions, token, session),
            Change::Grant(number, grant) => {
                self.families.extend(grant.tokens.iter().map(|token| (token.clone(), number)));
                self.grants.insert(number, grant);
            }
            Change::Refreshed(number, used, token) => {
                if let Some(grant) = self.grants.get_mut(&number) {
                    grant.used = used;
                    self.families.extend(token.clone().map(|token| (token, number)));
                    grant.tokens.extend(token);
                }
            }
            Change::Revoked(number) => {
                if let Some(grant) = self.grants.get_mut(&number) {
                    grant.is_revoked = true;
                }
            }
            Change::Code(code, value) => put(&mut self.codes, code, value),
            Change::Device(code, value) => put(&mut self.devices, code, value),
        }
    }

    fn change(&mut self, change: Change) {
        self.changes.push(change.clone());
        self.apply(change);
    }

    /// What the journal has not yet.
    pub(crate) fn take_changes(&mut self) -> Vec<Change> {
        std::mem::take(&mut self.changes)
    }

    /// The journal could not take them.
    pub(crate) fn put_back(&mut self, mut changes: Vec<Change>) {
        changes.append(&mut self.changes);
        self.changes = changes;
    }

    pub(crate) fn has_changes(&self) -> bool {
        !self.changes.is_empty()
    }

    /// Random letters that are the same in every run with this seed, and never the same twice.
    pub(crate) fn draw(&mut self, letters: &[u8], length: usize) -> String {
        let mut random = Random::of(self.seed, "oauth", self.drawn);
        self.change(Change::Drawn(self.drawn + 1));
        (0..length).map(|_| char::from(random.pick(letters))).collect()
    }

    pub(crate) fn session(&self, token: &str) -> Option<&Session> {
        self.sessions.get(token)
    }
    pub(crate) fn sessions(&self) -> impl Iterator<Item = (&String, &Session)> {
        self.sessions.iter()
    }
    pub(crate) fn begin(&mut self, token: String, session: Session) {
        self.change(Change::Session(token, Some(session)));
    }
    /// A call was made; `false`: there is no such session, or it was idle for too long.
    pub(crate) fn touch(&mut self, token: &str, now: Timestamp) -> bool {
        match self.sessions.get_mut(token) {
            Some(session) if session.is_over(now) => {
                self.end(token);
                false
            }
            Some(session) => {
                session.used = session.used.max(now);
                true
            }
            None => false,
        }
    }
    /// Idle times begin anew: nobody knows when the last call of before was.
    pub(crate) fn touch_all(&mut self, now: Timestamp) {
        self.sessions.values_mut().for_each(|session| session.used = session.used.max(now));
    }
    /// Of the sessions that have no timeout yet.
    pub(crate) fn set_idle_seconds(&mut self, seconds: u64) {
        let unset = self.sessions.values_mut().filter(|session| session.idle_seconds.is_none());
        unset.for_each(|session| session.idle_seconds = Some(seconds));
    }
    /// `false`: there is no such session.
    pub(crate) fn end(&mut self, token: &str) -> bool {
        let is_there = self.sessions.contains_key(token);
        if is_there {
            self.change(Change::Session(token.to_owned(), None));
        }
        is_there
    }
    pub(crate) fn end_where(&mut self, is_ended: impl Fn(&Session) -> bool) {
        let ended: Vec<String> =
            self.sessions.iter().filter(|(_, s)| is_ended(s)).map(|(token, _)| token.clone()).collect();
        for token in ended {
            self.end(&token);
        }
    }

    pub(crate) fn grants(&self) -> impl Iterator<Item = (u64, &Grant)> {
        self.grants.iter().map(|(number, grant)| (*number, grant))
    }
    /// The family of a refresh token, rotated or revoked ones included.
    pub(crate) fn grant_of(&self, refresh_token: &str) -> Option<(u64, &Grant)> {
        let number = *self.families.get(refresh_token)?;
        Some((number, self.grants.get(&number)?))
    }
    pub(crate) fn grant(&mut self, grant: Grant) -> u64 {
        let number = self.grants.last_key_value().map_or(0, |(last, _)| last + 1);
        self.change(Change::Grant(number, grant));
        number
    }
    pub(crate) fn refreshed(&mut self, number: u64, now: Timestamp, rotated: Option<String>) {
        self.change(Change::Refreshed(number, now, rotated));
    }
    /// Ends the grant and all its sessions.
    pub(crate) fn revoke(&mut self, number: u64) {
        self.change(Change::Revoked(number));
        self.end_where(|session| session.grant == Some(number));
    }

    pub(crate) fn put_code(&mut self, code: String, value: Code) {
        self.change(Change::Code(code, Some(value)));
    }
    /// A code works once.
    pub(crate) fn take_code(&mut self, code: &str) -> Option<Code> {
        let taken = self.codes.get(code).cloned()?;
        self.change(Change::Code(code.to_owned(), None));
        Some(taken)
    }

    pub(crate) fn device(&self, code: &str) -> Option<&Device> {
        self.devices.get(code)
    }
    pub(crate) fn device_of_user_code(&self, user_code: &str) -> Option<(&String, &Device)> {
        self.devices.iter().find(|(_, device)| device.user_code.eq_ignore_ascii_case(user_code))
    }
    pub(crate) fn put_device(&mut self, code: String, device: Option<Device>) {
        self.change(Change::Device(code, device));
    }

    /// Forgets what can never be asked for again.
    pub(crate) fn tidy(&mut self, now: Timestamp) {
        self.end_where(|session| session.is_over(now));
        let late = |codes: &BTreeMap<String, Code>| -> Vec<String> {
            codes.iter().filter(|(_, code)| code.expires <= now).map(|(key, _)| key.clone()).collect()
        };
        for code in late(&self.codes) {
            self.change(Change::Code(code, None));
        }
        // A device that asks again hears for an hour that it is late.
        let hour = Duration::from_secs(3600);
        let gone: Vec<String> = self
            .devices
            .iter()
            .filter(|(_, d)| d.expires + hour <= now)
            .map(|(key, _)| key.clone())
            .collect();
        for code in gone {
            self.change(Change::Device(code, None));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_make_the_same_vault_again() {
        let user = SfId::new("0055e0000000001AAA").unwrap();
        let now = Timestamp::from_millis(1_767_603_600_000).unwrap();
        let mut vault = Vault::new(1);
        let token = vault.draw(b"abc", 10);
        let grant = Grant {
            client_id: "a".into(),
            user,
            scopes: Vec::new(),
            tokens: vec!["r1".into()],
            issued: now,
            used: now,
            is_revoked: false,
        };
        let number = vault.grant(grant);
        vault.refreshed(number, now, Some("r2".into()));
        let session = Session {
            user,
            client_id: None,
            grant: Some(number),
            scopes: Vec::new(),
            issued: now,
            used: now,
            idle_seconds: Some(60),
        };
        vault.begin(token.clone(), session.clone());
        vault.begin("other".into(), Session { grant: None, ..session });
        vault.revoke(number);

        let mut again = Vault::new(1);
        for change in vault.take_changes() {
            let json = serde_json::to_string(&change).unwrap();
            again.apply(serde_json::from_str(&json).unwrap());
        }
        assert!(again.grant_of("r1").is_some_and(|(_, grant)| grant.is_revoked && !grant.is_current("r1")));
        assert!(again.session(&token).is_none() && again.session("other").is_some());
        assert_ne!(again.draw(b"abc", 10), token);
        assert_eq!(vault.draw(b"abc", 10), {
            let mut third = Vault::new(1);
            third.draw(b"abc", 10);
            third.draw(b"abc", 10)
        });
    }
}
