//! Which known name was probably meant.

/// The known name that is nearest to a wrong one, when it is near enough. Case, a missing `__c` or `__r` and
/// underscores count for nothing.
pub(super) fn closest<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let meant = plain(wrong);
    let limit = (meant.len() / 4).clamp(1, 3);
    known
        .into_iter()
        .filter_map(|name| {
            let plain = plain(name);
            let near = plain.len().abs_diff(meant.len()) <= limit;
            // A custom field of a namespace or of a project is often named without its prefix.
            let inside = plain.len() > meant.len() && meant.len() > 3 && plain.ends_with(&meant);
            let distance = if near {
                distance(&meant, &plain)
            } else if inside {
                limit
            } else {
                return None;
            };
            (distance <= limit).then_some((distance, name))
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

fn plain(name: &str) -> Vec<u8> {
    let lower = name.to_ascii_lowercase();
    let base = lower.strip_suffix("__c").or_else(|| lower.strip_suffix("__r")).unwrap_or(&lower);
    base.bytes().filter(|byte| *byte != b'_').collect()
}

/// Insertions, deletions, replacements, and neighbours that changed places.
fn distance(a: &[u8], b: &[u8]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut row = Vec::with_capacity(b.len() + 1);
        row.push(i + 1);
        for (j, y) in b.iter().enumerate() {
            let mut best = (last[j] + usize::from(x != y)).min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *x == b[j - 1] && a[i - 1] == *y {
                best = best.min(before[j - 1] + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut last, row);
    }
    last.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_found_and_a_far_one_is_not() {
        let known = ["Id", "Name", "Industry", "AnnualRevenue", "CX_Plan__c", "Owner", "BillingCity"];
        for (wrong, meant) in [
            ("industri", Some("Industry")),
            ("Idnustry", Some("Industry")),
            ("Annual_Revenue", Some("AnnualRevenue")),
            ("cx_plan", Some("CX_Plan__c")),
            ("CX_Plan__r", Some("CX_Plan__c")),
            ("Plan__c", Some("CX_Plan__c")),
            ("Nmae", Some("Name")),
            ("I", Some("Id")),
            ("Website", None),
            ("OwnerName", None),
            ("X", None),
            ("", None),
        ] {
            assert_eq!(closest(wrong, known), meant, "{wrong}");
        }
    }
}
