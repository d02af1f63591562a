//! What follows from a file's content: its sizes, types and checksum, and the document that its versions make up.
use super::{Cell, Derivation, State};
use crate::state::{Key, Row, SObjectType, SchemaError};
use md5::{Digest, Md5};
use sf_core::SfId;
use std::{fmt::Write, sync::Arc};

/// `FileType` by file extension, where it is not the extension in capitals. (Object Reference, "ContentVersion": determined by
/// PathOnClient; the words are those of files in real orgs.)
const TYPES: [(&str, &str); 11] = [
    ("txt", "TEXT"),
    ("jpeg", "JPG"),
    ("tif", "TIFF"),
    ("htm", "HTML"),
    ("doc", "WORD"),
    ("docx", "WORD_X"),
    ("xls", "EXCEL"),
    ("xlsx", "EXCEL_X"),
    ("ppt", "POWER_POINT"),
    ("pptx", "POWER_POINT_X"),
    ("markdown", "MD"),
];
/// Extensions that are types themselves.
const SAME: [&str; 22] = [
    "ai", "avi", "bmp", "css", "csv", "eps", "gif", "gzip", "html", "jpg", "js", "mov", "mp3", "mp4", "pdf",
    "png", "psd", "rtf", "svg", "tiff", "xml", "zip",
];

/// Title without extension, and the extension.
fn parts(path: &str) -> (&str, Option<&str>) {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    match name.rsplit_once('.') {
        Some((title, extension)) if !title.is_empty() && !extension.is_empty() => (title, Some(extension)),
        _ => (name, None),
    }
}

fn file_type(extension: Option<&str>) -> String {
    let extension = extension.unwrap_or_default().to_ascii_lowercase();
    if let Some((_, kind)) = TYPES.iter().find(|(known, _)| *known == extension) {
        return (*kind).to_owned();
    }
    if SAME.contains(&extension.as_str()) { extension.to_ascii_uppercase() } else { "UNKNOWN".into() }
}

/// The hexadecimal MD5 of a file.
pub(crate) fn checksum(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(32);
    for byte in Md5::digest(bytes) {
        let _ = write!(out, "{byte:02x}");
    }
    out
}

fn size(bytes: &[u8]) -> Cell {
    Cell::Int(i64::try_from(bytes.len()).unwrap_or(i64::MAX))
}

impl State {
    /// ContentVersion: what follows from PathOnClient and VersionData.
    pub(super) fn derive_content_version(&self, save: &mut Derivation<'_>) {
        if save.before.is_some() {
            return;
        }
        let path = save.text("PathOnClient").unwrap_or_default().to_owned();
        let (title, extension) = parts(&path);
        if save.get("Title").is_some_and(Cell::is_null) && self.assumptions.objects.file_title_from_path {
            save.set("Title", Cell::text(title));
        }
        save.force("FileExtension", Cell::text(extension.unwrap_or_default()));
        save.force("FileType", Cell::text(file_type(extension)));
        if let Some(Cell::Bytes(bytes)) = save.get("VersionData").cloned() {
            save.force("ContentSize", size(&bytes));
            save.force("Checksum", Cell::text(checksum(&bytes)));
        }
        save.force("IsLatest", Cell::Bool(true));
        save.set("IsMajorVersion", Cell::Bool(true));
        save.set("ContentModifiedDate", Cell::DateTime(self.now()));
        save.set("ContentModifiedById", self.user().map_or(Cell::Null, Cell::Id));
    }

    /// Document and Attachment: the size of the body; a document's author and unique name.
    pub(super) fn derive_body(&self, save: &mut Derivation<'_>) {
        let length = match save.get("Body") {
            Some(Cell::Bytes(bytes)) => size(bytes),
            _ => Cell::Int(0),
        };
        save.force("BodyLength", length);
        if save.get("AuthorId").is_some_and(Cell::is_null) {
            save.set("AuthorId", self.user().map_or(Cell::Null, Cell::Id));
        }
        if save.get("DeveloperName").is_some_and(Cell::is_null)
            && let Some(name) = save.text("Name")
        {
            let name = unique_name(name);
            save.set("DeveloperName", Cell::text(name));
        }
    }

    /// Puts a new ContentVersion in its place: at the head of its document's versions, or with a new document and the links to whom it
    /// is published. (Object Reference, "ContentVersion", "ContentDocumentLink")
    pub(crate) fn publish(
        &mut self,
        sobject: &SObjectType,
        id: SfId,
        cells: &mut [Cell],
    ) -> Result<(), SchemaError> {
        if sobject.name != "ContentVersion" {
            return Ok(());
        }
        let at = |field: &str| sobject.position(field);
        let of = |cells: &[Cell], field: &str| at(field).map_or(Cell::Null, |at| cells[at].clone());
        let set = |cells: &mut [Cell], field: &str, cell: Cell| {
            if let Some(at) = at(field) {
                cells[at] = cell;
            }
        };
        let owner = of(cells, "OwnerId");
        let mut shown = vec![("LatestPublishedVersionId", Cell::Id(id))];
        for field in
            ["Title", "Description", "FileType", "FileExtension", "ContentSize", "ContentModifiedDate"]
        {
            shown.push((field, of(cells, field)));
        }
        if let Some(document) = of(cells, "ContentDocumentId").as_id() {
            let versions = self.versions(sobject, document);
            let text = |row: &Row, field: &str| at(field).map_or(Cell::Null, |at| row.cells[at].clone());
            let number = |row: &Arc<Row>| text(row, "VersionNumber").as_text()?.parse::<u64>().ok();
            let newest = versions.iter().filter_map(number).max().unwrap_or(0);
            set(cells, "VersionNumber", Cell::text((newest + 1).to_string()));
            if let Some(first) = versions.first() {
                set(cells, "FirstPublishLocationId", text(first, "FirstPublishLocationId"));
                set(cells, "PublishStatus", text(first, "PublishStatus"));
            }
            for before in versions {
                let Some(at) = at("IsLatest").filter(|at| before.cells[*at] == Cell::Bool(true)) else {
                    continue;
                };
                let mut row = Row::clone(&before);
                row.cells[at] = Cell::Bool(false);
                self.put(sobject, before.id, Some(Arc::new(row)));
            }
            return self.update_row(document, self.known("ContentDocument", shown));
        }
        let place = of(cells, "FirstPublishLocationId");
        let is_public = !place.is_null() && place != owner;
        let status = Cell::text(if is_public { "P" } else { "R" });
        shown.push(("PublishStatus", status.clone()));
        shown.push(("OwnerId", owner.clone()));
        let document = self.insert_row("ContentDocument", self.known("ContentDocument", shown))?;
        set(cells, "ContentDocumentId", Cell::Id(document));
        set(cells, "VersionNumber", Cell::text("1"));
        set(cells, "PublishStatus", status);
        if place.is_null() {
            set(cells, "FirstPublishLocationId", owner.clone());
        }
        // [inferred] the share types
        self.link(document, &owner, "I")?;
        if is_public {
            self.link(document, &place, "V")?;
        }
        Ok(())
    }

    fn link(&mut self, document: SfId, to: &Cell, share: &str) -> Result<(), SchemaError> {
        if self.schema().get("ContentDocumentLink").is_none() || to.is_null() {
            return Ok(());
        }
        let fields = [
            ("ContentDocumentId", Cell::Id(document)),
            ("LinkedEntityId", to.clone()),
            ("ShareType", Cell::text(share)),
            ("Visibility", Cell::text("AllUsers")),
        ];
        self.insert_row("ContentDocumentLink", fields).map(|_| ())
    }

    /// The live versions of a document, oldest first.
    fn versions(&self, sobject: &SObjectType, document: SfId) -> Vec<Arc<Row>> {
        let (Some(at), Some(table)) = (sobject.position("ContentDocumentId"), self.table(&sobject.name))
        else {
            return Vec::new();
        };
        let key = Key::Id(document);
        let ids: Vec<SfId> = match table.lookup(at, &key) {
            Some(ids) => ids.into_iter().flatten().copied().collect(),
            None => {
                table.iter().filter(|row| row.cells[at] == Cell::Id(document)).map(|row| row.id).collect()
            }
        };
        ids.into_iter()
            .filter_map(|id| table.get(id))
            .filter(|row| !row.is_deleted(sobject))
            .cloned()
            .collect()
    }

    /// Those of the fields that the sObject has: a describe of one's own may have fewer.
    fn known<'f>(&self, object: &str, fields: Vec<(&'f str, Cell)>) -> Vec<(&'f str, Cell)> {
        let sobject = self.schema().get(object);
        fields.into_iter().filter(|(name, _)| sobject.is_some_and(|s| s.position(name).is_some())).collect()
    }

    /// A document has the title and description of its latest version, whichever of the two was written.
    pub(crate) fn retitle(&mut self, sobject: &SObjectType, id: SfId) -> Result<(), SchemaError> {
        let Some((_, row)) = self.find(id) else { return Ok(()) };
        let of = |field: &str| sobject.position(field).map_or(Cell::Null, |at| row.cells[at].clone());
        let other = match sobject.name.as_str() {
            "ContentVersion" if of("IsLatest") == Cell::Bool(true) => of("ContentDocumentId").as_id(),
            "ContentDocument" => of("LatestPublishedVersionId").as_id(),
            _ => None,
        };
        let Some((theirs, there)) = other.and_then(|id| self.find(id)) else { return Ok(()) };
        let differs = |field: &str| theirs.position(field).is_some_and(|at| there.cells[at] != of(field));
        let fields = ["Title", "Description"].into_iter().filter(|field| differs(field));
        let changed: Vec<(&str, Cell)> = fields.map(|field| (field, of(field))).collect();
        let id = there.id;
        if changed.is_empty() { Ok(()) } else { self.update_row(id, changed) }
    }
}

/// A name of letters, digits and single underscores that begins with a letter.
fn unique_name(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        match c {
            c if c.is_ascii_alphanumeric() => out.push(c),
            _ if out.is_empty() || out.ends_with('_') => {}
            _ => out.push('_'),
        }
    }
    let out = out.trim_end_matches('_').to_owned();
    if out.starts_with(|c: char| c.is_ascii_alphabetic()) { out } else { format!("X{out}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_follow_from_the_path() {
        for (path, title, kind) in [
            ("C:\\plans\\Q1 plan.txt", "Q1 plan", "TEXT"),
            ("/home/ann/a.tar.XLSX", "a.tar", "EXCEL_X"),
            ("logo.png", "logo", "PNG"),
            (".profile", ".profile", "UNKNOWN"),
            ("README", "README", "UNKNOWN"),
            ("x.abc", "x", "UNKNOWN"),
        ] {
            assert_eq!((parts(path).0, file_type(parts(path).1).as_str()), (title, kind), "{path}");
        }
        assert_eq!(checksum(b"hello"), "5d41402abc4b2a76b9719d911017c592");
        assert_eq!(unique_name("1 Brochure – Q1 (new)"), "X1_Brochure_Q1_new");
        assert_eq!(unique_name("–"), "X");
    }
}
