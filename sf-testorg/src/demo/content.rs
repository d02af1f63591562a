//! Three files to download: text, CSV, and a quarter of a megabyte of bytes.
use super::{DAY, ago, prose, random::Random, writer::Writer};
use crate::state::{SchemaError, State, checksum};
use sf_core::Timestamp;

pub(super) fn fill(state: &mut State, seed: u64, start: Timestamp) -> Result<(), SchemaError> {
    let mut random = Random::of(seed, "content", 0);
    let plan = format!("Success plan\r\n\r\n{}\r\n", prose::text(&mut random, 12));
    let usage: String = std::iter::once("day,calls\r\n".to_owned())
        .chain((1..=90).map(|day| format!("{day},{}\r\n", random.range(0, 9_000_000))))
        .collect();
    let bytes: Vec<u8> = (0..32 * 1024).flat_map(|_| random.next().to_le_bytes()).collect();
    insert(state, start, "Success plan – template", "txt", "TEXT", plan.into_bytes())?;
    insert(state, start, "Gateway usage", "csv", "CSV", usage.into_bytes())?;
    insert(state, start, "Architecture review", "bin", "UNKNOWN", bytes)
}

fn insert(
    state: &mut State,
    start: Timestamp,
    title: &str,
    extension: &str,
    kind: &str,
    bytes: Vec<u8>,
) -> Result<(), SchemaError> {
    let created = ago(start, 90 * DAY);
    let user = state.user();
    let size = i64::try_from(bytes.len()).unwrap_or(0);
    let checksum = checksum(&bytes);
    let mut document = Writer::new(state, "ContentDocument")?;
    let mut version = Writer::new(state, "ContentVersion")?;
    for row in [&mut document, &mut version] {
        for field in ["CreatedDate", "LastModifiedDate", "SystemModstamp"] {
            row.set(field, created);
        }
        if let Some(user) = user {
            row.set("CreatedById", user);
            row.set("LastModifiedById", user);
            row.set("OwnerId", user);
        }
        row.set("Title", title);
        row.set("FileType", kind);
        row.set("FileExtension", extension);
        row.set("ContentSize", size);
    }
    document.set("PublishStatus", "R");
    document.set("LatestPublishedVersionId", version.id());
    version.set("ContentDocumentId", document.id());
    version.set("IsLatest", true);
    version.set("VersionNumber", "1");
    version.set("PathOnClient", format!("{title}.{extension}"));
    version.set("Checksum", checksum);
    version.set("PublishStatus", "R");
    version.set("ContentLocation", "S");
    version.set("Origin", "C");
    version.set("IsMajorVersion", true);
    for row in [&mut document, &mut version] {
        row.set("ContentModifiedDate", created);
    }
    if let Some(user) = user {
        version.set("ContentModifiedById", user);
        version.set("FirstPublishLocationId", user);
        let mut link = Writer::new(state, "ContentDocumentLink")?;
        link.set("ContentDocumentId", document.id());
        link.set("LinkedEntityId", user);
        link.set("ShareType", "I");
        link.set("Visibility", "AllUsers");
        link.set("SystemModstamp", created);
        link.insert(state);
    }
    version.set("VersionData", bytes);
    document.insert(state);
    version.insert(state);
    Ok(())
}
