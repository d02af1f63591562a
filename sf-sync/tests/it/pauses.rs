//! An org that is shut is not asked all day.
use crate::desk::*;
use sf_core::Clock;
use sf_sync::{Status, Step, Work};
use sf_testorg::{Effect, Fault, On};
use std::time::Duration;

#[test]
fn given_an_org_that_refuses_every_write_when_a_day_passes_then_the_pauses_grow_and_the_change_waits() {
    // After a 503 nobody knows what was saved: that is looked up each time.
    for (status, code, most) in [(503, "SERVER_UNAVAILABLE", 900), (403, "INSUFFICIENT_ACCESS", 600)] {
        let desk = Desk::new();
        let id = desk.account(&[(PLAY, "Grow")]);
        let change = desk.edit(id, PLAY, "Adopt");
        desk.sim.inject(
            Fault::new(On::Operation("update".into()), Effect::Status(status, code.into())).times(100_000),
        );
        desk.calls();
        let clock = desk.sim.clock();
        let end = clock.now() + Duration::from_secs(86_400);
        while clock.now() < end {
            match desk.run(desk.engine.next(&Work::Push)).unwrap() {
                Step::Idle => panic!("{status}: nobody waits for the org"),
                Step::Wait { until, .. } => clock.advance_to(until),
                step => {
                    let answer = desk.run(desk.engine.perform(&step));
                    desk.run(desk.engine.settle(&step, answer)).unwrap();
                }
            }
        }
        let calls = desk.calls();
        let writes = calls.iter().filter(|c| *c == "update").count();
        assert!((200..300).contains(&writes), "{status}: {writes} writes");
        assert!(calls.len() < most, "{status}: {} calls", calls.len());
        assert_eq!(desk.status(change), Status::Pending, "{status}");
        desk.sim.clear_faults();
        desk.wait(600);
        desk.push();
        assert_eq!(desk.status(change), Status::Pushed, "{status}");
    }
}
