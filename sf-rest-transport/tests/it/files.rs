//! Files over HTTP: up and down without being held, versions, links, limits; Apex REST by the raw call.
use crate::bulk::Served;
use serde_json::json;
use sf_core::{
    CallOptions, Delivery, ErrorCode, ErrorKind, Fields, RowOutcome, SfId, Soql, Transport, Write,
    WriteOptions, field,
    models::{Account, ContentVersion},
    object,
    protocol::{
        BodySink, Content, Method, Request, Saved,
        files::{self, FileForm, NewFile},
    },
};
use sf_testorg::{Effect, Fault, On, TestOrg};
use std::{
    io::{self, Read},
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

/// Every byte, and what a reader of multipart bodies could stumble over.
fn awkward() -> Vec<u8> {
    let mut bytes: Vec<u8> = (0..=255).collect();
    bytes.extend(b"\r\n--\r\n--sf-0123456789abcdef\r\n\r\n--sf-0123456789abcdef--\r\n\xef\xbb\xbf");
    bytes
}
fn named(path: &str) -> ContentVersion {
    ContentVersion { path_on_client: path.into(), ..ContentVersion::default() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_goes_up_and_comes_down_with_the_same_bytes_and_is_linked_and_replaced() {
    let served = Served::new(TestOrg::empty());
    let org = served.org();
    let account = org.insert(&Account { name: "Acme".into(), ..Account::default() }).await.unwrap();
    let plan = ContentVersion {
        title: "Pläne \"1\"; x=y".into(),
        description: "line\nbreak".into(),
        first_publish_location_id: account.into(),
        ..named("C:\\plans\\Pläne \"1\".pdf")
    };
    let bytes = awkward();
    let first = org.files().upload(&plan, Content::bytes(&bytes)).await.unwrap();
    assert_eq!((first.size, &first.details), (Some(bytes.len() as u64), &None));
    let document = first.document.unwrap();
    let mut copy = Vec::new();
    assert_eq!(org.files().download(first.version, &mut copy).await.unwrap(), bytes.len() as u64);
    assert!(copy == bytes);
    let row: ContentVersion = org.fetch(first.version).await.unwrap();
    assert_eq!(
        (&row.title, &row.description, &row.path_on_client),
        (&plan.title, &plan.description, &plan.path_on_client)
    );
    assert_eq!((row.file_type, row.checksum.into_value()), ("PDF".into(), first.checksum));
    let links = org
        .query(Soql::raw("SELECT LinkedEntityId, ContentDocumentId FROM ContentDocumentLink"))
        .all()
        .await
        .unwrap();
    let linked = |id: SfId| {
        links.iter().any(|link| link.get::<SfId>("LinkedEntityId").unwrap().into_value() == Some(id))
    };
    assert!(linked(account));

    let next = ContentVersion {
        content_document_id: document.into(),
        reason_for_change: "typo".into(),
        ..named("p.pdf")
    };
    let second = org.files().upload(&next, Content::once(&b"second"[..])).await.unwrap();
    assert_eq!((second.document, second.size), (Some(document), Some(6)));
    let latest = org.files().latest(document).await.unwrap();
    assert_eq!((latest.id.into_value(), latest.version_number), (Some(second.version), "2".into()));
    let mut copy = Saved::to(Vec::new());
    org.files().download(second.version, &mut copy).await.unwrap();
    assert_eq!(copy.into_inner(), b"second");
    assert_eq!(org.files().latest(account).await.unwrap_err().kind(), ErrorKind::NotFound);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_base64_form_brings_the_same_bytes_and_other_objects_have_files_too() {
    let served = Served::new(TestOrg::empty());
    let org = served.org();
    let account = org.insert(&Account { name: "Acme".into(), ..Account::default() }).await.unwrap();
    for (n, form) in [FileForm::Multipart, FileForm::Base64].into_iter().enumerate() {
        let bytes = [awkward(), vec![7; n + 100_000]].concat();
        let fields = Fields::new().set(field!("Name"), "logo.png").set(field!("ParentId"), account);
        let file =
            NewFile::new(object!("Attachment"), fields, field!("Body"), "logo.png", Content::bytes(&bytes));
        let request = file.request(form).unwrap();
        let answer = org.transport().call(&request, &CallOptions::new()).await.unwrap();
        let id = files::created(&answer).unwrap();
        let mut copy = Vec::new();
        let blob = files::blob(&object!("Attachment"), id, &field!("Body"));
        org.transport().download(&blob, &mut copy, &CallOptions::new()).await.unwrap();
        assert!(copy == bytes, "{form:?}");
        // And by the path that the row names.
        let soql = format!("SELECT Body FROM Attachment WHERE Id = '{id}'");
        let row = org.query(Soql::raw(soql)).first().await.unwrap().unwrap();
        let blob = files::blob_at(row.fields.get(&field!("Body")).unwrap()).unwrap();
        let mut copy = Vec::new();
        org.transport().download(&blob, &mut copy, &CallOptions::new()).await.unwrap();
        assert!(copy == bytes, "{form:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_right_is_told_before_anything_is_sent() {
    let served = Served::new(TestOrg::empty());
    let org = served.org();
    let big = || Content::opened(|| Ok(io::empty())).with_size((2 << 30) + 1);
    let old = ContentVersion { id: SfId::new("068000000000001AAA").unwrap().into(), ..named("a.txt") };
    for (file, content) in [
        (named("a.txt"), big()),
        (named(""), Content::bytes("x")),
        (ContentVersion::default(), Content::bytes("x")),
        (old, Content::bytes("x")),
    ] {
        let error = org.files().upload(&file, content).await.unwrap_err();
        assert_eq!((error.kind(), error.delivery()), (ErrorKind::InvalidInput, Delivery::NotSent));
    }
    assert_eq!(served.sim.counters().requests, 0);
    // What only the org knows comes back in its words.
    let nobody = ContentVersion {
        first_publish_location_id: SfId::new("001000000000009AAA").unwrap().into(),
        ..named("a.txt")
    };
    let error = org.files().upload(&nobody, Content::bytes("x")).await.unwrap_err();
    assert_eq!(error.delivery(), Delivery::Refused);
    let error =
        org.files().download(SfId::new("068000000000009AAA").unwrap(), &mut Vec::new()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
}

/// A source that is watched: how often it was opened, how much of it was read.
#[derive(Clone, Default)]
struct Source {
    opened: Arc<AtomicUsize>,
    read: Arc<AtomicU64>,
}
impl Source {
    fn content(&self, bytes: u64) -> Content {
        let own = self.clone();
        Content::opened(move || {
            own.opened.fetch_add(1, SeqCst);
            Ok(own.reader(bytes))
        })
    }
    fn reader(&self, bytes: u64) -> Watched<io::Take<io::Repeat>> {
        Watched { inner: io::repeat(b'x').take(bytes), read: self.read.clone() }
    }
}
struct Watched<R> {
    inner: R,
    read: Arc<AtomicU64>,
}
impl<R: Read> Read for Watched<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.read.fetch_add(read as u64, SeqCst);
        Ok(read)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upload_is_sent_again_after_a_dead_session_only_if_it_can_be_read_again() {
    let served = Served::new(TestOrg::empty());
    let org = served.org();
    let source = Source::default();
    let dead =
        || Fault::new(On::Route("POST /services/data/*/sobjects/ContentVersion".into()), Effect::EndSession);
    served.sim.inject(dead());
    org.files().upload(&named("a.txt"), source.content(300_000).with_size(300_000)).await.unwrap();
    assert_eq!((source.opened.load(SeqCst), source.read.load(SeqCst)), (2, 600_000));

    served.sim.inject(dead());
    let error = org.files().upload(&named("b.txt"), Content::once(source.reader(300_000))).await.unwrap_err();
    assert_eq!((error.code(), error.delivery()), (Some(&ErrorCode::InvalidSessionId), Delivery::Refused));
    assert!(error.help().next_step.contains("once only"), "{}", error.help().next_step);
    // The session is a new one by then.
    let file = org.files().upload(&named("b.txt"), Content::once(source.reader(300_000))).await.unwrap();
    assert_eq!((file.size, served.count("token")), (Some(300_000), 2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_answer_is_an_unknown_outcome_and_a_lost_connection_costs_nothing() {
    let served = Served::new(TestOrg::empty());
    let org = served.org();
    let on = On::Route("POST /services/data/*/sobjects/ContentVersion".into());
    for effect in [Effect::LoseAnswer, Effect::ResetAnswer, Effect::TornBody] {
        served.sim.inject(Fault::new(on.clone(), effect));
        let error = org.files().upload(&named("a.txt"), Content::bytes("x")).await.unwrap_err();
        assert_eq!(error.delivery(), Delivery::Unknown);
        assert!(error.help().next_step.contains("Checksum"), "{}", error.help().next_step);
    }
    let there = served.sim.rows(&object!("ContentVersion")).len();
    assert_eq!(there, 3, "each was saved, and none twice");
    // Details that cannot be had do not make the upload a failure.
    served
        .sim
        .inject(Fault::new(On::Operation("query".into()), Effect::Status(400, "MALFORMED_QUERY".into())));
    let file = org.files().upload(&named("a.txt"), Content::bytes("x")).await.unwrap();
    assert!(file.document.is_none() && file.details.is_some(), "{file:?}");

    // Nobody listens: a source that can be read once still can.
    let source = Source::default();
    let content = Content::once(source.reader(10));
    let nobody = sf_core::Org::new(crate::transport(&crate::tcp::nobody().await));
    let error = nobody.files().upload(&named("a.txt"), content.clone()).await.unwrap_err();
    assert_eq!(error.delivery(), Delivery::NotSent);
    assert_eq!(org.files().upload(&named("a.txt"), content).await.unwrap().size, Some(10));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_source_that_breaks_or_lies_about_its_size_saves_nothing() {
    struct Breaks(u32);
    impl Read for Breaks {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.0 += 1;
            if self.0 > 5 { Err(io::Error::other("disk gone")) } else { Ok(buffer.len().min(1_000)) }
        }
    }
    struct Panics;
    impl Read for Panics {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            panic!("a defect of the host's source")
        }
    }
    let served = Served::new(TestOrg::empty());
    let org = served.org();
    let lies = |bytes: u64| Content::opened(move || Ok(io::repeat(1).take(200_000))).with_size(bytes);
    for (content, needle) in [
        (Content::once(Breaks(0)), "disk gone"),
        (Content::once(Panics), "panicked"),
        (lies(100_000), "more than its 100000 bytes"),
        (lies(300_000), "ended after 200000 of 300000"),
    ] {
        let error = org.files().upload(&named("a.txt"), content).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Setup, "{error:?}");
        let (mut chain, mut next) = (String::new(), std::error::Error::source(&error));
        while let Some(e) = next {
            chain.push_str(&e.to_string());
            next = e.source();
        }
        assert!(chain.contains(needle), "{chain}");
    }
    assert!(served.sim.rows(&object!("ContentVersion")).is_empty());
}

/// 50 MB go through, and nobody holds them: the source is read only as fast as the org takes it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_megabytes_are_not_held_on_their_way_up() {
    const SIZE: u64 = 50 << 20;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let source = Source::default();
    let read = source.read.clone();
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut chunk = vec![0; 64 * 1024];
        let mut got = stream.read(&mut chunk).await.unwrap() as u64;
        // A slow org: whatever the sockets hold is what is under way.
        let mut before = 0;
        while read.load(SeqCst) > before || before == 0 {
            before = read.load(SeqCst);
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        let ahead = before - got.min(before);
        let head = String::from_utf8_lossy(&chunk[..got as usize]).to_ascii_lowercase();
        let start = head.find("\r\n\r\n").unwrap() as u64 + 4;
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
        let length: u64 = length.parse().unwrap();
        while got < start + length {
            let n = stream.read(&mut chunk).await.unwrap();
            assert!(n > 0);
            got += n as u64;
        }
        let body = r#"{"id":"068000000000001AAA","success":true,"errors":[]}"#;
        let answer = format!(
            "HTTP/1.1 201 X\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(answer.as_bytes()).await.unwrap();
        ahead
    });
    let fields = Fields::new().set(field!("PathOnClient"), "big.bin");
    let content = source.content(SIZE).with_size(SIZE);
    let file = NewFile::new(object!("ContentVersion"), fields, field!("VersionData"), "big.bin", content);
    let request = file.request(FileForm::Multipart).unwrap();
    let answer = crate::transport(&url).call(&request, &CallOptions::new()).await.unwrap();
    assert!(files::created(&answer).is_ok());
    assert_eq!(source.read.load(SeqCst), SIZE);
    let ahead = server.await.unwrap();
    assert!(ahead < 16 << 20, "{ahead} bytes were read before the org took them");
}

/// The same on the way down: the sink gets pieces, and the org is not read faster than the sink takes them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_megabytes_are_not_held_on_their_way_down() {
    const SIZE: u64 = 50 << 20;
    struct Slow {
        count: u64,
        largest: usize,
        sent: Arc<AtomicU64>,
        ahead: u64,
    }
    impl BodySink for Slow {
        fn write(&mut self, chunk: &[u8]) -> io::Result<()> {
            if self.count == 0 {
                let mut before = 0;
                while self.sent.load(SeqCst) > before {
                    before = self.sent.load(SeqCst);
                    std::thread::sleep(Duration::from_millis(200));
                }
                self.ahead = before;
            }
            self.count += chunk.len() as u64;
            self.largest = self.largest.max(chunk.len());
            Ok(())
        }
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let sent = Arc::new(AtomicU64::new(0));
    let counted = sent.clone();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut chunk = vec![0; 64 * 1024];
        let _ = stream.read(&mut chunk).await.unwrap();
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/octetstream\r\ncontent-length: {SIZE}\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        for _ in 0..SIZE / (64 * 1024) {
            stream.write_all(&chunk).await.unwrap();
            counted.fetch_add(64 * 1024, SeqCst);
        }
    });
    let mut sink = Slow { count: 0, largest: 0, sent, ahead: 0 };
    let org = sf_core::Org::new(crate::transport(&url));
    let bytes = org.files().download(SfId::new("068000000000001AAA").unwrap(), &mut sink).await.unwrap();
    assert_eq!((bytes, sink.count), (SIZE, SIZE));
    assert!(sink.ahead < 16 << 20 && sink.largest < 2 << 20, "{} {}", sink.ahead, sink.largest);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn apex_rest_is_reached_by_the_raw_call_with_the_same_session() {
    let served = Served::new(TestOrg::empty());
    let answer = |call: &mut sf_testorg::ApexCall<'_>| {
        let said = json!([call.uri(), call.parameter("q"), String::from_utf8_lossy(call.body())]);
        Ok(sf_testorg::Response::new(200).json(said.to_string()))
    };
    served.sim.apex_rest(sf_testorg::Method::Post, "/cx/*", answer).unwrap();
    let org = served.org();
    served.sim.inject(Fault::new(On::Operation("apex_rest".into()), Effect::EndSession));
    let request =
        Request::apex(Method::Post, ["cx", "a/b ü?"]).with_query("q", "x&y").with_json(r#"{"n":1.10}"#);
    let said: serde_json::Value =
        org.transport().call(&request, &CallOptions::new()).await.unwrap().json().unwrap();
    assert_eq!(said, json!(["/cx/a/b ü?", "x&y", "{\"n\":1.10}"]));
    assert_eq!(served.count("token"), 1);
    let missing = Request::apex(Method::Get, ["nothing", "here"]);
    let error = org.transport().call(&missing, &CallOptions::new()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    // The one with the dead session, its repeat, and the one to no class: as the org counts them.
    let usage = org.transport().usage();
    assert_eq!(usage.calls, 3);
    assert_eq!(usage.calls, served.sim.counters().api_calls);
    // And what has neither a version nor a call of its own.
    let versions = Request::to_path(Method::Get, "/services/data").unwrap();
    let list: Vec<serde_json::Value> =
        org.transport().call(&versions, &CallOptions::new()).await.unwrap().json().unwrap();
    assert!(list.len() > 10);
    let outcomes = org
        .write([Write::Delete { id: SfId::new("001000000000009AAA").unwrap() }], &WriteOptions::new())
        .await;
    assert!(matches!(&outcomes[0], RowOutcome::Failed(failure) if failure.delivery == Delivery::Refused));
}
