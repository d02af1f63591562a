//! Rows as canonical JSON: two orgs with the same rows give the same text.
use crate::{
    TestOrg,
    state::{Cell, Kind, Row, SObjectType, write_json_string},
};
use std::fmt::Write;

/// All rows of an object by id, one a line, fields in describe order, nulls left out. Without stamps no date-time field is there.
pub(super) fn rows(org: &TestOrg, object: &str, stamps: bool) -> Option<String> {
    let inner = org.lock();
    let sobject = inner.state.schema().get(object)?;
    let mut out = String::from("{\"object\":");
    write_json_string(&sobject.name, &mut out);
    out.push_str(",\"rows\":[");
    for (at, row) in inner.state.rows(&sobject.name).enumerate() {
        out.push_str(if at == 0 { "\n" } else { ",\n" });
        write_row(sobject, row, stamps, &mut out);
    }
    out.push_str("\n]}\n");
    Some(out)
}

fn write_row(sobject: &SObjectType, row: &Row, stamps: bool, out: &mut String) {
    out.push('{');
    let mut first = true;
    for (field, cell) in sobject.fields.iter().zip(&row.cells) {
        if cell.is_null() || (!stamps && field.kind() == Kind::DateTime) {
            continue;
        }
        if !first {
            out.push(',');
        }
        first = false;
        write_json_string(&field.name, out);
        out.push(':');
        match cell {
            // Of a file the size and checksum are enough to compare.
            Cell::Bytes(bytes) => {
                let _ = write!(out, "\"{} bytes, crc32 {:08x}\"", bytes.len(), crc32fast::hash(bytes));
            }
            cell => cell.write_json(out),
        }
    }
    out.push('}');
}

/// The objects and how many rows each has, deleted ones included.
pub(super) fn objects(org: &TestOrg) -> String {
    let inner = org.lock();
    let mut out = String::from("{");
    for (at, sobject) in inner.state.schema().iter().enumerate() {
        out.push_str(if at == 0 { "" } else { "," });
        write_json_string(&sobject.name, &mut out);
        let _ = write!(out, ":{}", inner.state.rows(&sobject.name).count());
    }
    out.push_str("}\n");
    out
}
