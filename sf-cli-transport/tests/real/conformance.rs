//! The suite that every transport passes.
use crate::real::Real;
use sf_core::conformance;
use sf_testorg::TestOrg;

/// The cases by turns, so that two processors have something to do.
async fn conforms(nth: usize) {
    let real = Real::of(TestOrg::empty()).await;
    let transport = real.transport();
    let mut broken = Vec::new();
    for name in conformance::cases().skip(nth).step_by(2) {
        if let Err(problem) = conformance::run_case(name, &transport, &real.org).await {
            broken.push(format!("{name}: {problem}"));
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
    // Half a second each: the tests of this folder are to need about 600 together.
    let spawns = sf_core::Transport::usage(&transport).spawns;
    assert!((20..=200).contains(&spawns), "{spawns} processes");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs the real sf command (SF_REAL_COMMAND)"]
async fn the_even_half_of_the_suite_passes() {
    conforms(0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs the real sf command (SF_REAL_COMMAND)"]
async fn the_odd_half_of_the_suite_passes() {
    conforms(1).await;
}
