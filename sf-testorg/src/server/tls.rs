//! TLS in front of the server.
use super::failed;
use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, pem::PemObject};
use sf_core::{Clock, Result, SystemClock};
use std::{io, net::IpAddr, sync::Arc};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, crypto::ring},
};

/// What a server shows, and how it proves that it is its own.
pub(super) struct Identity {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
    /// The chain as PEM.
    pub(super) pem: String,
}

impl Identity {
    /// A certificate for loopback and this address, made now, good for 90 days, that nobody has signed but itself.
    pub(super) fn self_signed(address: IpAddr) -> Result<Identity> {
        let make = || {
            let mut names = vec!["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()];
            if !names.contains(&address.to_string()) && !address.is_unspecified() {
                names.push(address.to_string());
            }
            let mut params = CertificateParams::new(names)?;
            let day = |days: i64| {
                let day = SystemClock.now().utc() + chrono::Duration::days(days);
                let part = |n: u32| u8::try_from(n).unwrap_or(1);
                use chrono::Datelike;
                date_time_ymd(day.year(), part(day.month()), part(day.day()))
            };
            (params.not_before, params.not_after) = (day(-1), day(90));
            let key = KeyPair::generate()?;
            let certificate = params.self_signed(&key)?;
            Ok::<_, rcgen::Error>((certificate, key))
        };
        let (certificate, key) = make().map_err(|e| {
            failed("no certificate can be made".into(), "give one with its key", io::Error::other(e))
        })?;
        Ok(Identity {
            chain: vec![certificate.der().clone()],
            key: PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
            pem: certificate.pem(),
        })
    }

    /// A chain of certificates, the server's first, and the key of the first.
    pub(super) fn of_pem(chain: &str, key: &str) -> Result<Identity> {
        let unusable = |what: &str, reason: String| {
            failed(format!("the {what} cannot be used"), "give both as PEM", io::Error::other(reason))
        };
        let certificates: std::result::Result<Vec<_>, _> =
            CertificateDer::pem_slice_iter(chain.as_bytes()).collect();
        let chain_der = certificates.map_err(|e| unusable("certificate", e.to_string()))?;
        if chain_der.is_empty() {
            return Err(unusable("certificate", "it holds no CERTIFICATE".into()));
        }
        // The reason names no part of the key.
        let key = PrivateKeyDer::from_pem_slice(key.as_bytes())
            .map_err(|_| unusable("key", "it holds no private key".into()))?;
        Ok(Identity { chain: chain_der, key, pem: chain.to_owned() })
    }

    /// Takes connections. The provider is named: a process that has several must not have to choose.
    pub(super) fn acceptor(self) -> Result<TlsAcceptor> {
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map(|builder| builder.with_no_client_auth())
            .and_then(|builder| builder.with_single_cert(self.chain, self.key));
        let mut config = config.map_err(|e| {
            let next = "give a certificate that a server may use, and the key that belongs to it";
            failed("the certificate cannot be used".into(), next, io::Error::other(e))
        })?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(TlsAcceptor::from(Arc::new(config)))
    }
}
