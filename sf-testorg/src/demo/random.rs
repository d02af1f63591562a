//! Random numbers that are the same in every release.
//!
//! A journal holds only the seed of the data set it continues, so the numbers must never change with a dependency: SplitMix64,
//! published and fixed, instead of a crate whose algorithm may.

/// A stream of random numbers.
#[derive(Debug, Clone)]
pub(crate) struct Random(u64);

impl Random {
    /// The stream of one row: independent of how many rows there are before it.
    pub(crate) fn of(seed: u64, what: &str, index: u64) -> Random {
        let mut state = Random(seed ^ 0x5f3d_7a11_c9e2_4b06);
        for byte in what.bytes() {
            state.0 = state.next() ^ u64::from(byte);
        }
        state.0 = state.next() ^ index.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        state.next();
        state
    }

    /// The next 64 random bits.
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `n`; 0 when `n` is.
    pub(crate) fn below(&mut self, n: u64) -> u64 {
        // The high half of the product: as even as 64 bits allow, without a loop.
        ((u128::from(self.next()) * u128::from(n)) >> 64) as u64
    }

    /// A number from `low` up to and including `high`.
    pub(crate) fn range(&mut self, low: i64, high: i64) -> i64 {
        low + i64::try_from(self.below(u64::try_from(high - low + 1).unwrap_or(1))).unwrap_or(0)
    }

    /// `true` in `percent` of 100 cases.
    pub(crate) fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// One of the items. The list must not be empty.
    pub(crate) fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        *self.choose(items)
    }

    /// One of the items, where it is. The list must not be empty.
    pub(crate) fn choose<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[usize::try_from(self.below(items.len() as u64)).unwrap_or(0)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_those_of_splitmix64() {
        // The first outputs for seed 1234567 in the reference implementation by Sebastiano Vigna.
        let mut random = Random(1_234_567);
        let first: Vec<u64> = (0..3).map(|_| random.next()).collect();
        assert_eq!(first, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
    }

    #[test]
    fn bounds_are_kept() {
        let mut random = Random::of(1, "x", 0);
        assert!((0..10_000).all(|_| random.below(7) < 7));
        assert!((0..10_000).all(|_| (-3..=3).contains(&random.range(-3, 3))));
        assert_eq!(random.below(0), 0);
    }
}
