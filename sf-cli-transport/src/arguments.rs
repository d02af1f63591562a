//! The arguments of `sf api request rest` for one request, and the files that go with them.
use crate::{body::Content, fault, private_folder::CallFolder, target::Target};
use sf_core::{
    ApiVersion, Delivery, ErrorKind, Failure, Result,
    protocol::{Body, Method, Request},
};
use std::{
    io,
    path::{Path, PathBuf},
    process::Stdio,
    thread,
};
use tokio::{runtime::Handle, sync::oneshot};

/// In which form the answer comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// `--json`: status, headers and body; numbers go through JavaScript.
    Json,
    /// `--include`: the same as text, before 2.148.
    Include,
    /// `--stream-to-file`: the bytes of the body and nothing else.
    Stream,
}

/// A command line that is ready, and what has to live as long as the process.
pub(crate) struct Prepared {
    pub(crate) arguments: Vec<String>,
    pub(crate) stdin: Stdio,
    /// Bytes of the body.
    pub(crate) size: u64,
    /// Where the answer goes.
    pub(crate) answer: Option<PathBuf>,
    /// Its files are removed when this is dropped.
    pub(crate) folder: Option<CallFolder>,
}

/// What does not change from one sending to the next.
#[derive(Clone)]
pub(crate) struct Setting {
    pub(crate) target: Target,
    pub(crate) version: ApiVersion,
    pub(crate) temp_dir: Option<PathBuf>,
    /// `client=…`
    pub(crate) call_options: String,
    /// Bodies go by a file and not by standard input.
    pub(crate) by_file: bool,
}

/// What this door cannot carry, before anything is started. Gives path and query.
pub(crate) fn check(request: &Request, version: ApiVersion) -> Result<String> {
    let target = request.target(version)?;
    let unsupported = |message: &str, next_step: &str| -> Result<String> {
        Err(Failure::new(ErrorKind::Unsupported, Delivery::NotSent, message).with_next_step(next_step).into())
    };
    match (request.method, &request.body) {
        (Method::Head, _) => unsupported("the sf command cannot send HEAD", "Send GET instead."),
        (Method::Get, Body::Empty) => Ok(target),
        (Method::Get, _) => {
            unsupported("the sf command sends no body with GET", "Send POST, or leave the body out.")
        }
        _ => Ok(target),
    }
}

const CALL_OPTIONS: &str = "Sforce-Call-Options";

/// What the org's logs and change events call this program.
pub(crate) fn call_options(client_name: &str) -> Result<String> {
    // `;` and `,` separate options; a name with one would smuggle in a second option.
    if client_name.is_empty() || !client_name.bytes().all(|b| b.is_ascii_graphic() && !b";,=\"".contains(&b))
    {
        let message = "the client name must be visible ASCII without spaces, `;`, `,`, `=` and quotes";
        return Err(Failure::invalid_input(message)
            .with_next_step("Use a name such as `cx-desk/1.4` in `Sf::client_name`.")
            .into());
    }
    Ok(format!("client={client_name}"))
}

/// On a thread of its own: it makes files, and reads the whole body. Not on tokio's blocking pool, because a source may block for ever (a
/// pipe that nobody writes to), and a runtime that ends waits for its pool.
pub(crate) async fn prepare_aside(
    request: Request,
    form: Form,
    json: bool,
    setting: Setting,
) -> Result<Prepared> {
    let (done, prepared) = oneshot::channel();
    let runtime = Handle::try_current();
    let thread = thread::Builder::new().name("sf-request-body".to_owned()).spawn(move || {
        // As on the pool: a source may wait for something of the runtime's.
        let _runtime = runtime.as_ref().map(Handle::enter);
        drop(done.send(prepare(&request, form, json, &setting)));
    });
    thread.map_err(fault::no_thread)?;
    let panicked = |_| fault::body_failed(io::Error::other("the source of the body panicked"));
    prepared.await.map_err(panicked)?
}

/// Waits for files and for the source of the body.
fn prepare(request: &Request, form: Form, json: bool, setting: &Setting) -> Result<Prepared> {
    let mut arguments: Vec<String> = ["api", "request", "rest"].map(str::to_owned).to_vec();
    // Begins with a slash, so that it is no option.
    arguments.push(check(request, setting.version)?);
    arguments.push(format!("--method={}", request.method));
    arguments.extend(setting.target.argument());
    if !request.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case(CALL_OPTIONS)) {
        arguments.push(format!("--header={CALL_OPTIONS}:{}", setting.call_options));
    }
    let own_type = request.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    if let (Some(text), false) = (request.body.content_type(), own_type) {
        arguments.push(format!("--header=Content-Type:{text}"));
    }
    for (name, value) in &request.headers {
        if value.trim().is_empty() {
            let message = format!("the sf command cannot send the header {name} without a value");
            return Err(Failure::new(ErrorKind::Unsupported, Delivery::NotSent, message).into());
        }
        arguments.push(format!("--header={name}:{value}"));
    }
    let content = Content::of(&request.body)?.filter(|_| request.method != Method::Get);
    // Where there is no /dev/null either, nothing goes by a file, too.
    let by_file = setting.by_file && request.method != Method::Get && !(cfg!(unix) && content.is_none());
    let folder = (by_file || form == Form::Stream)
        .then(|| CallFolder::new(setting.temp_dir.as_deref()))
        .transpose()?;
    let (mut answer, mut stdin, mut size) = (None, Stdio::null(), 0);
    match (&folder, &content) {
        (Some(folder), content) if by_file => {
            let file = folder.file("body", |file| {
                size = content.as_ref().map_or(Ok(0), |content| content.write(file))?;
                Ok(())
            })?;
            arguments.push(format!("--body=@{}", text_of(&file)?));
        }
        (_, Some(content)) => {
            (stdin, size) = content.stdin(setting.temp_dir.as_deref())?;
            arguments.push("--body=@/dev/stdin".to_owned());
        }
        // A body is asked for even where there is none.
        (_, None) if request.method != Method::Get => arguments.push("--body=@/dev/null".to_owned()),
        (_, None) => {}
    }
    match (form, &folder) {
        (Form::Stream, Some(folder)) => {
            let file = folder.file("answer", |_| Ok(()))?;
            arguments.push(format!("--stream-to-file={}", text_of(&file)?));
            if json {
                arguments.push("--json".to_owned());
            }
            answer = Some(file);
        }
        (Form::Include, _) => arguments.push("--include".to_owned()),
        _ => arguments.push("--json".to_owned()),
    }
    Ok(Prepared { arguments, stdin, size, answer, folder })
}

pub(crate) fn text_of(path: &Path) -> Result<String> {
    // A relative folder would be looked for where the command runs.
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    path.to_str().map(str::to_owned).ok_or_else(|| {
        Failure::new(
            ErrorKind::Setup,
            Delivery::NotSent,
            "the folder for temporary files has a name that is not UTF-8",
        )
        .with_next_step("Set another one with `Sf::temp_dir`.")
        .into()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn line(request: &Request, form: Form, by_file: bool) -> Vec<String> {
        let target = Target::named("desk").unwrap();
        let setting = Setting {
            target,
            version: ApiVersion::new(66),
            temp_dir: None,
            call_options: "client=desk".to_owned(),
            by_file,
        };
        prepare(request, form, true, &setting).unwrap().arguments
    }

    #[test]
    fn bodies_are_never_arguments() {
        let request = Request::post(["composite", "sobjects"]).with_json(r#"{"Name":"Top Secret"}"#);
        let expected = [
            "api",
            "request",
            "rest",
            "/services/data/v66.0/composite/sobjects",
            "--method=POST",
            "--target-org=desk",
            "--header=Sforce-Call-Options:client=desk",
            "--header=Content-Type:application/json; charset=UTF-8",
            "--body=@/dev/stdin",
            "--json",
        ];
        assert_eq!(line(&request, Form::Json, false), expected);
        for form in [Form::Json, Form::Include, Form::Stream] {
            assert!(!line(&request, form, true).iter().any(|argument| argument.contains("Secret")));
        }
    }

    #[test]
    fn a_deletion_has_a_body_flag_and_an_own_content_type_wins() {
        let deletion = Request::new(Method::Delete, ["jobs", "ingest", "750"]);
        assert!(line(&deletion, Form::Json, false).contains(&"--body=@/dev/null".to_owned()));
        let csv = Request::new(Method::Put, ["x"])
            .with_body(Body::Csv("a".into()))
            .with_header("content-type", "text/csv");
        let types: Vec<_> = line(&csv, Form::Json, false)
            .into_iter()
            .filter(|a| a.to_lowercase().contains("content-type"))
            .collect();
        assert_eq!(types, ["--header=content-type:text/csv"]);
    }

    #[cfg(unix)]
    #[test]
    fn files_are_private_and_gone_afterwards() {
        use std::os::unix::fs::PermissionsExt as _;
        let request = Request::post(["composite"]).with_json("{}").with_rows();
        let temp = tempfile::tempdir().unwrap();
        let setting = Setting {
            target: Target::DEFAULT,
            version: ApiVersion::new(66),
            temp_dir: Some(temp.path().to_path_buf()),
            call_options: "client=desk".to_owned(),
            by_file: true,
        };
        let prepared = prepare(&request, Form::Stream, true, &setting).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let folder = fs::read_dir(temp.path()).unwrap().next().unwrap().unwrap().path();
        assert_eq!(mode(&folder), 0o700);
        let files: Vec<_> = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
        assert_eq!(files.len(), 3, "body, answer and lock");
        assert!(files.iter().all(|file| mode(file) == 0o600));
        drop(prepared);
        assert_eq!(fs::read_dir(temp.path()).unwrap().count(), 0);
    }

    #[test]
    fn what_the_command_cannot_send_is_refused_before_it_starts() {
        for request in [Request::new(Method::Head, ["limits"]), Request::get(["limits"]).with_json("{}")] {
            let error = check(&request, ApiVersion::CURRENT).unwrap_err();
            assert_eq!((error.kind(), error.delivery()), (ErrorKind::Unsupported, Delivery::NotSent));
        }
    }
}
