//! A login host of any name: a proxy that answers in its place, under a certificate for it.
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sf_rest_transport::Network;
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::{TlsAcceptor, rustls};

pub(crate) type Form = BTreeMap<String, String>;
/// Status and body.
pub(crate) type Answer = (u16, serde_json::Value);

pub(crate) struct LoginHost {
    /// Leads to it, and to nobody else.
    pub(crate) network: Network,
    requests: Arc<Mutex<Vec<Form>>>,
    /// What the client said to the proxy.
    pub(crate) heads: Arc<Mutex<Vec<String>>>,
}

impl LoginHost {
    /// Answers the forms that are sent to `https://HOST/services/oauth2/token`.
    pub(crate) async fn at(
        host: &str,
        answer: impl Fn(&Form) -> Answer + Send + Sync + 'static,
    ) -> LoginHost {
        let (pem, acceptor) = certified(host);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let proxy = format!("http://proxyUser:proxyS3cret@{}", listener.local_addr().unwrap());
        let network = Network::new().proxy(proxy).root_certificates(pem).only_given_roots();
        let (requests, heads) = (Arc::default(), Arc::default());
        let login = LoginHost { network, requests: Arc::clone(&requests), heads: Arc::clone(&heads) };
        let (connect, answer) = (format!("CONNECT {host}:443 HTTP/1.1\r\n"), Arc::new(answer));
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let (requests, heads, acceptor) =
                    (Arc::clone(&requests), Arc::clone(&heads), acceptor.clone());
                let (connect, answer) = (connect.clone(), Arc::clone(&answer));
                tokio::spawn(
                    async move { serve(stream, &connect, acceptor, &requests, &heads, &*answer).await },
                );
            }
        });
        login
    }

    /// The audiences of the assertions that came, in their order.
    pub(crate) fn audiences(&self) -> Vec<String> {
        self.requests.lock().unwrap().iter().map(audience).collect()
    }
}

/// The claim `aud` of a form's assertion.
pub(crate) fn audience(form: &Form) -> String {
    let claims = form["assertion"].split('.').nth(1).unwrap();
    let claims: serde_json::Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap();
    claims["aud"].as_str().unwrap().to_owned()
}

/// A certificate that no platform trusts, as PEM, and what answers under it.
pub(crate) fn certified(host: &str) -> (String, TlsAcceptor) {
    let own = rcgen::generate_simple_self_signed([host.to_owned()]).unwrap();
    let key = rustls::pki_types::PrivateKeyDer::try_from(own.signing_key.serialize_der()).unwrap();
    // Named: beside sf-testorg's TLS the process has two providers.
    let provider = rustls::crypto::aws_lc_rs::default_provider();
    let config = rustls::ServerConfig::builder_with_provider(Arc::new(provider))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![own.cert.der().clone()], key)
        .unwrap();
    (own.cert.pem(), TlsAcceptor::from(Arc::new(config)))
}

async fn serve(
    mut stream: TcpStream,
    connect: &str,
    acceptor: TlsAcceptor,
    requests: &Mutex<Vec<Form>>,
    heads: &Mutex<Vec<String>>,
    answer: &(dyn Fn(&Form) -> Answer + Send + Sync),
) -> Option<()> {
    let (head, _) = request(&mut stream).await?;
    assert!(head.starts_with(connect), "{head}");
    heads.lock().unwrap().push(head);
    stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.ok()?;
    let mut stream = acceptor.accept(stream).await.ok()?;
    loop {
        let (head, body) = request(&mut stream).await?;
        assert!(head.starts_with("POST /services/oauth2/token HTTP/1.1\r\n"), "{head}");
        let form: Form = url::form_urlencoded::parse(&body).into_owned().collect();
        let (status, json) = answer(&form);
        requests.lock().unwrap().push(form);
        let json = json.to_string();
        let length = json.len();
        let text = format!(
            "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{json}"
        );
        stream.write_all(text.as_bytes()).await.ok()?;
    }
}

/// Head and body of the next request; `None` at the end of the connection.
async fn request(stream: &mut (impl AsyncRead + Unpin)) -> Option<(String, Vec<u8>)> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    let head = String::from_utf8(head).unwrap();
    let length =
        |line: &str| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse::<usize>().ok();
    let mut body = vec![0; head.lines().find_map(length).unwrap_or_default()];
    stream.read_exact(&mut body).await.ok()?;
    Some((head, body))
}
