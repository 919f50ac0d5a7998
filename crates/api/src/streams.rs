//! What a view is told as it happens. A subscription holds no queue: it wakes when there is a new
//! tick, looks at the present, and tells what changed since it looked last. A slow reader misses
//! ticks, never changes.

use crate::{
    Ira, containers,
    feed::Feed,
    logs,
    moment::Moment,
    services,
    wire::{Frame, HostFrame, LogsWanted, ProcessRef, ProcessesFrame, Stream, StreamFrame, Topic},
};
use ira_engine::{News, containers::Engines, logs::Tail, services::Units};
use ira_model::ProcessKey;
use std::{
    collections::HashMap,
    hash::{BuildHasher as _, BuildHasherDefault, DefaultHasher},
};
use tokio::sync::{broadcast, watch};

/// One view's feed; dropping it ends it.
#[derive(Debug)]
pub struct Subscription {
    ira: Ira,
    stream: Stream,
    ticks: watch::Receiver<u64>,
    news: broadcast::Receiver<News>,
    stale: broadcast::Receiver<Topic>,
    last_tick: u64,
    /// Which applications ran at the last tick, and whether a change of that was told.
    lives: Option<u64>,
    is_told: bool,
    look: Look,
}

/// What a subscription looks at that does not change by the tick.
#[derive(Debug)]
enum Look {
    /// Not looked yet.
    None,
    Services(Feed<Units>),
    Containers(Feed<Engines>),
    Logs(Tail),
    /// There is nothing to look at here.
    Nothing,
}

impl Ira {
    /// Begins a feed. The first frame comes at once where there is something to tell.
    #[must_use]
    pub fn subscribe(&self, stream: Stream) -> Subscription {
        let mut ticks = self.engine.ticks();
        ticks.mark_changed();
        Subscription {
            ira: self.clone(),
            stream,
            ticks,
            news: self.engine.news(),
            stale: self.inner.stale.subscribe(),
            last_tick: 0,
            lives: None,
            is_told: true,
            look: Look::None,
        }
    }

    /// Changes when an application began or ended, also when it did both between two ticks.
    fn lives(&self) -> u64 {
        self.engine.live(|live| {
            let mut oldest: HashMap<&str, ProcessKey> = HashMap::new();
            for process in &live.processes {
                let key =
                    oldest.entry(&process.attribution.application.id).or_insert(process.sample.key);
                if process.sample.key.start_ms < key.start_ms {
                    *key = process.sample.key;
                }
            }
            let hash = |one| BuildHasherDefault::<DefaultHasher>::default().hash_one(one);
            oldest.into_iter().map(hash).fold(0, u64::wrapping_add)
        })
    }
}

impl Subscription {
    /// The next frame; `None` when the engine has ended.
    pub async fn next(&mut self) -> Option<StreamFrame> {
        match &self.stream {
            Stream::Changed => return self.next_change().await,
            Stream::Services | Stream::Containers => return self.next_of_feed().await,
            Stream::Logs(wanted) => {
                let wanted = wanted.clone();
                return self.next_of_logs(wanted).await;
            }
            _ => {}
        }
        loop {
            self.ticks.changed().await.ok()?;
            let tick = *self.ticks.borrow_and_update();
            if tick == 0 || tick == self.last_tick {
                continue;
            }
            let since = std::mem::replace(&mut self.last_tick, tick);
            let frame = match self.stream {
                Stream::Host => Frame::Host(self.host()),
                Stream::Applications => Frame::Applications(self.ira.applications_now().ok()?),
                Stream::Processes => Frame::Processes(self.processes(since)),
                Stream::ContainerUses => {
                    Frame::ContainerUses(self.ira.at(None, |moment| moment.container_uses()).ok()?)
                }
                Stream::Changed | Stream::Services | Stream::Containers | Stream::Logs(_) => {
                    return None;
                }
            };
            let skipped = if since == 0 { 0 } else { tick - since - 1 };
            return Some(StreamFrame {
                skipped: u32::try_from(skipped).unwrap_or(u32::MAX),
                frame,
            });
        }
    }

    async fn next_of_feed(&mut self) -> Option<StreamFrame> {
        let is_of_services = self.stream == Stream::Services;
        if matches!(self.look, Look::None) {
            let found = if is_of_services {
                services::feed(&self.ira).map(Look::Services)
            } else {
                containers::feed(&self.ira).map(Look::Containers)
            };
            self.look = match found {
                Ok(look) => look,
                Err(error) => {
                    self.look = Look::Nothing;
                    let frame = if is_of_services {
                        Frame::Services(services::nothing(&error))
                    } else {
                        Frame::Containers(containers::nothing(&error))
                    };
                    return Some(StreamFrame { skipped: 0, frame });
                }
            };
        }
        let frame = match &mut self.look {
            Look::Services(feed) => Frame::Services(feed.next(services::all).await?),
            Look::Containers(feed) => Frame::Containers(feed.next(containers::all).await?),
            // Nothing will change where there is nothing to look at.
            Look::None | Look::Nothing | Look::Logs(_) => std::future::pending().await,
        };
        Some(StreamFrame { skipped: 0, frame })
    }

    async fn next_of_logs(&mut self, wanted: LogsWanted) -> Option<StreamFrame> {
        if matches!(self.look, Look::None) {
            let ira = self.ira.clone();
            // Finding the sources asks the kernel much.
            let begun = tokio::task::spawn_blocking(move || {
                logs::tail(&ira, wanted.clone()).map_err(|error| logs::nothing(&wanted, &error))
            });
            match begun.await.ok()? {
                Ok(tail) => self.look = Look::Logs(tail),
                Err(frame) => {
                    self.look = Look::Nothing;
                    return Some(StreamFrame { skipped: 0, frame: Frame::Logs(frame) });
                }
            }
        }
        match &mut self.look {
            Look::Logs(tail) => {
                let frame = Frame::Logs(logs::frame(tail.next().await?));
                Some(StreamFrame { skipped: 0, frame })
            }
            _ => std::future::pending().await,
        }
    }

    async fn next_change(&mut self) -> Option<StreamFrame> {
        let everything = vec![
            Topic::History,
            Topic::Events,
            Topic::Settings,
            Topic::Corrections,
            Topic::Registrations,
            Topic::Audit,
            Topic::Health,
        ];
        loop {
            if let Some(topics) = self.next_topics(&everything).await? {
                return Some(StreamFrame { skipped: 0, frame: Frame::Changed { topics } });
            }
        }
    }

    async fn next_topics(&mut self, everything: &[Topic]) -> Option<Option<Vec<Topic>>> {
        use broadcast::error::RecvError::Closed;
        Some(Some(tokio::select! {
            news = self.news.recv() => match news {
                Ok(News::History) => vec![Topic::History, Topic::Events],
                Ok(News::Settings) => vec![Topic::Settings],
                Ok(News::Corrections) => vec![Topic::Corrections],
                Err(Closed) => return None,
                Err(_) => everything.to_vec(),
            },
            stale = self.stale.recv() => match stale {
                Ok(topic) => vec![topic],
                Err(Closed) => return None,
                Err(_) => everything.to_vec(),
            },
            tick = self.ticks.changed() => {
                tick.ok()?;
                let tick = *self.ticks.borrow_and_update();
                // What happened in a tick is kept by the next.
                let lives = self.ira.lives();
                let differs = self.lives.replace(lives).is_some_and(|before| before != lives);
                let told = std::mem::replace(&mut self.is_told, !differs);
                if told || tick == 0 {
                    return Some(None);
                }
                vec![Topic::Events, Topic::Registrations]
            }
        }))
    }

    fn host(&self) -> HostFrame {
        let snapshot = self.ira.engine.snapshot();
        let mut ids: Vec<&str> =
            snapshot.processes.iter().map(|p| p.attribution.application.id.as_str()).collect();
        ids.sort_unstable();
        ids.dedup();
        HostFrame {
            at_ms: snapshot.at_ms,
            host: Moment::from(&snapshot).host(),
            own: self.ira.own(),
            recording: self.ira.recording(),
            application_count: ids.len() as u32,
            recorded_from_ms: self.ira.recorded_from_ms(snapshot.tick),
        }
    }

    /// What changed after that tick; everything for the first time.
    fn processes(&self, since: u64) -> ProcessesFrame {
        let (snapshot, gone) = self.ira.engine.live(|live| {
            let gone: Option<Vec<_>> = live.gone_since(since).map(Iterator::collect);
            (live.snapshot(), gone.filter(|_| since > 0))
        });
        let moment = Moment::from(&snapshot);
        let full = gone.is_none();
        let rows = snapshot.processes.iter().zip(&moment.processes);
        ProcessesFrame {
            at_ms: moment.at_ms,
            host: moment.host(),
            full,
            rows: rows
                .filter(|(process, _)| full || process.changed_tick > since)
                .map(|(_, view)| self.ira.process_row(&moment, view))
                .collect(),
            ended: moment.ended.iter().map(|one| self.ira.ended_row(&moment, one)).collect(),
            gone: gone
                .unwrap_or_default()
                .into_iter()
                .map(|key| ProcessRef { pid: key.pid, start_time_ms: moment.start_time_ms(key) })
                .collect(),
        }
    }
}
