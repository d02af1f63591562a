//! The end of a process that was given up. On a thread of its own: it needs no runtime, and no runtime that ends cuts it short.
use std::{
    sync::{Arc, mpsc},
    thread,
    time::{Duration, Instant},
};
use tokio::{process::Child, sync::oneshot};

/// From the request to end to the kill: the command ends within 0.4 s and may be writing its login file.
const FAREWELL: Duration = Duration::from_secs(2);
/// From the kill on: longer lasts only who waits for a disk that does not answer, and the others do not wait for that.
const KILLED: Duration = Duration::from_secs(2);
/// Between two looks whether anybody is left.
const LOOK: Duration = Duration::from_millis(20);

/// What others may have when a process has gone: its place, its turn, its files, its port.
pub(crate) type Held = Arc<dyn Send + Sync>;

/// Asks the child and what it started to end, and kills who has not gone two seconds later. The answer comes when nobody is left and
/// `held` is let go, which waits for nobody who listens.
pub(crate) fn begin(mut child: Child, id: u32, held: Held) -> oneshot::Receiver<()> {
    ask_to_end(&mut child, id);
    let (gone, has_gone) = oneshot::channel();
    let (hand_over, taken) = mpsc::channel::<(Child, Held, oneshot::Sender<()>)>();
    let thread = thread::Builder::new().name("sf-farewell".to_owned()).spawn(move || {
        let Ok((child, held, gone)) = taken.recv() else { return };
        wait(child, id);
        drop(held);
        let _ = gone.send(());
    });
    match thread {
        Ok(_) => drop(hand_over.send((child, held, gone))),
        // Nobody would see it go: it must not be there any more when the next one comes.
        Err(_) => kill(&mut child, id),
    }
    has_gone
}

#[cfg(unix)]
fn wait(mut child: Child, id: u32) {
    let last = Instant::now() + FAREWELL;
    let (mut ended, mut killed) = (false, false);
    loop {
        ended = ended || !matches!(child.try_wait(), Ok(None));
        // A shell in front of node ends at once, node after it. No other process gets the number of a group that has members.
        if ended && !is_left(id) || killed && Instant::now() >= last + KILLED {
            return;
        }
        if !killed && Instant::now() >= last {
            kill(&mut child, id);
            killed = true;
        } else {
            thread::sleep(LOOK);
        }
    }
}

#[cfg(unix)]
fn ask_to_end(_: &mut Child, id: u32) {
    signal(id, rustix::process::Signal::TERM);
}
#[cfg(unix)]
fn kill(_: &mut Child, id: u32) {
    signal(id, rustix::process::Signal::KILL);
}
/// To the group that the child leads, which holds nothing but what it started.
#[cfg(unix)]
fn signal(id: u32, signal: rustix::process::Signal) {
    if let Some(group) = group(id) {
        // Gone already: what was wanted.
        let _ = rustix::process::kill_process_group(group, signal);
    }
}
#[cfg(unix)]
fn is_left(id: u32) -> bool {
    group(id).is_some_and(|group| rustix::process::test_kill_process_group(group).is_ok())
}
#[cfg(unix)]
fn group(id: u32) -> Option<rustix::process::Pid> {
    i32::try_from(id).ok().and_then(rustix::process::Pid::from_raw)
}

/// There is no request to end.
#[cfg(not(unix))]
fn ask_to_end(child: &mut Child, id: u32) {
    kill(child, id);
}
#[cfg(not(unix))]
fn kill(child: &mut Child, _: u32) {
    drop(child.start_kill());
}
#[cfg(not(unix))]
fn wait(mut child: Child, _: u32) {
    let last = Instant::now() + FAREWELL;
    while matches!(child.try_wait(), Ok(None)) && Instant::now() < last + KILLED {
        thread::sleep(LOOK);
    }
}
