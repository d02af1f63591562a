//! The commands that this crate uses, against a simulated org, as version 2.150.6 of the real one was seen to do it.
use crate::{Line, Said, http, javascript};
use serde_json::{Value, json};
use std::{fs, path::Path};

struct Org {
    url: String,
    token: String,
    username: String,
    id: String,
    /// The second number of the version: what differs between those that were recorded (2.64.8, 2.108.6, 2.138.0, 2.150.6).
    minor: u32,
}
impl Org {
    /// `api request rest` has `--json`, and is no beta.
    fn json(&self) -> bool {
        self.minor >= 148
    }
    /// `org display` shows the token, and no other command does.
    fn shows_token(&self) -> bool {
        self.minor < 136
    }
    /// The check of the login has no text.
    fn is_tacit(&self) -> bool {
        self.minor == 108
    }
}

/// What goes wrong, as the command words it.
struct Refused {
    name: String,
    message: String,
    code: String,
    exit: i32,
    cause: String,
}

pub(crate) fn run(folder: &Path, line: &Line, body: &[u8]) -> Said {
    let version = fs::read_to_string(folder.join("version")).unwrap_or_else(|_| "2.150.6".to_owned());
    let words: Vec<&str> = line.words.iter().map(String::as_str).collect();
    if words.first() == Some(&"version") {
        let answer = json!({"architecture": "linux-x64", "cliVersion": format!("@salesforce/cli/{}", version.trim()), "nodeVersion": "node-v22.23.3"});
        return Said { stdout: javascript::pretty(&answer) + "\n", ..Said::default() };
    }
    let Ok(bridge) = fs::read_to_string(folder.join("bridge.json")) else {
        return Said {
            stderr: " ›   Warning: the fake has no script for this\n".to_owned(),
            exit: 127,
            ..Said::default()
        };
    };
    let bridge: Value = serde_json::from_str(&bridge).unwrap();
    let text = |key: &str| bridge[key].as_str().unwrap_or_default().to_owned();
    let minor: u32 = version.split('.').nth(1).unwrap().parse().unwrap();
    let org =
        Org { url: text("url"), token: text("token"), username: text("username"), id: text("org_id"), minor };
    match words.as_slice() {
        ["api", "request", "rest", target] => rest(&org, line, target, body),
        ["data", "query"] => query(&org, line),
        ["org", "display"] => display(&org),
        ["org", "auth", "show-access-token"] if !org.shows_token() => {
            success(&json!({"accessToken": org.token}), &["This command exposes a sensitive Access Token"])
        }
        ["org", "list", "auth"] => {
            let token = if org.shows_token() { org.token.as_str() } else { HIDDEN };
            let entry = json!({"configs": ["target-org"], "username": org.username, "instanceUrl": org.url, "orgId": org.id, "accessToken": token, "alias": "desk,second"});
            success(&json!([entry]), &[])
        }
        ["org", "list"] => {
            let entry = json!({"orgId": org.id, "username": org.username, "instanceUrl": org.url, "alias": "desk", "isDefaultUsername": true, "isSandbox": false});
            success(&json!({"nonScratchOrgs": [entry], "scratchOrgs": [], "other": [entry]}), &[])
        }
        _ => Said {
            stderr: format!(" ›   Warning: {} is not a sf command.\n", words.join(" ")),
            exit: 127,
            ..Said::default()
        },
    }
}

fn success(result: &Value, warnings: &[&str]) -> Said {
    Said {
        stdout: javascript::pretty(&json!({"status": 0, "result": result, "warnings": warnings})) + "\n",
        ..Said::default()
    }
}
fn failure(refused: &Refused, json: bool) -> Said {
    if !json {
        return Said {
            stderr: format!("Error ({}): {}\n\n\n", refused.code, refused.message),
            exit: refused.exit,
            ..Said::default()
        };
    }
    let envelope = json!({
        "name": refused.name, "message": refused.message, "exitCode": refused.exit, "context": "Rest",
        "stack": format!("{}: {}\n    at Rest.run (file:///opt/sf/lib/rest.js:1:2)", refused.name, refused.message),
        "cause": refused.cause, "warnings": [], "code": refused.code, "status": refused.exit, "commandName": "Rest",
    });
    Said { stdout: javascript::pretty(&envelope) + "\n", exit: refused.exit, ..Said::default() }
}

fn authorized(org: &Org, more: &[(String, String)]) -> Vec<(String, String)> {
    let mut headers = vec![("authorization".to_owned(), format!("Bearer {}", org.token))];
    headers.extend(more.iter().cloned());
    headers
}

/// Renews the login, or finds out that it is dead. Comes before every request.
fn probe(org: &Org) -> Result<(), Refused> {
    let cause =
        |text: &str| format!("{text}\n    at async Connection.refreshAuth (/opt/sf/connection.js:365:9)");
    let Some(answer) = http::send(&org.url, "GET", "/services/data/v66.0", &authorized(org, &[]), b"") else {
        return Err(Refused {
            name: "TypeError".into(),
            message: "fetch failed".into(),
            code: "10".into(),
            exit: 10,
            cause: cause("TypeError: fetch failed"),
        });
    };
    if answer.status < 400 {
        return Ok(());
    }
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
    let of = |key: &str| body[0][key].as_str().map(str::to_owned);
    let by_status = || format!("ERROR_HTTP_{}", answer.status);
    let (name, message) = match org.is_tacit() {
        true => (by_status(), String::new()),
        false => (of("errorCode").unwrap_or_else(by_status), of("message").unwrap_or_default()),
    };
    Err(Refused { cause: cause(&name), name, message, code: "1".into(), exit: 1 })
}

const HIDDEN: &str = "[REDACTED] Use 'sf org auth show-access-token' to view";
const BETA: &str = " ›   Warning: This command is currently in beta. Any aspect of this command can change without advanced notice. Don't use \n ›   beta commands in your scripts.\n";

fn rest(org: &Org, line: &Line, target: &str, body: &[u8]) -> Said {
    let mut said = request(org, line, target, body);
    if !org.json() {
        said.stderr.insert_str(0, BETA);
    }
    said
}

fn request(org: &Org, line: &Line, target: &str, body: &[u8]) -> Said {
    let json = line.flag("json").is_some();
    if json && !org.json() {
        let text = "Error (2): Nonexistent flag: --json\nSee more help with --help\n";
        return Said { stderr: text.to_owned(), exit: 2, ..Said::default() };
    }
    if let Err(refused) = probe(org) {
        return failure(&refused, json);
    }
    let method = line.flag("method").unwrap_or("GET");
    assert!(method == "GET" || line.flag("body").is_some(), "No 'mode' found in 'body' entry");
    let own: Vec<(String, String)> = line
        .flags
        .iter()
        .filter(|(name, _)| name == "header")
        .map(|(_, header)| header.split_once(':').unwrap())
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let mut headers = authorized(org, &own);
    if !own.iter().any(|(name, _)| name == "content-type") {
        headers.push(("content-type".to_owned(), "application/json".to_owned()));
    }
    let again = if ["GET", "PUT", "DELETE"].contains(&method) { 3 } else { 1 };
    let stream = line.flag("stream-to-file");
    let answer = (0..again).find_map(|_| {
        http::send(&org.url, method, target, &headers, body).filter(|a| !a.torn || stream.is_some())
    });
    let Some(answer) = answer else {
        // The real one prints the options of the request, and in them what its client would repeat.
        let cause = "RequestError: socket hang up\n    at ClientRequest.<anonymous> (file:///opt/got/core/index.js:792:107) {\n  code: 'ECONNRESET',\n  options: Options { retry: { errorCodes: [ 'ETIMEDOUT', 'ECONNREFUSED', 'ENOTFOUND' ] } }\n}";
        let refused = Refused {
            name: "RequestError".into(),
            message: "socket hang up".into(),
            code: "ECONNRESET".into(),
            exit: 1,
            cause: cause.into(),
        };
        return failure(&refused, json);
    };
    if let Some(file) = stream {
        fs::write(file, &answer.body).unwrap();
        let mut said = match json {
            true => success(&json!({"statusCode": 0, "headers": {}, "body": ""}), &[]),
            false => Said { stdout: format!("File saved to {file}\n"), ..Said::default() },
        };
        if answer.torn {
            // Printed before the stream breaks.
            said.exit = 1;
            said.stderr = "SfError [ReadError]: The server aborted pending request\n".to_owned();
        }
        return said;
    }
    let text = String::from_utf8_lossy(&answer.body).into_owned();
    let parsed = javascript::parse(&text);
    // A text is parsed once more before it is printed, and printed as it came if that fails.
    let printed = match &parsed {
        Some(Value::String(inner)) => javascript::parse(inner),
        other => other.clone(),
    };
    let printed = printed.map_or_else(|| text.clone(), |value| javascript::pretty(&value));
    let body = parsed.unwrap_or(Value::from(text));
    let exit = i32::from(answer.status >= 400);
    let stdout = if json {
        let headers: Value = answer
            .headers
            .iter()
            .map(|(name, value)| (name.clone(), Value::from(value.as_str())))
            .collect::<serde_json::Map<_, _>>()
            .into();
        let result = json!({"statusCode": answer.status, "headers": headers, "body": body});
        javascript::pretty(&json!({"status": exit, "result": result, "warnings": []}))
    } else {
        let mut text = format!("HTTP/1.1 {}\n", answer.status);
        for (name, value) in &answer.headers {
            text.push_str(&format!("{name}: {value}\n"));
        }
        text + &printed
    };
    Said { stdout: stdout + "\n", exit, ..Said::default() }
}

fn query(org: &Org, line: &Line) -> Said {
    let soql = fs::read_to_string(line.flag("file").unwrap()).unwrap();
    let most: usize =
        std::env::var("SF_ORG_MAX_QUERY_LIMIT").ok().and_then(|n| n.parse().ok()).unwrap_or(50_000);
    let resource = if line.flag("all-rows").is_some() { "queryAll" } else { "query" };
    let encoded: String = soql.bytes().map(|b| format!("%{b:02X}")).collect();
    let version = line.flag("api-version").unwrap();
    let mut target = format!("/services/data/v{version}/{resource}?q={encoded}");
    let (mut records, mut total) = (Vec::new(), 0);
    loop {
        let Some(answer) = http::send(&org.url, "GET", &target, &authorized(org, &[]), b"") else {
            let refused = Refused {
                name: "TypeError".into(),
                message: "fetch failed".into(),
                code: "10".into(),
                exit: 10,
                cause: String::new(),
            };
            return failure(&refused, true);
        };
        let page = javascript::parse(&String::from_utf8(answer.body).unwrap()).unwrap();
        if answer.status >= 400 {
            let of = |key: &str| page[0][key].as_str().unwrap_or_default().to_owned();
            return failure(
                &Refused {
                    name: of("errorCode"),
                    message: of("message"),
                    code: "1".into(),
                    exit: 1,
                    cause: String::new(),
                },
                true,
            );
        }
        total = page["totalSize"].as_i64().unwrap().max(total);
        records.extend(page["records"].as_array().unwrap().iter().cloned());
        match page["nextRecordsUrl"].as_str() {
            Some(next) if records.len() < most => target = next.to_owned(),
            _ => break,
        }
    }
    let missing = (total as usize).saturating_sub(records.len().min(most));
    let counted = records.is_empty() && total > 0;
    records.truncate(most);
    let warning = format!("The query result is missing {missing} records due to a {most} record limit.");
    let result = json!({"records": records, "totalSize": total, "done": true});
    if missing > 0 && !counted { success(&result, &[&warning]) } else { success(&result, &[]) }
}

fn display(org: &Org) -> Said {
    let status = probe(org).map_or_else(|refused| refused.message, |()| "Connected".to_owned());
    let (token, mut warnings) = match org.shows_token() {
        true => (org.token.as_str(), vec![]),
        false => (HIDDEN, vec!["Secrets are now hidden from 'sf org display' command output."]),
    };
    if status != "Connected" {
        warnings.insert(0, "unable to refresh auth for org");
    }
    success(
        &json!({
            "id": org.id, "apiVersion": "66.0", "accessToken": token,
            "instanceUrl": format!("{}/", org.url), "username": org.username, "connectedStatus": status, "alias": "desk",
        }),
        &warnings,
    )
}
