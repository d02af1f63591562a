//! The server: what goes over a real socket, faults of the connection included.
use crate::http::{Connection, request};
use sf_core::{Clock, Fields, Write, field, object};
use sf_testorg::{Effect, Fault, On, Server, TestOrg};
use std::{io::Read, time::Duration};

const COUNT: &str = "GET /services/data/v66.0/query?q=SELECT+COUNT()+FROM+Account";

fn serve() -> Server {
    TestOrg::builder().accounts(5).build().serve().unwrap()
}
fn bearer(server: &Server) -> String {
    format!("Authorization: Bearer {}", server.token())
}

#[test]
fn answers_come_over_a_connection_that_stays_open() {
    let server = serve();
    let mut connection = Connection::open(server.url());
    let versions = connection.send("GET /services/data", "", b"").unwrap();
    assert_eq!((versions.status, versions.json()[0]["version"].as_str()), (200, Some("31.0")));
    let count = connection.send(COUNT, &bearer(&server), b"").unwrap();
    assert_eq!(count.json()["totalSize"], 6);
    assert!(count.header("Sforce-Limit-Info").unwrap().starts_with("api-usage=1/"));
    assert_eq!(connection.send(COUNT, "", b"").unwrap().status, 401);
}

#[test]
fn the_date_header_is_the_orgs_time() {
    let server = serve();
    let answer = request(server.url(), "GET /services/data", "", "");
    assert!(answer.header("Date").unwrap().starts_with("Mon, 05 Jan 2026 09:"), "{answer:?}");
}

#[test]
fn large_answers_are_compressed_where_the_client_takes_it() {
    let server = serve();
    let line = "GET /services/data/v66.0/sobjects/Account/describe";
    let plain = request(server.url(), line, &bearer(&server), "");
    assert_eq!(plain.header("Content-Encoding"), None);
    let headers = format!("{}\nAccept-Encoding: gzip", bearer(&server));
    let packed = request(server.url(), line, &headers, "");
    assert_eq!(packed.header("Content-Encoding"), Some("gzip"));
    assert!(packed.body.len() < plain.body.len() / 4);
    let mut text = Vec::new();
    flate2::read::GzDecoder::new(packed.body.as_slice()).read_to_end(&mut text).unwrap();
    assert_eq!(text, plain.body);
}

#[test]
fn the_refresh_grant_gives_a_token_that_works() {
    let server = serve();
    let c = server.org().credentials();
    let form = format!(
        "grant_type=refresh_token&refresh_token={}&client_id={}&client_secret={}",
        c.refresh_token, c.client_id, c.client_secret
    );
    let headers = "Content-Type: application/x-www-form-urlencoded";
    let answer = request(server.url(), "POST /services/oauth2/token", headers, &form);
    assert_eq!(answer.status, 200, "{answer:?}");
    let token = answer.json();
    assert_eq!(token["instance_url"], server.url());
    let log = request(server.url(), "GET /__org/log?bodies=true", "", "").body;
    assert!(!String::from_utf8(log).unwrap().contains(&c.refresh_token), "a secret in the log");
    let bearer = format!("Authorization: Bearer {}", token["access_token"].as_str().unwrap());
    assert_eq!(request(server.url(), COUNT, &bearer, "").status, 200);
}

#[test]
fn a_lost_answer_closes_the_connection_after_the_work_and_a_lost_request_before_it() {
    let server = serve();
    let body = br#"{"Name": "Lost"}"#;
    let headers = format!("{}\nContent-Type: application/json", bearer(&server));
    let create = "POST /services/data/v66.0/sobjects/Account";
    for (effect, created) in [(Effect::LoseAnswer, 1), (Effect::LoseRequest, 0)] {
        let before = server.org().rows(&object!("Account")).len();
        server.org().inject(Fault::new(On::Any, effect));
        let mut connection = Connection::open(server.url());
        assert!(connection.send(create, &headers, body).is_err());
        assert_eq!(server.org().rows(&object!("Account")).len(), before + created);
    }
    assert_eq!(request(server.url(), COUNT, &bearer(&server), "").status, 200);
}

#[test]
fn a_torn_body_ends_before_its_length() {
    let server = serve();
    server.org().inject(Fault::new(On::Operation("query".into()), Effect::TornBody));
    let line = "GET /services/data/v66.0/query?q=SELECT+Id,Name+FROM+Account";
    let headers = format!("{}\nAccept-Encoding: gzip", bearer(&server));
    let error = Connection::open(server.url()).send(line, &headers, b"").unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::UnexpectedEof);
    let arrived: usize = error.to_string().strip_suffix(" bytes").unwrap().parse().unwrap();
    assert!(arrived > 100, "{arrived}");
    assert_eq!(request(server.url(), line, &headers, "").status, 200);
}

#[test]
fn a_torn_answer_without_a_body_is_a_connection_that_closes_after_the_work() {
    let server = serve();
    let id = server.org().rows(&object!("Account"))[0].id.unwrap();
    server.org().inject(Fault::new(On::Operation("update".into()), Effect::TornBody));
    let line = format!("PATCH /services/data/v66.0/sobjects/Account/{id}");
    let headers = format!("{}\nContent-Type: application/json", bearer(&server));
    let mut connection = Connection::open(server.url());
    let error = connection.send(&line, &headers, br#"{"Site":"HQ"}"#).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::UnexpectedEof);
    assert_eq!(server.org().value(id, "Site").as_str(), Some("HQ"));
    assert_eq!(request(server.url(), &line, &headers, r#"{"Site":"HQ"}"#).status, 204);
}

#[test]
fn slow_answers_do_not_hold_up_others() {
    let server = serve();
    server.org().inject(Fault::new(On::Operation("describe".into()), Effect::Slow(Duration::from_secs(600))));
    let (url, bearer) = (server.url().to_owned(), bearer(&server));
    let slow = {
        let (url, bearer) = (url.clone(), bearer.clone());
        std::thread::spawn(move || {
            Connection::open(&url)
                .send("GET /services/data/v66.0/sobjects/Task/describe", &bearer, b"")
                .is_err()
        })
    };
    while server.org().calls().is_empty() {
        assert!(!slow.is_finished());
        std::thread::sleep(Duration::from_millis(1));
    }
    assert_eq!(request(&url, COUNT, &bearer, "").status, 200);
    drop(server);
    assert!(slow.join().unwrap(), "a connection outlived its server");
}

#[test]
fn what_is_no_request_of_the_org_is_refused() {
    let server = serve();
    assert_eq!(request(server.url(), "BREW /services/data", "", "").status, 405);
    let headers = format!("{}\nContent-Encoding: br", bearer(&server));
    assert_eq!(request(server.url(), COUNT, &headers, "x").status, 415);
    let headers = format!("{}\nContent-Encoding: gzip", bearer(&server));
    assert_eq!(request(server.url(), COUNT, &headers, "no gzip").status, 400);
    assert_eq!(request(server.url(), "GET /nowhere", &bearer(&server), "").status, 404);
}

#[test]
fn a_port_that_is_taken_is_an_error_with_a_next_step() {
    let server = serve();
    let error = serve().org().serve_at(server.address()).unwrap_err();
    assert!(error.to_string().contains(&server.address().to_string()), "{error}");
    assert!(error.help().next_step.contains("port 0"));
}

#[test]
fn the_control_path_gives_the_log_and_is_not_in_it() {
    let server = serve();
    request(server.url(), COUNT, &bearer(&server), "");
    request(server.url(), "GET /services/data", "", "");
    let log = request(server.url(), "GET /__org/log", "", "").json();
    assert_eq!((&log["counters"]["requests"], &log["counters"]["api_calls"]), (&2.into(), &1.into()));
    assert_eq!(log["calls"].as_array().unwrap().len(), 2);
    assert!(!log.to_string().contains(&server.token()));
    let later = request(server.url(), "GET /__org/log?since=1", "", "").json();
    assert_eq!(later["calls"].as_array().unwrap().len(), 1);
    request(server.url(), "DELETE /__org/log", "", "");
    assert_eq!(server.org().counters().requests, 0);
}

#[test]
fn the_row_dump_is_the_same_for_the_same_rows_and_stamps_can_be_left_out() {
    let (one, two) = (serve(), serve());
    let dump =
        |server: &Server, line: &str| String::from_utf8(request(server.url(), line, "", "").body).unwrap();
    let all = "GET /__org/rows/account";
    assert_eq!(dump(&one, all), dump(&two, all));
    let json: serde_json::Value = serde_json::from_str(&dump(&one, all)).unwrap();
    assert_eq!((json["object"].as_str(), json["rows"].as_array().unwrap().len()), (Some("Account"), 6));
    let row = &json["rows"][0];
    assert_eq!((&row["Name"], row["SystemModstamp"].is_string()), (&"Acme Corporation".into(), true));

    one.org().clock().advance(Duration::from_secs(3600));
    let id = sf_core::SfId::new(row["Id"].as_str().unwrap()).unwrap();
    for server in [&one, &two] {
        let fields = Fields::new().set(field!("Phone"), "+1");
        let object = object!("Account");
        server.org().apply(Write::Update { object, id, fields, if_unmodified_since: None }).unwrap();
    }
    assert_ne!(dump(&one, all), dump(&two, all));
    let without = "GET /__org/rows/Account?stamps=false";
    assert_eq!(dump(&one, without), dump(&two, without));
    assert!(!dump(&one, without).contains("SystemModstamp"));
    let objects = request(one.url(), "GET /__org/objects", "", "").json();
    assert_eq!((&objects["Account"], &objects["OpportunityStage"]), (&6.into(), &10.into()));
}

#[test]
fn the_control_path_sees_late_commits_whose_time_has_come() {
    let server = serve();
    let id = server.org().rows(&object!("Account"))[0].id.unwrap();
    server
        .org()
        .inject(Fault::new(On::Operation("update".into()), Effect::CommitLate(Duration::from_secs(600))));
    let line = format!("PATCH /services/data/v66.0/sobjects/Account/{id}");
    let headers = format!("{}\nContent-Type: application/json", bearer(&server));
    assert!(Connection::open(server.url()).send(&line, &headers, br#"{"Site":"Late HQ"}"#).is_err());
    let has_come = || {
        let dump = request(server.url(), "GET /__org/rows/Account", "", "").body;
        String::from_utf8(dump).unwrap().contains("Late HQ")
    };
    assert!(!has_come());
    request(server.url(), "POST /__org/clock", "", r#"{"advance_ms": 600000}"#);
    assert!(has_come());
}

#[test]
fn the_control_path_closes_a_picklist_value() {
    let server = serve();
    let change =
        |active| format!(r#"{{"object":"Account","field":"CX_Play__c","value":"Grow","active":{active}}}"#);
    let create = || {
        let headers = format!("{}\nContent-Type: application/json", bearer(&server));
        let body = r#"{"Name":"New","CX_Play__c":"Grow"}"#;
        request(server.url(), "POST /services/data/v66.0/sobjects/Account", &headers, body)
    };
    assert_eq!(request(server.url(), "POST /__org/picklist", "", &change(false)).status, 200);
    assert_eq!(create().json()[0]["errorCode"], "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST");
    assert_eq!(request(server.url(), "POST /__org/picklist", "", &change(true)).status, 200);
    assert_eq!(create().status, 201);
}

#[test]
fn the_control_path_writes_as_another_user() {
    let server = serve();
    let users = server.org().rows(&object!("User"));
    let (other, account) = (users[1].id.unwrap(), server.org().rows(&object!("Account"))[0].id.unwrap());
    let body = format!(
        r#"{{"op":"update","object":"Account","id":"{account}","fields":{{"Name":"Renamed","Industry":null}},"user":"{other}"}}"#
    );
    let answer = request(server.url(), "POST /__org/apply", "", &body);
    assert_eq!(answer.json()["id"], account.as_str());
    assert_eq!(server.org().value(account, "Name").as_str(), Some("Renamed"));
    assert_eq!(server.org().value(account, "LastModifiedById").as_str(), Some(other.as_str()));
    // Back to the API user.
    let fields = Fields::new().set(field!("Name"), "Again");
    let write = Write::Update { object: object!("Account"), id: account, fields, if_unmodified_since: None };
    server.org().apply(write).unwrap();
    let api_user = server.org().credentials().user_id;
    assert_eq!(server.org().value(account, "LastModifiedById").as_str(), Some(api_user.as_str()));

    let refused = r#"{"op":"insert","object":"Account","fields":{}}"#;
    let refused = request(server.url(), "POST /__org/apply", "", refused);
    assert_eq!((refused.status, &refused.json()["errorCode"]), (400, &"REQUIRED_FIELD_MISSING".into()));
    let nobody = body.replace(other.as_str(), account.as_str());
    assert_eq!(request(server.url(), "POST /__org/apply", "", &nobody).status, 400);
}

#[test]
fn the_control_path_arms_and_disarms_faults_and_moves_the_clock() {
    let server = serve();
    let fault = r#"{"on":{"operation":"query"},"effect":{"status":[503,"SERVER_UNAVAILABLE"]},"times":2}"#;
    assert_eq!(request(server.url(), "POST /__org/faults", "", fault).json()["armed"], 1);
    assert_eq!(request(server.url(), COUNT, &bearer(&server), "").status, 503);
    assert_eq!(request(server.url(), "GET /__org/faults", "", "").json()[0]["times"], 1);
    request(server.url(), "DELETE /__org/faults", "", "");
    assert_eq!(request(server.url(), COUNT, &bearer(&server), "").status, 200);

    let before = server.org().clock().now();
    request(server.url(), "POST /__org/clock", "", r#"{"advance_ms": 86400000}"#);
    assert!(server.org().clock().now() >= before + Duration::from_secs(86_400));
}

#[test]
fn wrong_control_requests_say_what_to_send() {
    let server = serve();
    for (line, body, status) in [
        ("GET /__org/rows/Nothing", "", 404),
        ("GET /__org/rows/Account?stamps=maybe", "", 400),
        ("GET /__org/log?since=yesterday", "", 400),
        ("GET /__org/nothing", "", 404),
        ("POST /__org/log", "", 405),
        ("POST /__org/faults", r#"{"on":"any","effect":"vanish"}"#, 400),
        ("POST /__org/picklist", "{}", 400),
        ("POST /__org/picklist", r#"{"object":"Account","field":"Nope__c","value":"x","active":true}"#, 400),
        ("POST /__org/apply", r#"{"op":"explode"}"#, 400),
        ("POST /__org/apply", r#"{"op":"update","object":"Account"}"#, 400),
        ("POST /__org/clock", "soon", 400),
    ] {
        let answer = request(server.url(), line, "", body);
        assert_eq!(answer.status, status, "{line} {body}");
        let json = answer.json();
        assert!(json["error"].is_string() && json["next"].as_str().is_some_and(|n| !n.is_empty()), "{json}");
    }
    assert!(request(server.url(), "GET /__org", "", "").json().as_object().unwrap().len() > 8);
}

#[test]
fn a_reset_is_a_reset_and_a_lost_answer_an_end() {
    let server = serve();
    let rows = || server.org().rows(&object!("Account")).len();
    let headers = format!("{}\nContent-Type: application/json", bearer(&server));
    for (effect, kind, done) in [
        (Effect::ResetRequest, std::io::ErrorKind::ConnectionReset, 0),
        (Effect::ResetAnswer, std::io::ErrorKind::ConnectionReset, 1),
        (Effect::LoseRequest, std::io::ErrorKind::UnexpectedEof, 0),
        (Effect::LoseAnswer, std::io::ErrorKind::UnexpectedEof, 1),
    ] {
        let before = rows();
        server.org().inject(Fault::new(On::Operation("insert".into()), effect.clone()));
        let mut connection = Connection::open(server.url());
        // The connection is in use already: a client with a pool meets the reset there.
        connection.send("GET /services/data", "", b"").unwrap();
        let line = "POST /services/data/v66.0/sobjects/Account";
        let error = connection.send(line, &headers, br#"{"Name":"Acme"}"#).unwrap_err();
        assert_eq!((error.kind(), rows() - before), (kind, done), "{effect:?}");
    }
}

#[test]
fn the_date_header_follows_a_skewed_clock_and_an_edge_answers_html() {
    let server = serve();
    server.org().inject(Fault::new(On::Any, Effect::SkewClock(-3_600_000)));
    let answer = request(server.url(), "GET /services/data", "", "");
    assert!(answer.header("Date").unwrap().starts_with("Mon, 05 Jan 2026 08:"), "{answer:?}");
    server.org().inject(Fault::new(On::Any, Effect::Edge { status: 504, retry_after: None }));
    let answer = request(server.url(), COUNT, &bearer(&server), "");
    assert_eq!((answer.status, answer.header("Content-Type")), (504, Some("text/html;charset=UTF-8")));
}
