//! Who may sign in, and with what.
use crate::{demo::random::Random, state::ids::id_of};
use std::fmt;

/// The org's id, its one API user and what a client signs in with. Made from the seed, so that a client that has signed in
/// once also reaches the org after a restart.
///
/// They open nothing but a simulated org; `Debug` leaves the secrets out all the same.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Credentials {
    /// The org's id (`00D…`).
    pub org_id: String,
    /// The API user's id: the first user of every data set.
    pub user_id: String,
    /// The API user's name.
    pub username: String,
    /// The connected app's consumer key.
    pub client_id: String,
    /// The connected app's consumer secret.
    pub client_secret: String,
    /// The API user's password; every user of the org has it. For SOAP `login()` and the username-password flow.
    pub password: String,
    /// What may follow the password there, and need not: the org trusts the client's address.
    pub security_token: String,
    /// A bearer token.
    pub access_token: String,
    /// For the refresh grant.
    pub refresh_token: String,
}

impl Credentials {
    /// What the org of this seed has.
    pub fn of_seed(seed: u64) -> Credentials {
        let mut random = Random::of(seed, "credentials", 0);
        let org_id = id("00D", random.below(62u64.pow(4)) + 1);
        Credentials {
            username: format!("avery.quinn@org{}.example", org_id[9..15].to_lowercase()),
            client_id: format!("3MVG9{}", text(&mut random, 80)),
            client_secret: text(&mut random, 64),
            access_token: format!("{}!AQ8AQ{}", &org_id[..15], text(&mut random, 91)),
            refresh_token: format!("5Aep861{}", text(&mut random, 80)),
            user_id: id("005", 1),
            org_id,
            // After the others: what a seed has given stays.
            password: text(&mut random, 12),
            security_token: text(&mut random, 24),
        }
    }

    /// Whether this is the password, alone or with the security token after it.
    pub(crate) fn is_password(&self, text: &str) -> bool {
        let rest = text.strip_prefix(&self.password);
        rest.is_some_and(|rest| rest.is_empty() || rest == self.security_token)
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut f = f.debug_struct("Credentials");
        f.field("org_id", &self.org_id).field("user_id", &self.user_id).field("username", &self.username);
        f.finish_non_exhaustive()
    }
}

const LETTERS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

fn text(random: &mut Random, length: usize) -> String {
    (0..length).map(|_| char::from(random.pick(LETTERS))).collect()
}

fn id(prefix: &str, counter: u64) -> String {
    id_of(prefix, counter).map(|id| id.to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_always_signs_in_the_same_way() {
        let one = Credentials::of_seed(1);
        assert_eq!(one, Credentials::of_seed(1));
        assert_ne!(one.access_token, Credentials::of_seed(2).access_token);
        assert_ne!(one.org_id, Credentials::of_seed(2).org_id);
        assert!(sf_core::SfId::new(&one.org_id).is_ok() && sf_core::SfId::new(&one.user_id).is_ok());
        assert!(one.access_token.starts_with(&format!("{}!", &one.org_id[..15])));
        assert!(!format!("{one:?}").contains(&one.access_token[20..]));
    }
}
