use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::{Value as Json, json};
use sf_core::{Org, Usage};
use std::{
    io::{IsTerminal, Write},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

/// Rows applied locally since the step began, and how many are expected (0: not known). The desk counts, the bar reads.
#[derive(Debug, Default)]
pub struct Progress {
    pub done: AtomicU64,
    pub expected: AtomicU64,
}

/// What one step cost.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Figures {
    pub rows: u64,
    pub api_calls: u64,
    pub bytes: u64,
    pub ms: u64,
}

/// Tells the story: text with a progress bar for people, one JSON object per step for programs.
#[derive(Debug)]
pub struct Narrator {
    json: bool,
    bar_allowed: bool,
    progress: Arc<Progress>,
    org: Option<Org>,
    step: Option<Step>,
}

#[derive(Debug)]
struct Step {
    n: u32,
    title: String,
    started: Instant,
    before: Usage,
    entries: Vec<Json>,
    bar: Option<(Sender<()>, JoinHandle<()>)>,
}

impl Narrator {
    pub fn new(json: bool) -> Narrator {
        Narrator {
            json,
            bar_allowed: !json && std::io::stdout().is_terminal(),
            progress: Arc::default(),
            org: None,
            step: None,
        }
    }

    pub fn progress(&self) -> Arc<Progress> {
        self.progress.clone()
    }

    /// The org whose calls and bytes are counted from now on.
    pub fn watch(&mut self, org: Org) {
        self.org = Some(org);
    }

    fn usage(&self) -> Usage {
        self.org.as_ref().map(|o| o.transport().usage()).unwrap_or_default()
    }

    /// Text for people, outside or inside a step.
    pub fn say(&self, text: impl AsRef<str>) {
        if !self.json {
            print_line(&mut std::io::stdout(), text.as_ref());
        }
    }

    /// One fact of the running step: a line for people, an entry for programs.
    pub fn tell(&mut self, text: impl AsRef<str>, entry: Json) {
        self.say(format!("   {}", text.as_ref()));
        self.record(entry);
    }

    /// A fact for programs alone; people have seen it in another form.
    pub fn record(&mut self, entry: Json) {
        if let Some(step) = &mut self.step {
            step.entries.push(entry);
        }
    }

    pub fn begin(&mut self, n: u32, title: &str) {
        let before = self.usage();
        self.say(format!("\n{n}. {title}"));
        self.progress.done.store(0, Ordering::Relaxed);
        self.progress.expected.store(0, Ordering::Relaxed);
        let bar = self.bar_allowed.then(|| {
            let (stop, stopped) = channel();
            let progress = self.progress.clone();
            (stop, std::thread::spawn(move || draw(&progress, &stopped)))
        });
        self.step = Some(Step {
            n,
            title: title.to_owned(),
            started: Instant::now(),
            before,
            entries: Vec::new(),
            bar,
        });
    }

    /// What the running step cost so far.
    pub fn figures(&self, rows: u64) -> Figures {
        let Some(step) = &self.step else { return Figures::default() };
        let now = self.usage();
        let bytes = |u: &Usage| u.bytes_in + u.bytes_out;
        Figures {
            rows,
            api_calls: now.calls.saturating_sub(step.before.calls),
            bytes: bytes(&now).saturating_sub(bytes(&step.before)),
            ms: u64::try_from(step.started.elapsed().as_millis()).unwrap_or(u64::MAX),
        }
    }

    /// The step is done: everything it did is durable before this prints.
    pub fn end(&mut self, figures: Figures) {
        let Some(step) = self.step.take() else { return };
        stop(step.bar);
        if self.json {
            let object = json!({
                "step": step.title, "n": step.n, "ok": true, "rows": figures.rows, "api_calls": figures.api_calls,
                "bytes": figures.bytes, "ms": figures.ms, "entries": step.entries,
            });
            print_line(&mut std::io::stdout(), &object.to_string());
        } else {
            self.say(format!("   {}", cost(figures)));
        }
    }

    /// A step that an earlier run finished.
    pub fn done_before(&self, n: u32, title: &str) {
        self.say(format!("\n{n}. {title}: done by an earlier run"));
    }

    /// The story ends here.
    pub fn failed(&mut self, reason: &str, next_step: &str) {
        let figures = self.figures(0);
        let step = self.step.take();
        if self.json {
            let (n, title) = step.as_ref().map_or((0, ""), |s| (s.n, s.title.as_str()));
            let object = json!({
                "step": title, "n": n, "ok": false, "rows": 0, "api_calls": figures.api_calls,
                "bytes": figures.bytes, "ms": figures.ms,
                "entries": step.as_ref().map_or(&[][..], |s| s.entries.as_slice()),
                "error": reason, "next_step": next_step,
            });
            print_line(&mut std::io::stdout(), &object.to_string());
        }
        if let Some(step) = step {
            stop(step.bar);
            self.say(format!("   {}", cost(figures)));
        }
        print_line(&mut std::io::stderr(), &format!("error: {reason}\nnext step: {next_step}"));
    }
}

fn print_line(out: &mut dyn Write, text: &str) {
    // A reader that went away (`| head`) is not this program's failure: the work goes on and is kept.
    let _ = writeln!(out, "{text}").and_then(|()| out.flush());
}

fn stop(bar: Option<(Sender<()>, JoinHandle<()>)>) {
    if let Some((stop, thread)) = bar {
        drop(stop);
        let _ = thread.join();
    }
}

/// Nothing for the first second, then a bar until the step ends.
fn draw(progress: &Progress, stopped: &Receiver<()>) {
    let wait = |time| matches!(stopped.recv_timeout(time), Err(RecvTimeoutError::Timeout));
    if !wait(Duration::from_secs(1)) {
        return;
    }
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stdout());
    while wait(Duration::from_millis(100)) {
        let expected = progress.expected.load(Ordering::Relaxed);
        if expected > 0 && bar.length() != Some(expected) {
            bar.set_length(expected);
            if let Ok(style) = ProgressStyle::with_template("   [{bar:40}] {pos}/{len} rows  {elapsed}") {
                bar.set_style(style);
            }
        }
        bar.set_position(progress.done.load(Ordering::Relaxed));
        bar.tick();
    }
    bar.finish_and_clear();
}

/// `120 rows · 3 API calls · 45.2 kB · 31 ms`
pub fn cost(f: Figures) -> String {
    format!(
        "{} · {} · {} · {}",
        count(f.rows, "row"),
        count(f.api_calls, "API call"),
        size(f.bytes),
        time(f.ms)
    )
}

/// `1 row`, `2 rows`.
pub fn count(n: u64, noun: &str) -> String {
    match (n, noun.strip_suffix('y')) {
        (1, _) => format!("1 {noun}"),
        (_, Some(stem)) => format!("{n} {stem}ies"),
        (_, None) => format!("{n} {noun}s"),
    }
}

fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}

fn time(ms: u64) -> String {
    if ms < 10_000 { format!("{ms} ms") } else { format!("{:.1} s", ms as f64 / 1e3) }
}
