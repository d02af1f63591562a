//! Ids as numbers, to cut a stretch of them into pieces with about as many rows each.
use crate::SfId;

const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// The 15 characters as a number to the base 62; its order is the order of ids.
pub(super) fn number(id: SfId) -> u128 {
    let digit = |b: u8| DIGITS.iter().position(|d| *d == b).unwrap_or_default() as u128;
    id.as_15().bytes().fold(0, |number, b| number * 62 + digit(b))
}

/// The id of a number below 62^15.
pub(super) fn id(mut number: u128) -> Option<SfId> {
    let mut text = [b'0'; 15];
    for place in text.iter_mut().rev() {
        *place = *DIGITS.get((number % 62) as usize)?;
        number /= 62;
    }
    let text = std::str::from_utf8(&text).ok()?;
    (number == 0).then(|| SfId::new(text).ok())?
}

/// What is known of the rows that are still to be read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stretch {
    /// The id read last.
    pub(super) after: u128,
    /// No row has a greater id, if that is known.
    pub(super) end: Option<u128>,
    /// How many rows there are.
    pub(super) rows: u64,
    /// How far two ids are apart, by the rows read last.
    pub(super) gap: f64,
}

impl Stretch {
    /// Where to cut it into `parts` pieces: at most `parts - 1` places, rising, each the last id of its piece.
    ///
    /// Ids are not evenly spread: an org numbers them in blocks, and rows that came from another instance are far away
    /// from the others. So the first piece is as long as its share would be if the rows went on as densely as those read
    /// last, and each further one is longer by the same factor, so that the last reaches the end. Dense rows give even
    /// pieces, a far end a piece for every scale; what still is too large is cut again when its first page is there.
    #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    pub(super) fn cuts(self, parts: usize) -> Vec<u128> {
        let share = (self.gap * self.rows as f64 / parts as f64).max(1.0);
        let even = share * parts as f64;
        let span = self.end.map_or(even, |end| end.saturating_sub(self.after) as f64);
        let (first, factor) = match span > even {
            true => (share, factor(span / share, parts)),
            false => (span / parts as f64, 1.0),
        };
        let mut cuts = Vec::with_capacity(parts.saturating_sub(1));
        let (mut width, mut offset) = (first, 0.0);
        for _ in 1..parts {
            offset += width;
            width *= factor;
            let cut = self.after.saturating_add(offset as u128);
            let inside = cut > cuts.last().copied().unwrap_or(self.after);
            if inside && self.end.is_none_or(|end| cut < end) {
                cuts.push(cut);
            }
        }
        cuts
    }
}

/// The `f` above 1 with `1 + f + … + f^(parts - 1) = sum`, by halving.
#[allow(clippy::cast_possible_truncation, clippy::cast_possible_wrap)]
fn factor(sum: f64, parts: usize) -> f64 {
    let reach = |f: f64| (0..parts as i32).map(|i| f.powi(i)).sum::<f64>();
    let (mut low, mut high) = (1.0, sum.max(1.0));
    for _ in 0..100 {
        let middle = f64::midpoint(low, high);
        if reach(middle) < sum { low = middle } else { high = middle }
    }
    high
}

/// How far two ids are apart in a page: by its denser half, because one leap makes the other look thin.
#[allow(clippy::cast_precision_loss)]
pub(super) fn gap(ids: (u128, u128, u128), rows: usize) -> f64 {
    let (first, middle, last) = ids;
    let half = (rows / 2).max(1) as f64;
    let gap = |from: u128, to: u128| to.saturating_sub(from) as f64 / half;
    let (front, back) = (gap(first, middle), gap(middle, last));
    match rows {
        0..=3 => gap(first, last),
        _ => front.min(back),
    }
    .max(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn stretch(after: u128, end: Option<u128>, rows: u64, gap: f64) -> Stretch {
        Stretch { after, end, rows, gap }
    }

    #[test]
    fn an_id_is_a_number_and_back() {
        let one = SfId::new("001000000000001").unwrap();
        assert_eq!(number(one), 62_u128.pow(12) + 1);
        assert_eq!(id(number(one)), Some(one));
        let greatest = SfId::new("zzzzzzzzzzzzzzz").unwrap();
        assert_eq!(id(number(greatest)), Some(greatest));
        assert_eq!(id(number(greatest) + 1), None);
    }

    #[test]
    fn dense_rows_give_even_pieces() {
        assert_eq!(stretch(1_000, Some(1_400), 400, 1.0).cuts(4), [1_100, 1_200, 1_300]);
        // Without an end by what the rows read last let expect.
        assert_eq!(stretch(1_000, None, 400, 2.0).cuts(4), [1_200, 1_400, 1_600]);
        // The expectation is too high: the end is known.
        assert_eq!(stretch(1_000, Some(1_400), 400, 50.0).cuts(4), [1_100, 1_200, 1_300]);
    }

    #[test]
    fn a_far_end_gives_a_piece_for_every_scale() {
        let cuts = stretch(0, Some(1_000_000), 400, 1.0).cuts(4);
        assert_eq!(cuts[0], 100);
        assert!((1_000..5_000).contains(&cuts[1]) && (20_000..80_000).contains(&cuts[2]), "{cuts:?}");
    }

    #[test]
    fn nothing_is_cut_where_there_is_no_room() {
        assert!(stretch(5, Some(6), 1, 1.0).cuts(8).is_empty());
        assert!(stretch(5, Some(5), 3, 1.0).cuts(8).is_empty());
        assert!(stretch(5, Some(1_000), 100, 1.0).cuts(1).is_empty());
    }

    proptest! {
        #[test]
        fn ids_and_numbers_have_one_order(a in "[0-9A-Za-z]{15}", b in "[0-9A-Za-z]{15}") {
            let (a, b) = (SfId::new(a).unwrap(), SfId::new(b).unwrap());
            prop_assert_eq!(number(a).cmp(&number(b)), a.cmp(&b));
            prop_assert_eq!(id(number(a)), Some(a));
        }

        #[test]
        fn cuts_rise_and_stay_inside(
            after in 0..u128::from(u64::MAX), width in 0..u128::from(u64::MAX), known: bool,
            rows in 0..10_000_000_u64, gap in 1.0..1e20, parts in 1..20_usize,
        ) {
            let end = known.then(|| after + width);
            let cuts = stretch(after, end, rows, gap).cuts(parts);
            prop_assert!(cuts.len() < parts);
            prop_assert!(cuts.first().is_none_or(|cut| *cut > after));
            prop_assert!(cuts.is_sorted_by(|a, b| a < b));
            prop_assert!(end.is_none_or(|end| cuts.iter().all(|cut| *cut < end)));
        }
    }
}
