//! How long this thread has worked. What other threads and programs take of the processor is not counted, so that a
//! bound on it finds a step that is quadratic and no machine that is busy.
use std::time::Duration;

pub(crate) struct Work(Duration);

impl Work {
    pub(crate) fn start() -> Work {
        Work(now())
    }
    pub(crate) fn time(&self) -> Duration {
        now().saturating_sub(self.0)
    }
}

#[cfg(unix)]
fn now() -> Duration {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    now.try_into().unwrap()
}
#[cfg(not(unix))]
fn now() -> Duration {
    static START: std::sync::OnceLock<std::time::Instant> = std::sync::OnceLock::new();
    START.get_or_init(std::time::Instant::now).elapsed()
}
