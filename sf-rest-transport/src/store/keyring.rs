//! A random key in the operating system's keyring.
use super::StoreKey;
use crate::fault::setup;
use keyring::{Entry, Error as KeyringError};
use sf_core::Result;
use zeroize::Zeroizing;

pub(super) fn key(service: &str, user: &str) -> Result<StoreKey> {
    let entry = Entry::new(service, user).map_err(failed)?;
    match entry.get_secret().map(Zeroizing::new) {
        Ok(secret) => match <[u8; 32]>::try_from(secret.as_slice()) {
            Ok(key) => Ok(StoreKey::bytes(key)),
            Err(_) => Err(setup(
                format!("the keyring's entry {service}/{user} is no key of a token store"),
                "Choose another service or user name.",
            )),
        },
        Err(KeyringError::NoEntry) => {
            let mut key = Zeroizing::new([0; 32]);
            getrandom::fill(key.as_mut())
                .map_err(|_| setup("no random bytes for a new key", "Check the machine."))?;
            entry.set_secret(key.as_ref()).map_err(failed)?;
            // Two processes that start at the same time: the last one written is the key of both.
            let kept = Zeroizing::new(entry.get_secret().map_err(failed)?);
            Ok(StoreKey::bytes(kept.as_slice().try_into().unwrap_or(*key)))
        }
        Err(e) => Err(failed(e)),
    }
}

/// The error's text can hold what was in the keyring: only its kind is told.
fn failed(e: KeyringError) -> sf_core::Error {
    let why = match e {
        KeyringError::NoDefaultStore => "this machine has none",
        KeyringError::NoStorageAccess(_) => "it is locked or access was denied",
        KeyringError::Ambiguous(_) => "it holds more than one entry of this name",
        _ => "it failed",
    };
    setup(
        format!("the operating system's keyring cannot be used: {why}"),
        "Unlock it, or use `StoreKey::passphrase` or `StoreKey::from_env`.",
    )
}
