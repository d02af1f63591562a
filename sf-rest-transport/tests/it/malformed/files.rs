//! Answers to uploads and downloads of files that are not what the API promises.
use super::{PAGE_TEXT, bodies};
use crate::{once, transport};
use sf_core::{
    Delivery, Org, SfId,
    models::ContentVersion,
    protocol::{Content, Saved},
};
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{method, path_regex},
};

const VERSION: &str = "068000000000001AAA";

fn org(server: &MockServer) -> Org {
    Org::new(transport(&server.uri())).with_call(once())
}
async fn answers(server: &MockServer, verb: &str, to: &str, answer: ResponseTemplate) {
    Mock::given(method(verb))
        .and(path_regex(format!("^/services/data/v66.0/{to}")))
        .respond_with(answer)
        .mount(server)
        .await;
}
fn plan() -> ContentVersion {
    ContentVersion { path_on_client: "plan.pdf".into(), ..ContentVersion::default() }
}
fn created() -> ResponseTemplate {
    ResponseTemplate::new(201)
        .set_body_json(serde_json::json!({"id": VERSION, "success": true, "errors": []}))
}

#[tokio::test]
async fn an_upload_that_is_answered_with_anything_else_may_be_there() {
    let server = MockServer::start().await;
    let org = org(&server);
    for (label, body) in bodies() {
        for status in [200, 201, 400, 503] {
            let case = format!("{status} with {label}");
            // That is how an org says it.
            if label == "success without a list" && status < 300 {
                continue;
            }
            server.reset().await;
            let answer = ResponseTemplate::new(status).set_body_raw(body.clone(), "application/json");
            answers(&server, "POST", "sobjects/ContentVersion", answer).await;
            // Some of the bodies name a row that would be found.
            let row = serde_json::json!({"totalSize": 1, "done": true, "records": [{"ContentSize": 4}]});
            answers(&server, "GET", "query", ResponseTemplate::new(200).set_body_json(row)).await;
            let error = org.files().upload(&plan(), Content::bytes("%PDF")).await.expect_err(&case);
            let refused = (400..500).contains(&status);
            let delivery = if refused { Delivery::Refused } else { Delivery::Unknown };
            assert_eq!(error.delivery(), delivery, "{case}: {error:?}");
            let printed = format!("{error} {error:?} {}", error.help());
            assert!(!printed.contains(PAGE_TEXT), "{case}: {printed}");
        }
    }
}

#[tokio::test]
async fn a_file_that_is_saved_is_no_error_though_nothing_more_is_known_of_it() {
    let server = MockServer::start().await;
    let org = org(&server);
    for (label, body) in bodies() {
        for status in [200, 400, 503] {
            let case = format!("{status} with {label}");
            server.reset().await;
            answers(&server, "POST", "sobjects/ContentVersion", created()).await;
            let answer = ResponseTemplate::new(status).set_body_raw(body.clone(), "application/json");
            answers(&server, "GET", "query", answer).await;
            let file = org.files().upload(&plan(), Content::bytes("%PDF")).await.expect(&case);
            assert_eq!((file.version.as_str(), file.document, file.size), (VERSION, None, None), "{case}");
            let why = file.details.expect(&case);
            assert!(!format!("{why} {why:?}").contains(PAGE_TEXT), "{case}: {why:?}");
        }
    }
}

/// Any bytes may be a file: they come as they are, whatever they are called, and those of an error do not.
#[tokio::test]
async fn a_download_is_the_bytes_of_a_success_and_of_nothing_else() {
    let server = MockServer::start().await;
    let org = org(&server);
    let version = SfId::new(VERSION).unwrap();
    for (label, body) in bodies() {
        for status in [200, 400, 503] {
            let case = format!("{status} with {label}");
            server.reset().await;
            let answer = ResponseTemplate::new(status).set_body_raw(body.clone(), "application/octetstream");
            answers(&server, "GET", "sobjects/ContentVersion/.*/VersionData", answer).await;
            let mut sink = Saved::to(Vec::new());
            let came = org.files().download(version, &mut sink).await;
            match status {
                200 => {
                    assert_eq!(came.expect(&case), body.len() as u64, "{case}");
                    assert_eq!(sink.into_inner(), body, "{case}");
                }
                _ => {
                    let error = came.expect_err(&case);
                    assert!(!format!("{error} {error:?}").contains(PAGE_TEXT), "{case}: {error:?}");
                    assert!(sink.into_inner().is_empty(), "{case}");
                }
            }
        }
    }
}
