//! JWT assertions: the RS256 signature under an app's key, and the claims.
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use rustls_pki_types::{CertificateDer, SubjectPublicKeyInfoDer, pem::PemObject};
use serde::{Deserialize, Serialize};
use std::fmt;
use webpki::{EndEntityCert, RawPublicKeyEntity, ring::RSA_PKCS1_2048_8192_SHA256};

/// The public key of an app, as its certificate or alone.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct Key {
    pem: String,
    der: Der,
}

#[derive(Clone, PartialEq, Eq)]
enum Der {
    Certificate(CertificateDer<'static>),
    PublicKey(SubjectPublicKeyInfoDer<'static>),
}

/// Why a text is no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NoKey;
impl fmt::Display for NoKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no certificate or public key: give PEM text that begins with -----BEGIN CERTIFICATE----- or -----BEGIN PUBLIC KEY-----")
    }
}

impl Key {
    pub(crate) fn read(pem: &str) -> Result<Key, NoKey> {
        let der = match CertificateDer::from_pem_slice(pem.as_bytes()) {
            Ok(der) => {
                EndEntityCert::try_from(&der).map_err(|_| NoKey)?;
                Der::Certificate(der)
            }
            Err(_) => {
                let der = SubjectPublicKeyInfoDer::from_pem_slice(pem.as_bytes()).map_err(|_| NoKey)?;
                RawPublicKeyEntity::try_from(&der).map_err(|_| NoKey)?;
                Der::PublicKey(der)
            }
        };
        Ok(Key { pem: pem.to_owned(), der })
    }

    fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        let algorithm = RSA_PKCS1_2048_8192_SHA256;
        match &self.der {
            Der::Certificate(der) => EndEntityCert::try_from(der)
                .is_ok_and(|cert| cert.verify_signature(algorithm, message, signature).is_ok()),
            Der::PublicKey(der) => RawPublicKeyEntity::try_from(der)
                .is_ok_and(|key| key.verify_signature(algorithm, message, signature).is_ok()),
        }
    }
}

impl TryFrom<String> for Key {
    type Error = NoKey;
    fn try_from(pem: String) -> Result<Key, NoKey> {
        Key::read(&pem)
    }
}
impl From<Key> for String {
    fn from(key: Key) -> String {
        key.pem
    }
}

/// An assertion, taken apart; nothing is believed yet.
#[derive(Debug)]
pub(super) struct Assertion<'a> {
    signed: &'a str,
    signature: Vec<u8>,
    pub(super) claims: Claims,
}

#[derive(Debug, Deserialize)]
struct Header {
    alg: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Claims {
    pub(super) iss: String,
    pub(super) sub: String,
    aud: Audience,
    /// A number; simple-salesforce sends it as a text.
    exp: serde_json::Value,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

impl<'a> Assertion<'a> {
    /// `None`: not a JWT with RS256 and the claims that Salesforce asks for.
    pub(super) fn read(text: &'a str) -> Option<Assertion<'a>> {
        let (signed, signature) = text.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        let decode = |part: &str| URL_SAFE_NO_PAD.decode(part.trim_end_matches('=')).ok();
        let header: Header = serde_json::from_slice(&decode(header)?).ok()?;
        if header.alg != "RS256" {
            return None;
        }
        Some(Assertion {
            signed,
            signature: decode(signature)?,
            claims: serde_json::from_slice(&decode(claims)?).ok()?,
        })
    }

    pub(super) fn is_signed_by(&self, key: &Key) -> bool {
        key.verifies(self.signed.as_bytes(), &self.signature)
    }
}

impl Claims {
    /// In seconds since 1970.
    pub(super) fn expires(&self) -> Option<i64> {
        let seconds = match &self.exp {
            serde_json::Value::String(text) => text.parse().ok()?,
            other => other.as_f64()?,
        };
        Some(seconds as i64)
    }

    pub(super) fn is_for(&self, host: &str) -> bool {
        let same = |aud: &String| aud.trim_end_matches('/').eq_ignore_ascii_case(host.trim_end_matches('/'));
        match &self.aud {
            Audience::One(aud) => same(aud),
            Audience::Several(all) => all.iter().any(same),
        }
    }
}
