//! What is logged from now on, as long as somebody looks: a thread that follows the sources, and ends
//! with who looks. It waits for whoever takes its frames, and the follower for it: nothing is queued.

use super::{
    MOST_SOURCES, Reel, SourceAt, allowed,
    file_lane::of_id,
    journal_lane::{Parts, is_wanted},
    now_ms,
    page::{Item, MOST_ENTRIES, Place},
    settings,
};
use ira_logs::{
    filter::Filter,
    follow::{
        Batch, FileId, Follower, Gap, Refusal, Settings, SourceId, Start, State, Turn, What,
        plain_files,
    },
    journal::{From, Journal, Next, Way},
    pages::{shown, time_of},
    parse::{Entry, Parser},
};
use std::{
    collections::{HashMap, VecDeque},
    path::Path,
    time::{Duration, Instant},
};
use tokio::sync::mpsc;

/// The most often that something is told.
const PERIOD: Duration = Duration::from_millis(100);
/// An entry to which nothing was added for so long is complete.
const COMPLETE: Duration = Duration::from_millis(300);
/// The longest that the thread waits before it looks whether anybody still does.
const WAIT: Duration = Duration::from_secs(1);
/// Notices of one frame.
const MOST_NOTICES: usize = 100;

/// Something between two lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Notice {
    /// Which of the sources.
    pub source: usize,
    /// When it was noticed, milliseconds since 1970.
    pub at_ms: i64,
    /// What.
    pub kind: NoticeKind,
}

/// What may stand between two lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoticeKind {
    /// Another file has the name now.
    Rotated,
    /// The file was emptied.
    Truncated,
    /// The file was removed.
    Removed,
    /// Lines may be missing.
    Gap,
}

/// What came together.
#[derive(Debug, Default)]
pub struct Frame {
    /// In order of time.
    pub entries: Vec<Item>,
    /// What else happened.
    pub notices: Vec<Notice>,
    /// Wanted entries that are not told, for their number.
    pub left_out: u32,
    /// What cannot be followed.
    pub problems: Vec<(usize, Refusal)>,
}

/// Somebody who looks; dropping it ends the thread.
#[derive(Debug)]
pub struct Tail(mpsc::Receiver<Frame>);

impl Tail {
    /// Follows sources behind their places, or from now on.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn start(sources: &[SourceAt], filter: Filter, boot_ms: i64) -> std::io::Result<Self> {
        let (tell, told) = mpsc::channel(1);
        let sources: Vec<_> = sources.iter().take(MOST_SOURCES).cloned().collect();
        std::thread::Builder::new()
            .name("ira-logs".to_owned())
            .spawn(move || Following::new(&sources, filter, boot_ms).run(&tell))?;
        Ok(Self(told))
    }

    /// What came since the last frame, once something has; `None` when nothing will.
    pub async fn next(&mut self) -> Option<Frame> {
        self.0.recv().await
    }
}

/// A file that is followed.
struct OfFile {
    source: usize,
    id: SourceId,
    lines: Lines,
    /// The number that the follower counts a file by, and which it is.
    file: Option<(u32, FileId)>,
}

/// The lines of one source, on their way to be entries.
struct Lines {
    parser: Parser,
    /// Where the entry begins that the parser holds.
    begins: Option<Place>,
    hit: bool,
    fed_at: Instant,
}

impl Lines {
    fn new(boot_ms: i64) -> Self {
        let parser = Parser::new(settings(now_ms(), boot_ms));
        Self { parser, begins: None, hit: false, fed_at: Instant::now() }
    }
}

struct Following {
    filter: Filter,
    follower: Follower,
    batch: Batch,
    files: Vec<OfFile>,
    by_id: HashMap<SourceId, usize>,
    journal: Option<(Journal, Parts, Lines)>,
    frame: Gathering,
    refused: Vec<(usize, Refusal)>,
}

/// The frame that is being filled.
#[derive(Default)]
struct Gathering {
    entries: VecDeque<Item>,
    notices: Vec<Notice>,
    left_out: u32,
}

impl Gathering {
    fn add(&mut self, source: usize, place: Place, entry: &Entry) {
        // What comes without a time came now.
        let (at_ms, when) = time_of(entry, None, now_ms());
        if self.entries.len() >= MOST_ENTRIES {
            self.entries.pop_front();
            self.left_out = self.left_out.saturating_add(1);
        }
        self.entries.push_back(Item { source, place, at_ms, when, entry: shown(entry) });
    }

    fn notice(&mut self, source: usize, kind: NoticeKind) {
        if self.notices.len() < MOST_NOTICES {
            self.notices.push(Notice { source, at_ms: now_ms(), kind });
        }
    }
}

impl Following {
    fn new(sources: &[SourceAt], filter: Filter, boot_ms: i64) -> Self {
        let now = Instant::now();
        let mut follower = Follower::new(Settings::default(), allowed());
        let mut refused = Vec::new();
        let (mut files, mut of_journal, mut cursor) = (Vec::new(), Vec::new(), None);
        for (source, (about, place)) in sources.iter().enumerate() {
            match (&about.reel, place) {
                (Reel::Journal(part), place) => {
                    of_journal.push((source, part.clone()));
                    if let Some(Place::Journal(one)) = place {
                        cursor = Some(one.clone());
                    }
                }
                (Reel::File(path), place) => {
                    let (start, file) = match place {
                        Some(Place::File { file, offset }) => {
                            (start(path, *file, *offset), Some((0, *file)))
                        }
                        _ => (Start::End, None),
                    };
                    match follower.follow(path, start, now) {
                        Ok(id) => {
                            files.push(OfFile { source, id, lines: Lines::new(boot_ms), file })
                        }
                        Err(error) => refused.push((source, Refusal::Fault(error.to_string()))),
                    }
                }
            }
        }
        let mut journal = None;
        if !of_journal.is_empty() {
            let parts = Parts::new(of_journal);
            let from = cursor.map_or(From::Newest, From::Cursor);
            match Journal::read(parts.all(), &from, Way::Follow, Some(follower.bell())) {
                Ok(begun) => journal = Some((begun, parts, Lines::new(boot_ms))),
                Err(error) => {
                    let refusal = Refusal::Fault(format!("journalctl: {error}"));
                    refused.extend(parts.sources().iter().map(|one| (*one, refusal.clone())));
                }
            }
        }
        let by_id = files.iter().enumerate().map(|(at, one)| (one.id, at)).collect();
        let (batch, frame) = (Batch::new(), Gathering::default());
        Self { filter, follower, batch, files, by_id, journal, frame, refused }
    }

    fn run(mut self, tell: &mpsc::Sender<Frame>) {
        let bell = self.follower.bell();
        let mut told: Option<Vec<(usize, Refusal)>> = None;
        while !tell.is_closed() {
            let started = Instant::now();
            self.look(started);
            let problems = self.problems();
            let is_news = told.as_ref() != Some(&problems);
            if is_news || !self.frame.entries.is_empty() || !self.frame.notices.is_empty() {
                told = Some(problems.clone());
                let Gathering { entries, notices, left_out } = std::mem::take(&mut self.frame);
                let mut entries: Vec<_> = entries.into();
                entries.sort_by_key(|item| item.at_ms);
                if tell.blocking_send(Frame { entries, notices, left_out, problems }).is_err() {
                    return;
                }
            }
            // What comes together is told together.
            std::thread::sleep(PERIOD.saturating_sub(started.elapsed()));
            let now = Instant::now();
            let wait = if self.is_unfinished() { COMPLETE } else { WAIT };
            bell.wait(wait.min(self.follower.idle(now).max(Duration::from_millis(1))));
        }
    }

    /// Takes what there is, for a period at most.
    fn look(&mut self, started: Instant) {
        let mut batch = std::mem::take(&mut self.batch);
        loop {
            self.follower.poll(Instant::now(), &mut batch);
            self.take(&batch);
            if !batch.more() || started.elapsed() >= PERIOD {
                break;
            }
        }
        self.batch = batch;
        self.take_journal(started + PERIOD);
        let now = Instant::now();
        let (filter, frame) = (&self.filter, &mut self.frame);
        for one in &mut self.files {
            if now.saturating_duration_since(one.lines.fed_at) >= COMPLETE {
                let source = one.source;
                one.lines.flush(filter, |place, entry| frame.add(source, place, entry));
            }
        }
        if let Some((_, parts, lines)) = &mut self.journal
            && now.saturating_duration_since(lines.fed_at) >= COMPLETE
        {
            flush_journal(parts, lines, filter, frame);
        }
    }

    fn take(&mut self, batch: &Batch) {
        for told in batch.entries() {
            let Some(one) = self.by_id.get(&told.source).and_then(|at| self.files.get_mut(*at))
            else {
                continue;
            };
            let (source, frame) = (one.source, &mut self.frame);
            match told.what {
                What::Line(line) => {
                    if one.file.is_none_or(|(number, _)| number != told.file) {
                        let marks = self.follower.checkpoint(one.id).unwrap_or_default().marks;
                        let mark = marks.iter().find(|mark| mark.file == told.file);
                        one.file = mark.map(|mark| (told.file, mark.id));
                    }
                    // One that is not known any more was told to its end.
                    let gone = FileId { device: 0, inode: 0 };
                    let file = one.file.map_or(gone, |(_, file)| file);
                    let place = Place::File { file, offset: told.offset };
                    one.lines.feed(batch.text(line), place, &self.filter, |place, entry| {
                        frame.add(source, place, entry);
                    });
                }
                What::LeftOut(_) => {}
                What::Gap(Gap::Hole(_)) => {}
                What::Gap(_) => frame.notice(source, NoticeKind::Gap),
                What::Turned(turned) => {
                    one.lines.flush(&self.filter, |place, entry| frame.add(source, place, entry));
                    one.file = None;
                    frame.notice(
                        source,
                        match turned.turn {
                            Turn::Rotated | Turn::Moved => NoticeKind::Rotated,
                            Turn::Truncated => NoticeKind::Truncated,
                            Turn::Removed => NoticeKind::Removed,
                        },
                    );
                    if !turned.whole {
                        frame.notice(source, NoticeKind::Gap);
                    }
                }
            }
        }
    }

    fn take_journal(&mut self, until: Instant) {
        let Some((journal, parts, lines)) = &mut self.journal else { return };
        // What waits is taken; nothing is waited for.
        while Instant::now() < until {
            match journal.next_until(Instant::now()) {
                Next::Nothing => return,
                Next::Line(line) => {
                    let (filter, frame) = (&self.filter, &mut self.frame);
                    if let Some(done) = lines.parser.line(&line.json)
                        && is_wanted(filter, done)
                        && let Some((source, place)) = parts.owner(done).zip(lines.begins.take())
                    {
                        frame.add(source, place, done);
                    }
                    let goes_on =
                        lines.parser.pending().is_some_and(|entry| entry.continuation_lines > 0);
                    if lines.begins.is_none() || !goes_on {
                        lines.begins = Some(Place::Journal(line.cursor));
                    }
                    lines.fed_at = Instant::now();
                }
                Next::End(complaint) => {
                    let complaint = complaint.unwrap_or_else(|| "it ended".to_owned());
                    let refusal = Refusal::Fault(format!("journalctl: {complaint}"));
                    self.refused.extend(parts.sources().iter().map(|one| (*one, refusal.clone())));
                    flush_journal(parts, lines, &self.filter, &mut self.frame);
                    self.journal = None;
                    return;
                }
            }
        }
    }

    fn is_unfinished(&self) -> bool {
        let of_files = self.files.iter().any(|one| one.lines.parser.pending().is_some());
        of_files || self.journal.iter().any(|(_, _, lines)| lines.parser.pending().is_some())
    }

    fn problems(&self) -> Vec<(usize, Refusal)> {
        let of_files = self.files.iter().filter_map(|one| match self.follower.state(one.id) {
            Some(State::Refused(refusal)) => Some((one.source, refusal.clone())),
            _ => None,
        });
        self.refused.iter().cloned().chain(of_files).collect()
    }
}

/// Behind a place; from now on where the file of it is not there any more.
fn start(path: &Path, id: FileId, offset: u64) -> Start {
    let known = of_id(&plain_files(path), id);
    let checkpoint = known.ok().and_then(|(_, file)| file.checkpoint(offset).ok());
    checkpoint.map_or(Start::End, Start::At)
}

impl Lines {
    fn feed(
        &mut self,
        line: &[u8],
        place: Place,
        filter: &Filter,
        mut tell: impl FnMut(Place, &Entry),
    ) {
        self.parser.set_reference_ms(now_ms());
        if let Some(done) = self.parser.line(line) {
            if self.hit
                && filter.wants(done)
                && let Some(begins) = self.begins.take()
            {
                tell(begins, done);
            }
            self.begins = None;
            self.hit = false;
        }
        self.begins.get_or_insert(place);
        self.hit |= filter.is_in(line);
        self.fed_at = Instant::now();
    }

    fn flush(&mut self, filter: &Filter, mut tell: impl FnMut(Place, &Entry)) {
        while let Some(done) = self.parser.flush() {
            if self.hit
                && filter.wants(done)
                && let Some(begins) = self.begins.take()
            {
                tell(begins, done);
            }
        }
        self.begins = None;
        self.hit = false;
    }
}

fn flush_journal(parts: &Parts, lines: &mut Lines, filter: &Filter, frame: &mut Gathering) {
    while let Some(done) = lines.parser.flush() {
        if is_wanted(filter, done)
            && let Some((source, place)) = parts.owner(done).zip(lines.begins.take())
        {
            frame.add(source, place, done);
        }
    }
}
