//! What the command says beside a good answer is in the log, fit for one.
use crate::fake::Fake;
use serde_json::{Value, json};
use sf_core::{CallOptions, QueryCall, QueryOptions, Soql, Transport};
use std::{
    io,
    sync::{Arc, Mutex},
};
use tracing::instrument::WithSubscriber as _;

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);
impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
impl Log {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

const WARNING: &str = "The flag is deprecated, see /home/ann/.sf/config.json of ann@acme.example: 'Top Secret' 00D5e000000A0e7!AQ8AQDh9";
const STDERR: &str =
    "Warning: certificate of \"Top Secret\" in /home/ann/x.pem\n    at Rest.run (/home/ann/sf/rest.js:1:2)\n";

fn with_warning(result: Value) -> String {
    json!({"status": 0, "result": result, "warnings": [WARNING]}).to_string()
}

#[tokio::test]
async fn warnings_and_standard_error_of_a_success_are_logged_without_what_is_private() {
    let limits = json!({"DailyApiRequests": {"Max": 5, "Remaining": 4}});
    let printed = with_warning(json!({"statusCode": 200, "headers": {}, "body": limits}));
    let rows = json!({"totalSize": 0, "done": true, "records": []});
    let composite = json!({"compositeResponse": [{"body": rows, "httpHeaders": {}, "httpStatusCode": 200, "referenceId": "part0"}]});
    let org = json!({"id": "00D5e000000A0e7EAC", "username": "ann@acme.example", "instanceUrl": "https://acme.my.salesforce.com", "connectedStatus": "Connected"});
    // With one subscriber alone, a place that another test's thread logs from first is never asked for again.
    let _second = tracing::Dispatch::new(
        tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(io::sink).finish(),
    );
    let batch = [QueryCall::Start(Soql::raw("SELECT Id FROM Account"))];
    for what in ["printed", "text", "streamed", "many rows", "status"] {
        let fake = if what == "text" { Fake::new().version("2.127.2") } else { Fake::new() };
        let stdout = match what {
            "printed" => printed.clone(),
            "text" => format!("HTTP/1.1 200\ncontent-type: application/json\n{limits}\n"),
            "streamed" => with_warning(json!({"statusCode": 0, "headers": {}, "body": ""})),
            "many rows" => with_warning(rows.clone()),
            _ => with_warning(org.clone()),
        };
        fake.rule(json!({"when": ["--target-org=desk"], "stdout": stdout, "stream": composite.to_string(), "stderr": STDERR}));
        let log = Log::default();
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::DEBUG)
            .with_writer(move || writer.clone())
            .finish();
        let sf = fake.sf().await;
        async {
            match what {
                "printed" | "text" => drop(sf.connect().unwrap().limits(&CallOptions::new()).await.unwrap()),
                "streamed" => drop(sf.connect().unwrap().query(&batch, &QueryOptions::new()).await.unwrap()),
                "many rows" => {
                    drop(sf.connect_many_rows().unwrap().query(&batch, &QueryOptions::new()).await.unwrap());
                }
                _ => drop(fake.command().await.status(Some("desk")).await.unwrap()),
            }
        }
        .with_subscriber(subscriber)
        .await;
        let log = log.text();
        assert!(log.contains("Warning: certificate of <text> in <path>"), "{what}: {log}");
        if what != "text" {
            assert!(
                log.contains("The flag is deprecated, see <path> of <user> <text> <token>"),
                "{what}: {log}"
            );
        }
        for private in ["Secret", "/home/ann", "ann@acme", "AQ8AQ"] {
            assert!(!log.contains(private), "{what}: {log}");
        }
    }
}
