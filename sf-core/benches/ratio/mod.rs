//! Two pieces of work on the same data in turns, so that whatever else the machine does hits both.
use std::{hint::black_box, time::Instant};

const BLOCKS: usize = 15;
const ROUNDS: usize = 12;

/// The time of `ours` as a multiple of that of `theirs`: the median over blocks of rounds.
pub(crate) fn of<A, B>(ours: impl Fn() -> A, theirs: impl Fn() -> B) -> f64 {
    for _ in 0..10 {
        black_box((ours(), theirs()));
    }
    let mut ratios: Vec<f64> = (0..BLOCKS)
        .map(|_| {
            // Other programs only ever add time: a block's fastest rounds are its truth.
            let mut fastest = [f64::INFINITY; 2];
            for round in 0..ROUNDS {
                let order = if round % 2 == 0 { [0, 1] } else { [1, 0] };
                for side in order {
                    let took = if side == 0 { seconds(&ours) } else { seconds(&theirs) };
                    fastest[side] = fastest[side].min(took);
                }
            }
            fastest[0] / fastest[1]
        })
        .collect();
    ratios.sort_by(f64::total_cmp);
    ratios[BLOCKS / 2]
}

fn seconds<T>(work: impl FnOnce() -> T) -> f64 {
    let start = Instant::now();
    // The whole life of what is made: what is allocated also has to be freed.
    drop(black_box(work()));
    start.elapsed().as_secs_f64()
}
