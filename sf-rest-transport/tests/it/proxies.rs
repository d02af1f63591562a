//! The proxy of the environment. Variables can be set for another process only, so this binary starts itself.
use crate::once;
use sf_core::{Delivery, Transport, protocol::Request};
use sf_rest_transport::Rest;
use std::{
    process::{Command, Stdio},
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::path};

const HERE: &str = "SF_TEST_PROXIES_HERE";
const ELSEWHERE: &str = "https://acme.my.salesforce.com";

/// The child of the test below.
#[ignore = "run by the test below"]
#[tokio::test]
async fn child_process_that_calls_an_org_here_and_one_elsewhere() {
    let here = std::env::var(HERE).unwrap();
    let limits = Request::get(["limits"]);
    let call = async |rest: Rest| rest.connect().unwrap().call(&limits, &once()).await;
    // Programs that are made for both, as the examples are.
    for url in [here.clone(), here.replace("127.0.0.1", "localhost")] {
        call(Rest::at(url).token("t").allow_loopback_http()).await.unwrap();
    }
    let e = call(Rest::at(ELSEWHERE).token("t").allow_loopback_http()).await.unwrap_err();
    assert_eq!(e.delivery(), Delivery::NotSent);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_that_allows_http_to_this_machine_reaches_others_by_the_proxy_of_the_environment() {
    let here = MockServer::start().await;
    let fine = || ResponseTemplate::new(200).set_body_raw("{}", "application/json");
    Mock::given(path("/services/data/v66.0/limits")).respond_with(fine()).expect(4).mount(&here).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let proxy = format!("http://user:pass@{}", listener.local_addr().unwrap());
    let asked = tokio::spawn(async move {
        let mut asked = Vec::new();
        for _ in 0..2 {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut head = vec![0; 4096];
            let read = stream.read(&mut head).await.unwrap();
            asked.push(String::from_utf8_lossy(&head[..read]).into_owned());
            stream.write_all(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n").await.unwrap();
        }
        asked
    });
    for variable in ["HTTPS_PROXY", "all_proxy"] {
        let mut child = Command::new(std::env::current_exe().unwrap());
        for name in ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY"] {
            child.env_remove(name).env_remove(name.to_ascii_lowercase());
        }
        let status = child
            .args(["--ignored", "--exact", "proxies::child_process_that_calls_an_org_here_and_one_elsewhere"])
            .env(HERE, here.uri())
            .env(variable, &proxy)
            // Plain http would go there, if it went to a proxy at all.
            .env("HTTP_PROXY", "http://127.0.0.1:9")
            .stdout(Stdio::null())
            .spawn()
            .unwrap()
            .wait();
        assert!(status.unwrap().success(), "{variable}");
    }
    let asked = tokio::time::timeout(Duration::from_secs(30), asked).await.expect("nobody asked the proxy");
    for head in asked.unwrap() {
        assert!(head.starts_with("CONNECT acme.my.salesforce.com:443 HTTP/1.1\r\n"), "{head}");
        assert!(head.to_ascii_lowercase().contains("proxy-authorization: basic "), "{head}");
    }
}
