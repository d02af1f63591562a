//! One record a line: `crc32 length json\n`. JSON has no raw line break, so a damaged line never swallows the next one.

/// The line that keeps `json`.
pub(super) fn encode(json: &str) -> String {
    format!("{:08x} {} {json}\n", crc32fast::hash(json.as_bytes()), json.len())
}

/// The JSON of a whole line without its line break; `None`: damaged.
pub(super) fn decode(line: &[u8]) -> Option<&str> {
    let line = std::str::from_utf8(line).ok()?;
    let (checksum, rest) = line.split_once(' ')?;
    let (length, json) = rest.split_once(' ')?;
    let whole = checksum.len() == 8
        && length.parse() == Ok(json.len())
        && u32::from_str_radix(checksum, 16) == Ok(crc32fast::hash(json.as_bytes()));
    whole.then_some(json)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_record_comes_back_and_no_part_of_it_passes_for_one(text in "[^\n]{0,60}", cut in 0usize..80, flip in 0usize..80) {
            let line = encode(&text);
            let whole = line.trim_end_matches('\n').as_bytes();
            prop_assert_eq!(decode(whole), Some(text.as_str()));
            if cut < whole.len() {
                prop_assert_eq!(decode(&whole[..cut]), None);
            }
            let mut damaged = whole.to_vec();
            if let Some(byte) = damaged.get_mut(flip) {
                *byte ^= 1;
                // The checksum is hexadecimal: a flipped bit may only change its case.
                prop_assert!(decode(&damaged).is_none_or(|same| same == text));
            }
        }
    }
}
