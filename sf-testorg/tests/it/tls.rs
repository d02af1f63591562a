//! The server over TLS: real handshakes, certificates checked.
use rustls_pki_types::{CertificateDer, ServerName, pem::PemObject};
use sf_core::{Secret, object};
use sf_testorg::{Effect, Fault, On, TestOrg};
use std::{
    io::{self, Read, Write},
    net::TcpStream,
    process::{Command, Stdio},
    sync::Arc,
};
use tokio_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned, crypto::ring};

/// One request by a client that trusts this certificate alone.
fn get(url: &str, trusted: &str, name: &str, path: &str, token: &str) -> io::Result<String> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(trusted.as_bytes()).unwrap()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from(name.to_owned()).unwrap();
    let session = ClientConnection::new(Arc::new(config), name).unwrap();
    let mut stream = StreamOwned::new(session, TcpStream::connect(url.strip_prefix("https://").unwrap())?);
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\r\n"
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

#[test]
fn given_tls_when_the_certificate_is_trusted_then_requests_are_answered_and_else_not() {
    let org = TestOrg::empty();
    let server = org.server().tls().start().unwrap();
    assert!(server.url().starts_with("https://127.0.0.1:"));
    let pem = server.certificate().unwrap().to_owned();
    for name in ["127.0.0.1", "localhost"] {
        let answer = get(server.url(), &pem, name, "/services/data/v66.0/limits", &server.token()).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    }
    let userinfo =
        get(server.url(), &pem, "localhost", "/services/oauth2/userinfo", &server.token()).unwrap();
    assert!(userinfo.contains(server.url()), "the org's own addresses are https: {userinfo}");
    let other = TestOrg::empty().server().tls().start().unwrap();
    let untrusted = get(server.url(), other.certificate().unwrap(), "localhost", "/services/data", "");
    assert_eq!(untrusted.unwrap_err().kind(), io::ErrorKind::InvalidData);
    let misnamed = get(server.url(), &pem, "salesforce.com", "/services/data", "");
    assert_eq!(misnamed.unwrap_err().kind(), io::ErrorKind::InvalidData);
}

#[test]
fn given_a_certificate_when_it_is_given_then_it_is_the_one_that_is_shown() {
    let own = rcgen::generate_simple_self_signed(["org.example".to_owned()]).unwrap();
    let (pem, key) = (own.cert.pem(), own.signing_key.serialize_pem());
    let org = TestOrg::empty();
    let server = org.server().tls_with(&pem, Secret::new(&key)).start().unwrap();
    assert_eq!(server.certificate(), Some(pem.as_str()));
    let answer = get(server.url(), &pem, "org.example", "/services/data", "").unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"));
    let other = rcgen::generate_simple_self_signed(["org.example".to_owned()]).unwrap();
    for (chain, key, part) in [
        (pem.as_str(), other.signing_key.serialize_pem(), "the certificate cannot be used"),
        ("", key.clone(), "it holds no CERTIFICATE"),
        (pem.as_str(), String::new(), "it holds no private key"),
    ] {
        let error = org.server().tls_with(chain, Secret::new(key)).start().unwrap_err();
        assert!(error.to_string().contains(part), "{error}");
        assert!(!error.help().next_step.is_empty());
    }
}

#[test]
fn given_faults_of_the_connection_when_it_is_tls_then_no_orderly_end_is_sent() {
    let org = TestOrg::empty();
    let server = org.server().tls().start().unwrap();
    let pem = server.certificate().unwrap();
    for (effect, kind) in [
        (Effect::ResetAnswer, io::ErrorKind::ConnectionReset),
        (Effect::TornBody, io::ErrorKind::UnexpectedEof),
    ] {
        org.inject(Fault::new(On::Any, effect.clone()));
        let error = get(server.url(), pem, "localhost", "/services/data/v66.0/limits", &server.token());
        assert_eq!(error.unwrap_err().kind(), kind, "{effect:?}");
    }
    assert_eq!(org.rows(&object!("Account")).len(), 0);
}

#[test]
fn given_the_binary_when_it_serves_tls_then_its_line_has_what_clients_need() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_sf-testorg"))
        .args(["serve", "--dataset", "empty", "--tls"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    io::BufRead::read_line(&mut io::BufReader::new(child.stdout.take().unwrap()), &mut line).unwrap();
    let ready: serde_json::Value = serde_json::from_str(&line).unwrap();
    let text = |key: &str| ready[key].as_str().unwrap().to_owned();
    let answer = get(
        &text("instance_url"),
        &text("certificate"),
        "127.0.0.1",
        "/services/data/v66.0/limits",
        &text("access_token"),
    );
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(answer.unwrap().starts_with("HTTP/1.1 200"));
    let host = text("instance_url").strip_prefix("https://").unwrap().to_owned();
    let url =
        format!("force://{}:{}:{}@{host}", text("client_id"), text("client_secret"), text("refresh_token"));
    assert_eq!(text("sfdx_auth_url"), url);
}
