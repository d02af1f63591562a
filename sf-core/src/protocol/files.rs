//! Files: rows with a blob field, such as ContentVersion, Attachment and Document. (REST API guide, "Insert or Update Blob
//! Data".)
//!
//! A file goes to the org in one request with the fields of its row, and comes from it as the bytes of a resource. Neither
//! is held in memory. [`Org::files`](crate::Org::files) goes through these steps for ContentVersion.
use super::{Body, BodySource, Content, Request, Response, Safety, read_failure, response::unreadable};
use crate::{Delivery, ErrorKind, Failure, FieldName, Fields, ObjectName, Result, SfId, Value};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Deserialize;
use std::{
    hash::{BuildHasher, RandomState},
    io::{self, Cursor, Read},
    sync::Arc,
};

/// How the bytes go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FileForm {
    /// As a part of a `multipart/form-data` body, as they are: up to 2 GB for ContentVersion, 500 MB for others.
    Multipart,
    /// As base64 in a JSON body: up to 37.5 MB. For ways to the org that send text only.
    Base64,
}
impl FileForm {
    /// The most bytes that a file of this object may have.
    pub fn most_bytes(self, object: &ObjectName) -> u64 {
        match self {
            FileForm::Multipart if object.is("ContentVersion") => 2 << 30,
            FileForm::Multipart => 500 << 20,
            FileForm::Base64 => 37_500_000,
        }
    }
}

/// A new row with a file.
///
/// ```
/// use sf_core::{Fields, field, object, protocol::{Content, files::{FileForm, NewFile}}};
///
/// let fields = Fields::new().set(field!("Name"), "logo.png").set(field!("ParentId"), "001000000000001AAA");
/// let file = NewFile::new(object!("Attachment"), fields, field!("Body"), "logo.png", Content::bytes([137, 80, 78, 71]));
/// let request = file.request(FileForm::Multipart)?;
/// assert_eq!(request.path, "sobjects/Attachment");
/// assert!(request.body.content_type().unwrap().starts_with("multipart/form-data; boundary="));
/// # Ok::<(), sf_core::Error>(())
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct NewFile {
    /// The object.
    pub object: ObjectName,
    /// The fields of the row, without the blob field.
    pub fields: Fields,
    /// The blob field: `VersionData`, `Body`.
    pub field: FieldName,
    /// The name of the file in the request; what the row is called say its fields.
    pub file_name: String,
    /// The bytes.
    pub content: Content,
}
impl NewFile {
    /// A row with a file.
    pub fn new(
        object: ObjectName,
        fields: Fields,
        field: impl Into<FieldName>,
        file_name: impl Into<String>,
        content: Content,
    ) -> NewFile {
        NewFile { object, fields, field: field.into(), file_name: file_name.into(), content }
    }

    /// The request. A repeat would make a second row: [`Safety::Once`].
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] for a file that is larger than the form allows, as far as its size is known (else its
    /// reading ends with an error), and for fields that cannot be written.
    pub fn request(&self, form: FileForm) -> Result<Request> {
        let most = form.most_bytes(&self.object);
        if let Some(size) = self.content.size().filter(|size| *size > most) {
            let message =
                format!("the file has {size} bytes, and {most} are the most for {} this way", self.object);
            let next = match form {
                FileForm::Multipart => "Cut the file, or keep it elsewhere and store a link to it.",
                _ => "Send it over a transport that takes multipart bodies (`FileForm::Multipart`).",
            };
            return Err(Failure::invalid_input(message).with_next_step(next).into());
        }
        let blob = |name: &FieldName| *name == self.field;
        if let Some(name) = self.fields.names().find(|name| blob(name)) {
            let message = format!("`{name}` is among the fields and is the file as well");
            return Err(Failure::invalid_input(message).with_fields([name.as_str()]).into());
        }
        let json = super::write::body::fields(&self.fields)?;
        let body = match form {
            FileForm::Multipart => self.multipart(&json, most),
            FileForm::Base64 => self.base64(&json, most),
        };
        Ok(Request::post(["sobjects", self.object.as_str()]).with_body(Body::Stream(Arc::new(body))))
    }
    fn multipart(&self, json: &str, most: u64) -> FileBody {
        let (boundary, json) = (boundary(), ascii(json));
        let head = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"entity_content\"\r\n\
             Content-Type: application/json\r\n\r\n{json}\r\n\
             --{boundary}\r\nContent-Disposition: form-data; name=\"{}\"; filename=\"{}\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n",
            self.field,
            header_text(&self.file_name)
        );
        FileBody {
            head: head.into(),
            content: self.content.clone(),
            tail: format!("\r\n--{boundary}--\r\n").into(),
            content_type: format!("multipart/form-data; boundary={boundary}"),
            is_base64: false,
            most,
        }
    }
    fn base64(&self, json: &str, most: u64) -> FileBody {
        let fields = json.trim_end().strip_suffix('}').unwrap_or("{");
        let comma = if fields.ends_with('{') { "" } else { "," };
        FileBody {
            head: format!("{fields}{comma}\"{}\":\"", self.field).into(),
            content: self.content.clone(),
            tail: Arc::from("\"}"),
            content_type: "application/json; charset=UTF-8".to_owned(),
            is_base64: true,
            most,
        }
    }
}

/// The id of the new row.
///
/// # Errors
/// The org's refusal; [`Delivery::Unknown`] for an answer that does not say what became of the row.
pub fn created(response: &Response) -> Result<SfId> {
    #[derive(Deserialize)]
    struct Created {
        id: Option<SfId>,
        success: bool,
        #[serde(default)]
        errors: Vec<serde_json::Value>,
    }
    if !response.is_success() {
        return Err(read_failure(response, Safety::Once).into());
    }
    let answer: Created = serde_json::from_str(response.text())
        .map_err(|e| unreadable("the answer to an upload", response.status, &e))?;
    match (answer.success, answer.id) {
        (true, Some(id)) => Ok(id),
        (true, None) => {
            let message = "the org saved the file but did not give its id";
            Err(Failure::new(ErrorKind::Decode, Delivery::Unknown, message).into())
        }
        (false, _) => Err(super::failure::read_row_errors(&answer.errors).into()),
    }
}

/// The bytes of a blob field, for `download`.
pub fn blob(object: &ObjectName, id: SfId, field: &FieldName) -> Request {
    Request::get(["sobjects", object.as_str(), id.as_str(), field.as_str()]).with_header("Accept", "*/*")
}
/// The same by the path that a row has as the value of its blob field.
///
/// # Errors
/// [`ErrorKind::InvalidInput`] when the value is no path.
pub fn blob_at(value: &Value) -> Result<Request> {
    let path = value.as_str().unwrap_or_default();
    Request::to_path(super::Method::Get, path).map(|request| request.with_header("Accept", "*/*"))
}

/// Nothing that a file could hold by chance, or by somebody's will: the keys come from the operating system.
fn boundary() -> String {
    let (a, b) = (RandomState::new().hash_one(0), RandomState::new().hash_one(1));
    format!("sf-{a:016x}{b:016x}")
}
/// JSON in ASCII: which charset a part has without a word on it, the guide does not say.
fn ascii(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for char in json.chars() {
        match char.is_ascii() {
            true => text.push(char),
            false => char
                .encode_utf16(&mut [0; 2])
                .iter()
                .for_each(|unit| text.push_str(&format!("\\u{unit:04x}"))),
        }
    }
    text
}
/// What may stand between the quotes of a header. The name that people see is among the fields.
fn header_text(name: &str) -> String {
    let plain = |c: char| c == ' ' || (c.is_ascii_graphic() && !matches!(c, '"' | '\\'));
    name.chars().map(|c| if plain(c) { c } else { '_' }).collect()
}

struct FileBody {
    head: Arc<str>,
    content: Content,
    tail: Arc<str>,
    content_type: String,
    is_base64: bool,
    most: u64,
}
impl BodySource for FileBody {
    fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        let content = self.content.open(self.most)?;
        let text = |text: &Arc<str>| Cursor::new(Text(Arc::clone(text)));
        Ok(match self.is_base64 {
            true => Box::new(text(&self.head).chain(Base64::new(content)).chain(text(&self.tail))),
            false => Box::new(text(&self.head).chain(content).chain(text(&self.tail))),
        })
    }
    fn size(&self) -> Option<u64> {
        let size = self.content.size()?;
        let size = if self.is_base64 { size.div_ceil(3) * 4 } else { size };
        Some(self.head.len() as u64 + size + self.tail.len() as u64)
    }
    fn content_type(&self) -> &str {
        &self.content_type
    }
    fn can_open(&self) -> bool {
        self.content.can_open()
    }
}
struct Text(Arc<str>);
impl AsRef<[u8]> for Text {
    fn as_ref(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

/// Bytes as base64 (RFC 4648, section 4), in pieces that need no padding but for the last.
struct Base64<R> {
    inner: R,
    raw: Vec<u8>,
    text: String,
    at: usize,
    is_over: bool,
}
/// A multiple of three.
const PIECE: usize = 48 * 1024;
impl<R: Read> Base64<R> {
    fn new(inner: R) -> Base64<R> {
        Base64 { inner, raw: Vec::new(), text: String::new(), at: 0, is_over: false }
    }
    fn fill(&mut self) -> io::Result<()> {
        self.raw.clear();
        self.text.clear();
        self.at = 0;
        self.inner.by_ref().take(PIECE as u64).read_to_end(&mut self.raw)?;
        self.is_over = self.raw.len() < PIECE;
        STANDARD.encode_string(&self.raw, &mut self.text);
        Ok(())
    }
}
impl<R: Read> Read for Base64<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at == self.text.len() && !self.is_over {
            self.fill()?;
        }
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        let count = rest.len().min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..count), rest.get(..count)) {
            to.copy_from_slice(from);
        }
        self.at += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{field, object};
    use proptest::prelude::*;

    fn body(request: &Request) -> Vec<u8> {
        let Body::Stream(source) = &request.body else { panic!("not a stream") };
        let mut bytes = Vec::new();
        source.open().unwrap().read_to_end(&mut bytes).unwrap();
        assert_eq!(source.size().unwrap_or(bytes.len() as u64), bytes.len() as u64);
        bytes
    }
    fn file(content: Content) -> NewFile {
        let fields = Fields::new().set(field!("PathOnClient"), "Pläne 😀 \"1\".pdf");
        NewFile::new(object!("ContentVersion"), fields, field!("VersionData"), "Pläne \"1\"\r\n.pdf", content)
    }

    #[test]
    fn a_multipart_body_has_the_fields_and_then_the_bytes() {
        let request = file(Content::bytes("a\r\n--x")).request(FileForm::Multipart).unwrap();
        let boundary = request.body.content_type().unwrap().rsplit_once('=').unwrap().1.to_owned();
        assert_eq!(
            String::from_utf8(body(&request)).unwrap(),
            format!(
                "--{boundary}\r\nContent-Disposition: form-data; name=\"entity_content\"\r\n\
                 Content-Type: application/json\r\n\r\n{{\"PathOnClient\":\"Pl\\u00e4ne \\ud83d\\ude00 \\\"1\\\".pdf\"}}\r\n\
                 --{boundary}\r\nContent-Disposition: form-data; name=\"VersionData\"; filename=\"Pl_ne _1___.pdf\"\r\n\
                 Content-Type: application/octet-stream\r\n\r\na\r\n--x\r\n--{boundary}--\r\n"
            )
        );
        let other = file(Content::bytes("")).request(FileForm::Multipart).unwrap();
        assert_ne!(other.body.content_type(), request.body.content_type());
    }

    #[test]
    fn limits_are_checked_before_anything_is_sent() {
        let of = |size: u64| Content::opened(|| Ok(io::empty())).with_size(size);
        for (form, object, most) in [
            (FileForm::Multipart, object!("ContentVersion"), 2_u64 << 30),
            (FileForm::Multipart, object!("Document"), 500 << 20),
            (FileForm::Base64, object!("ContentVersion"), 37_500_000),
        ] {
            let file = |size| NewFile { object: object.clone(), ..file(of(size)) };
            assert!(file(most).request(form).is_ok());
            let error = file(most + 1).request(form).unwrap_err();
            assert_eq!((error.kind(), error.delivery()), (ErrorKind::InvalidInput, Delivery::NotSent));
        }
        let mut twice = file(Content::bytes(""));
        twice.fields.insert(field!("versiondata"), "x");
        assert_eq!(twice.request(FileForm::Base64).unwrap_err().failure().fields, ["versiondata"]);
    }

    #[test]
    fn an_answer_is_an_id_or_a_failure() {
        let answer = |text: &str| created(&Response::new(201, Vec::new(), text));
        assert!(answer(r#"{"id":"068000000000001AAA","success":true,"errors":[]}"#).is_ok());
        let unknown = [r#"{"success":true,"errors":[]}"#, "<html>", r#"{"id":"x"}"#];
        for text in unknown {
            assert_eq!(answer(text).unwrap_err().delivery(), Delivery::Unknown, "{text}");
        }
        let refused =
            r#"{"success":false,"errors":[{"statusCode":"STORAGE_LIMIT_EXCEEDED","message":"full"}]}"#;
        assert_eq!(answer(refused).unwrap_err().delivery(), Delivery::Refused);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn base64_is_what_every_reader_of_it_expects(
            seed in any::<u64>(),
            len in prop_oneof![0..20_usize, (PIECE - 3)..(PIECE + 4), (2 * PIECE - 1)..(2 * PIECE + 2)],
        ) {
            let bytes: Vec<u8> = (0..len as u64).map(|n| (seed.wrapping_mul(n * n + 1) >> 13) as u8).collect();
            let json = body(&file(Content::bytes(&bytes)).request(FileForm::Base64).unwrap());
            let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
            prop_assert_eq!(json["VersionData"].as_str().unwrap(), reference(&bytes));
        }
    }
    /// Bit by bit.
    fn reference(bytes: &[u8]) -> String {
        let bits: Vec<bool> = bytes.iter().flat_map(|b| (0..8).rev().map(move |i| b >> i & 1 == 1)).collect();
        let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".as_bytes();
        let mut text: String = bits
            .chunks(6)
            .map(|six| {
                let n = (0..6).fold(0, |n, i| n << 1 | usize::from(six.get(i).copied().unwrap_or(false)));
                char::from(letters[n])
            })
            .collect();
        while !text.len().is_multiple_of(4) {
            text.push('=');
        }
        text
    }
}
