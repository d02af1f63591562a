//! Auto-numbers.
use super::{Cell, State};
use crate::{
    guard::{Rule, usual_format},
    state::SObjectType,
};
use chrono::Datelike;

impl State {
    /// Fills the auto-numbers of a new row. Numbers are counted like ids: one of a save that was undone leaves a gap.
    pub(crate) fn auto_number(&mut self, sobject: &SObjectType, cells: &mut [Cell]) {
        for (at, field) in sobject.fields.iter().enumerate() {
            if !field.auto_number || !cells[at].is_null() {
                continue;
            }
            let key = format!("{}.{}", sobject.name, field.name);
            let rule = self.rules_of("auto_number", &sobject.name).find_map(|(_, rule)| match rule {
                Rule::AutoNumber(rule) if rule.field.is(&field.name) => {
                    Some((rule.format.clone(), rule.start))
                }
                _ => None,
            });
            let (format, start) = rule.unwrap_or_else(|| (usual_format(), 1));
            let number = self.next_number(&key, start);
            let day = self.now().utc();
            let day = [
                ("{YYYY}", format!("{:04}", day.year())),
                ("{YY}", format!("{:02}", day.year().rem_euclid(100))),
                ("{MM}", format!("{:02}", day.month())),
                ("{DD}", format!("{:02}", day.day())),
            ];
            let dated = day.iter().fold(format, |text, (name, value)| text.replace(name, value));
            cells[at] = Cell::text(numbered(&dated, number));
        }
    }
}

/// Where the digits of a format are: the braces, and how many zeros are between them.
fn digits(format: &str) -> Option<(usize, usize, usize)> {
    format.match_indices('{').find_map(|(start, _)| {
        let width = format[start + 1..].bytes().take_while(|b| *b == b'0').count();
        let end = start + 1 + width;
        (width > 0 && format[end..].starts_with('}')).then_some((start, end + 1, width))
    })
}

pub(in crate::state) fn is_number_format(format: &str) -> bool {
    digits(format).is_some_and(|(_, end, _)| digits(&format[end..]).is_none())
}

fn numbered(format: &str, number: u64) -> String {
    match digits(format) {
        Some((start, end, width)) => format!("{}{number:0width$}{}", &format[..start], &format[end..]),
        None => number.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_have_digits_once() {
        for (format, number, text) in [("{0}", 7, "7"), ("A-{0000}", 7, "A-0007"), ("{00}x", 123, "123x")] {
            assert!(is_number_format(format));
            assert_eq!(numbered(format, number), text);
        }
        for format in ["", "A-", "{}", "{0", "{0}{0}", "{x}"] {
            assert!(!is_number_format(format), "{format}");
        }
    }
}
