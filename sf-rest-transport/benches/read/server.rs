//! The org of this bench: a process of its own, so that what it costs is on no side's bill. It writes prepared pages
//! and nothing else.
use std::{
    fmt::Write as _,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    process::{Child, ChildStdin, Command, Stdio},
    sync::Arc,
    thread,
};

/// Rows of a page, as the org cuts them.
pub(crate) const PAGE: usize = 2_000;
/// How many different pages there are; they come round again.
const DIFFERENT: usize = 10;

/// The server's process; it ends with its standard input.
pub(crate) struct Server {
    child: Child,
    _alive: Option<ChildStdin>,
    pub(crate) url: String,
}

impl Server {
    pub(crate) fn start() -> Server {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .arg("serve")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut url = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut url).unwrap();
        Server { _alive: child.stdin.take(), child, url: url.trim().to_owned() }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The child's side.
pub(crate) fn serve() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    println!("http://{}", listener.local_addr().unwrap());
    let pages: Arc<Vec<String>> = Arc::new((0..DIFFERENT).map(rows).collect());
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let pages = Arc::clone(&pages);
            thread::spawn(move || answer(stream, &pages));
        }
    });
    // Until the bench is gone, however it ends.
    let _ = std::io::stdin().read(&mut [0]);
}

fn answer(stream: TcpStream, pages: &[String]) -> Option<()> {
    stream.set_nodelay(true).ok()?;
    let mut requests = BufReader::new(stream.try_clone().ok()?);
    let mut stream = stream;
    loop {
        let mut first = String::new();
        requests.read_line(&mut first).ok()?;
        let target = first.split(' ').nth(1)?.to_owned();
        let mut line = String::new();
        while line != "\r\n" {
            line.clear();
            if requests.read_line(&mut line).ok()? == 0 {
                return None;
            }
        }
        // `…LIMIT+200000` begins, `…/01gBENCH-3-200000` goes on with the fourth page.
        let number = |text: &str| text.parse::<usize>().ok();
        let target = target.replace("%20", "+");
        let total = target.rsplit(['+', '-']).next().and_then(number)?;
        let page =
            target.split("01gBENCH-").nth(1).and_then(|rest| number(rest.split('-').next()?)).unwrap_or(0);
        let next = match (page + 1) * PAGE < total {
            true => format!(
                r#""done":false,"nextRecordsUrl":"/services/data/v66.0/query/01gBENCH-{}-{total}""#,
                page + 1
            ),
            false => r#""done":true"#.to_owned(),
        };
        let head = format!(r#"{{"totalSize":{total},{next},"records":["#);
        let rows = &pages[page % pages.len()];
        write!(
            stream,
            "HTTP/1.1 200 OK\r\nContent-Type: application/json;charset=UTF-8\r\nSforce-Limit-Info: api-usage=18/100000\r\nContent-Length: {}\r\n\r\n{head}",
            head.len() + rows.len() + 2
        )
        .ok()?;
        stream.write_all(rows.as_bytes()).ok()?;
        stream.write_all(b"]}").ok()?;
    }
}

/// 2,000 accounts of 22 fields and 920 bytes, as the org writes them.
fn rows(page: usize) -> String {
    let mut text = String::new();
    for i in page * PAGE..(page + 1) * PAGE {
        let id = sf_core::SfId::new(format!("0015g00000{i:05}")).unwrap();
        let owner = ["0055g0000000001AAA", "0055g0000000002AAA", "0055g0000000003AAA"][i % 3];
        let day = format!("2026-{:02}-{:02}", i % 12 + 1, i % 28 + 1);
        let time = format!("T{:02}:{:02}:{:02}.000+0000", i % 24, i % 60, i * 7 % 60);
        let parent = if i % 3 == 0 { format!("\"{id}\"") } else { "null".to_owned() };
        let phone = if i % 5 == 0 { "null".to_owned() } else { format!("\"+49 30 {i:07}\"") };
        let score = if i % 7 == 0 { "null".to_owned() } else { format!("{}.{}", i % 100, i % 10) };
        write!(
            text,
            r#"{{"attributes":{{"type":"Account","url":"/services/data/v66.0/sobjects/Account/{id}"}},"Id":"{id}","Name":"Company {i} Größe GmbH","Type":"{}","Industry":"{}","Rating":"{}","Phone":{phone},"Website":"https://www.company-{i}.example","AccountNumber":"CD-{i:06}","BillingStreet":"Friedrichstraße {}","BillingCity":"Berlin","BillingPostalCode":"{:05}","BillingCountry":"Germany","AnnualRevenue":{}.0,"NumberOfEmployees":{},"OwnerId":"{owner}","ParentId":{parent},"CreatedDate":"{day}{time}","LastModifiedDate":"{day}{time}","SystemModstamp":"{day}{time}","Score__c":{score},"Renewal_Date__c":"{day}","Description":"Met the team on Monday.\r\nThey want to \"grow\" in the next quarter and asked for a plan with milestones, an owner for each of them and a review after six weeks."}},"#,
            ["Customer - Direct", "Prospect", "Technology Partner"][i % 3],
            ["Technology", "Banking", "Healthcare", "Vertical Farming"][i % 4],
            ["Hot", "Warm", "Cold"][i % 3],
            i % 200,
            10_000 + i % 2_000,
            i * 1_000,
            i * 3,
        )
        .unwrap();
    }
    text.pop();
    text
}
