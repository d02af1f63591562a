//! Randomness.
use std::fmt;

/// The only source of randomness: keys, jitter, state parameters. Tests take one with a seed.
pub trait Entropy: fmt::Debug + Send + Sync + 'static {
    /// Fills the slice.
    fn fill(&self, bytes: &mut [u8]);
}

impl dyn Entropy {
    /// 64 random bits.
    pub fn next_u64(&self) -> u64 {
        let mut bytes = [0; 8];
        self.fill(&mut bytes);
        u64::from_le_bytes(bytes)
    }
}

/// The operating system's random bytes, good enough for keys.
///
/// On a system that has none it waits for them: weak keys would be worse. Not there on
/// `wasm32-unknown-unknown`, where no operating system is: the host brings its own [`Entropy`].
#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
#[derive(Debug, Clone, Copy, Default)]
pub struct OsEntropy;

#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
impl Entropy for OsEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        while getrandom::fill(bytes).is_err() {
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differs_each_time() {
        let entropy: &dyn Entropy = &OsEntropy;
        let (mut a, mut b) = ([0; 32], [0; 32]);
        entropy.fill(&mut a);
        entropy.fill(&mut b);
        assert_ne!(a, b);
        assert_ne!(entropy.next_u64(), entropy.next_u64());
    }
}
