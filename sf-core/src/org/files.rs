use super::Org;
use crate::{
    Delivery, Error, ErrorKind, Failure, FieldName, Operation, Result, SObject, SfId, Soql,
    models::ContentVersion,
    protocol::{
        BodySink, Content, Counted,
        files::{self, FileForm, NewFile},
    },
};

/// The files of an org; see [`Org::files`].
#[derive(Debug, Clone)]
pub struct Files {
    org: Org,
}

/// A file that the org has.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct UploadedFile {
    /// The version (`068…`).
    pub version: SfId,
    /// Its document (`069…`), which is what links and further versions name; `None`: see [`details`](UploadedFile::details).
    pub document: Option<SfId>,
    /// Its bytes, as the org counted them.
    pub size: Option<u64>,
    /// MD5 of its bytes in hexadecimal, as the org computed it.
    pub checksum: Option<String>,
    /// Why nothing more is known than the version's id: the file is saved, but asking about it failed.
    pub details: Option<Failure>,
}

impl Org {
    /// Files (ContentVersion): uploads and downloads that are not held in memory.
    ///
    /// ```
    /// use sf_core::{Org, Result, SfId, models::ContentVersion, protocol::{Content, Saved}};
    /// use std::fs::File;
    ///
    /// async fn replace(org: &Org, account: SfId) -> Result<()> {
    ///     let plan = ContentVersion {
    ///         path_on_client: "plan.pdf".into(),
    ///         first_publish_location_id: account.into(),
    ///         ..ContentVersion::default()
    ///     };
    ///     let first = org.files().upload(&plan, Content::opened(|| File::open("plan.pdf"))).await?;
    ///     if let Some(document) = first.document {
    ///         let next = ContentVersion {
    ///             path_on_client: "plan.pdf".into(),
    ///             content_document_id: document.into(),
    ///             ..ContentVersion::default()
    ///         };
    ///         org.files().upload(&next, Content::bytes("%PDF-1.7 …")).await?;
    ///     }
    ///     let mut copy = Saved::to(Vec::new()); // or a `File`
    ///     let bytes = org.files().download(first.version, &mut copy).await?;
    ///     assert_eq!(bytes, copy.into_inner().len() as u64);
    ///     Ok(())
    /// }
    /// ```
    pub fn files(&self) -> Files {
        Files { org: self.clone() }
    }
}

impl Files {
    /// Sends a file: a new document, shared with `first_publish_location_id` if that is given, or the next version of the
    /// document `content_document_id`. Then asks what the org has of it. Goes as multipart where the transport can
    /// ([`Capabilities::multipart`](crate::Capabilities::multipart)), else as base64.
    ///
    /// # Errors
    /// - [`ErrorKind::InvalidInput`] before anything is sent: no `path_on_client`, an id, more bytes than the org takes (2 GB;
    ///   37.5 MB as base64).
    /// - [`Delivery::Unknown`]: the file may be there. Look for its `Checksum` or `Title` before it is sent again.
    /// - [`ErrorKind::Decode`] with the version in [`Failure::records`]: the org has it, but with another number of bytes.
    pub async fn upload(&self, file: &ContentVersion, content: Content) -> Result<UploadedFile> {
        if file.id().is_some() {
            return Err(Failure::invalid_input("the bytes of a version cannot be replaced")
                .with_next_step("Send a new version: clear `id` and set `content_document_id`.")
                .into());
        }
        let Some(path) = file.path_on_client.value().filter(|path| !path.is_empty()) else {
            return Err(Failure::invalid_input("a file needs `path_on_client`, its name with the extension")
                .with_fields(["PathOnClient"])
                .into());
        };
        let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
        let size = content.size();
        let fields = file.writable(Operation::Insert)?;
        let file = NewFile::new(
            ContentVersion::OBJECT,
            fields,
            FieldName::from_static("VersionData"),
            name,
            content,
        );
        let form = match self.org.transport().capabilities().multipart {
            true => FileForm::Multipart,
            false => FileForm::Base64,
        };
        let request = file.request(form)?;
        let answer = self.org.transport().call(&request, &self.org.call).await.map_err(doubtful)?;
        let version = files::created(&answer).map_err(doubtful)?;
        let mut uploaded =
            UploadedFile { version, document: None, size: None, checksum: None, details: None };
        match self.about(version).await {
            Ok(row) => {
                uploaded.document = row.content_document_id.into_value();
                uploaded.size = row.content_size.into_value().and_then(|size| u64::try_from(size).ok());
                uploaded.checksum = row.checksum.into_value();
            }
            Err(error) => uploaded.details = Some(error.into_failure()),
        }
        match (size, uploaded.size) {
            (Some(sent), Some(kept)) if sent != kept => {
                let message = format!("the org keeps {kept} bytes of a file of {sent}");
                // Not refused: the file is there.
                let mut failure = Failure::new(ErrorKind::Decode, Delivery::Unknown, message)
                    .with_next_step("Send the file again as a further version, or delete the document.");
                failure.records = vec![version];
                Err(failure.into())
            }
            _ => Ok(uploaded),
        }
    }
    async fn about(&self, version: SfId) -> Result<ContentVersion> {
        let soql = format!(
            "SELECT ContentDocumentId, ContentSize, Checksum FROM ContentVersion WHERE Id = '{version}'"
        );
        let row = self.org.query(Soql::raw(soql).typed()).first().await?;
        row.ok_or_else(|| {
            let message = format!("there is no ContentVersion {version}, or the user cannot see it");
            Failure::new(ErrorKind::NotFound, Delivery::Refused, message).into()
        })
    }

    /// The newest version of a document.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when there is no such document, or the user cannot see it.
    pub async fn latest(&self, document: SfId) -> Result<ContentVersion> {
        let columns: Vec<_> = ContentVersion::COLUMNS.iter().map(ToString::to_string).collect();
        let soql = format!(
            "SELECT {} FROM ContentVersion WHERE ContentDocumentId = '{document}' AND IsLatest = true",
            columns.join(", ")
        );
        self.org.query(Soql::raw(soql).typed()).first().await?.ok_or_else(|| {
            let message = format!("there is no ContentDocument {document}, or the user cannot see it");
            Failure::new(ErrorKind::NotFound, Delivery::Refused, message).into()
        })
    }

    /// The bytes of a version, piece by piece into `sink`; gives their number. After an error the sink may hold a part: a
    /// download that has begun is not repeated.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`]; [`ErrorKind::Network`] for one that broke off; [`ErrorKind::Setup`] when the sink took no
    /// more.
    pub async fn download(&self, version: SfId, sink: &mut dyn BodySink) -> Result<u64> {
        let request = files::blob(&ContentVersion::OBJECT, version, &FieldName::from_static("VersionData"));
        let mut counted = Counted::new(sink);
        self.org.transport().download(&request, &mut counted, &self.org.call).await?;
        Ok(counted.bytes())
    }
}

/// What to do about an upload of which nobody knows whether it was saved.
fn doubtful(error: Error) -> Error {
    // A source that broke has its own advice.
    if error.delivery() != Delivery::Unknown || error.kind() == ErrorKind::Setup {
        return error;
    }
    let next = "Look for the file by its `Checksum` or `Title` before it is sent again: it may be there.";
    Error::new(error.failure().clone().with_next_step(next)).with_source(error)
}
