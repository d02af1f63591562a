//! The bytes of a token file: a header in clear, the rest encrypted and authenticated together with it.
//!
//! `sf-tokens 1\n`, one byte for the kind of key, 16 bytes of salt, 24 of nonce, then XChaCha20-Poly1305 over JSON. Each writing
//! takes a new nonce; the salt stays for the life of the file.
use super::key::{Kind, StoreKey};
use crate::fault::setup;
use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use sf_core::{Error, Result};
use std::path::Path;
use zeroize::Zeroizing;

const MAGIC: &[u8; 12] = b"sf-tokens 1\n";
const SALT: usize = 16;
const NONCE: usize = 24;
const HEADER: usize = MAGIC.len() + 1 + SALT + NONCE;

/// A derived key with the salt that it belongs to.
#[derive(Clone)]
pub(super) struct Derived {
    pub(super) salt: [u8; SALT],
    key: Zeroizing<[u8; 32]>,
}

impl Derived {
    pub(super) fn new(key: &StoreKey, salt: [u8; SALT]) -> Result<Derived> {
        Ok(Derived { salt, key: key.derive(&salt)? })
    }
    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new((&*self.key).into())
    }
}

/// The salt of a file, after a look at what it is.
pub(super) fn salt(file: &[u8], kind: Kind, path: &Path) -> Result<[u8; SALT]> {
    let head = file.get(..HEADER).filter(|head| head.starts_with(MAGIC)).ok_or_else(|| not_ours(path))?;
    if head.get(MAGIC.len()) != Some(&kind_byte(kind)) {
        return Err(setup(
            format!("the token store {} was made with another kind of key", path.display()),
            "Open it with what it was made with: a passphrase, or a key of 32 bytes (keyring).",
        ));
    }
    head.get(MAGIC.len() + 1..MAGIC.len() + 1 + SALT)
        .and_then(|salt| salt.try_into().ok())
        .ok_or_else(|| not_ours(path))
}

pub(super) fn open(file: &[u8], key: &Derived, path: &Path) -> Result<Zeroizing<Vec<u8>>> {
    let (head, sealed) = file.split_at_checked(HEADER).ok_or_else(|| not_ours(path))?;
    let nonce =
        head.get(HEADER - NONCE..).and_then(|n| XNonce::try_from(n).ok()).ok_or_else(|| not_ours(path))?;
    key.cipher().decrypt(&nonce, Payload { msg: sealed, aad: head }).map(Zeroizing::new).map_err(|_| {
        setup(
            format!("the token store {} cannot be decrypted: another key, or a damaged file", path.display()),
            "Give the key that the store was made with. If it is lost, delete the file and let the users sign in again.",
        )
    })
}

pub(super) fn seal(plain: &[u8], key: &Derived, kind: Kind, nonce: [u8; NONCE]) -> Result<Vec<u8>> {
    let mut file = Vec::with_capacity(HEADER + plain.len() + 16);
    file.extend_from_slice(MAGIC);
    file.push(kind_byte(kind));
    file.extend_from_slice(&key.salt);
    file.extend_from_slice(&nonce);
    let sealed = key
        .cipher()
        .encrypt(&XNonce::from(nonce), Payload { msg: plain, aad: &file })
        .map_err(|_| setup("the tokens could not be encrypted", "Store fewer sign-ins in one file."))?;
    file.extend_from_slice(&sealed);
    Ok(file)
}

fn kind_byte(kind: Kind) -> u8 {
    match kind {
        Kind::Passphrase => b'p',
        Kind::Bytes => b'k',
    }
}

fn not_ours(path: &Path) -> Error {
    setup(
        format!("{} is not a token store of this version", path.display()),
        "Name another file, or move this one away.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn derived(byte: u8) -> Derived {
        Derived::new(&StoreKey::bytes([byte; 32]), [7; SALT]).unwrap()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn what_was_sealed_opens_and_nothing_else_does(
            plain in proptest::collection::vec(any::<u8>(), 0..200), nonce in any::<[u8; NONCE]>(),
            at in any::<proptest::sample::Index>(), bit in 0u8..8,
        ) {
            let path = Path::new("tokens");
            let file = seal(&plain, &derived(1), Kind::Bytes, nonce).unwrap();
            prop_assert_eq!(salt(&file, Kind::Bytes, path).unwrap(), [7; SALT]);
            prop_assert_eq!(&*open(&file, &derived(1), path).unwrap(), &plain);
            prop_assert!(open(&file, &derived(2), path).is_err());
            let mut damaged = file.clone();
            damaged[at.index(file.len())] ^= 1 << bit;
            prop_assert!(open(&damaged, &derived(1), path).is_err());
            prop_assert!(open(&file[..at.index(file.len())], &derived(1), path).is_err());
        }
    }

    #[test]
    fn a_file_of_another_kind_says_so() {
        let path = Path::new("tokens");
        let file = seal(b"{}", &derived(1), Kind::Bytes, [0; NONCE]).unwrap();
        assert!(salt(&file, Kind::Passphrase, path).unwrap_err().to_string().contains("another kind of key"));
        assert!(
            salt(b"{\"tokens\":[]}", Kind::Bytes, path)
                .unwrap_err()
                .to_string()
                .contains("not a token store")
        );
        assert!(!file.windows(2).any(|w| w == b"{}"));
    }
}
