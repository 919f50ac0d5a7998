//! Orders: carried out by the thread that gave them, never by the sampler; a few at once, one at a
//! time for each target, and each in the audit before it is carried out.

mod processes;

pub use processes::{ProcessAction, STOP_PATIENCE, carry_out};

use crate::{engine::Engine, recorder::Keeper};
use ira_store::{OrderResult, StoredOrder};
use std::{
    collections::{HashSet, VecDeque},
    sync::{Mutex, PoisonError},
    time::Instant,
};
use thiserror::Error;

/// Orders under way at once. One more is refused: whoever gives so many does not look at them.
const AT_ONCE: usize = 16;
/// Orders remembered that could not be kept.
const UNKEPT: usize = 200;
/// What is kept of a call and of its detail, characters: some 200 processes, each with its name.
const MOST_TEXT: usize = 16_000;

/// Why an order is not taken.
#[derive(Debug, Error, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// What is shown is not this machine.
    #[error("what is shown is a recording, not this machine: orders are off")]
    NotHere,
    /// Too many.
    #[error("{AT_ONCE} orders are under way; wait for one of them to end")]
    TooMany,
    /// One for the same target is under way.
    #[error("an order for {0} is under way; wait for it to end")]
    UnderWay(String),
}

/// What is ordered, as the audit keeps it.
#[derive(Debug, Clone)]
pub struct Intent {
    /// What only one order at a time may touch.
    pub slot: String,
    /// What is ordered.
    pub action: String,
    /// To whom, as people call it.
    pub target: String,
    /// The application concerned.
    pub application: Option<String>,
    /// The exact calls.
    pub call: String,
}

/// What came of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// All, some or none of it.
    pub result: OrderResult,
    /// What the system said; empty where there is nothing to say.
    pub detail: String,
    /// A command that permits it, where it was denied and there is one.
    pub remedy: Option<String>,
    /// It was asked to end and did not: it can be killed.
    pub still_runs: bool,
}

impl Outcome {
    /// It worked.
    #[must_use]
    pub fn done() -> Self {
        Self { result: OrderResult::Done, detail: String::new(), remedy: None, still_runs: false }
    }

    /// It did not, and why.
    #[must_use]
    pub fn failed(detail: String, remedy: Option<String>) -> Self {
        Self { result: OrderResult::Failed, detail, remedy, still_runs: false }
    }
}

/// An order that has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndedOrder {
    /// What came of it.
    pub outcome: Outcome,
    /// How long it took, milliseconds.
    pub took_ms: u64,
    /// Whether it is in the audit that is kept; else it is remembered until the program ends.
    pub kept: bool,
}

/// What is under way and what could not be kept.
#[derive(Debug, Default)]
pub(crate) struct Orders {
    slots: Mutex<HashSet<String>>,
    unkept: Mutex<VecDeque<StoredOrder>>,
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A place among the orders under way; given back when it is dropped.
#[derive(Debug)]
struct Slot<'a> {
    orders: &'a Orders,
    name: String,
}

impl Drop for Slot<'_> {
    fn drop(&mut self) {
        lock(&self.orders.slots).remove(&self.name);
    }
}

impl Orders {
    fn admit(&self, intent: &Intent) -> Result<Slot<'_>, Refusal> {
        let mut slots = lock(&self.slots);
        if slots.len() >= AT_ONCE {
            return Err(Refusal::TooMany);
        }
        if !slots.insert(intent.slot.clone()) {
            return Err(Refusal::UnderWay(intent.target.clone()));
        }
        Ok(Slot { orders: self, name: intent.slot.clone() })
    }

    /// Carries an order out, with its line in the audit.
    pub(crate) fn run(
        &self,
        keeper: Option<&Keeper>,
        now_ms: i64,
        intent: &Intent,
        work: impl FnOnce() -> Outcome,
    ) -> Result<EndedOrder, Refusal> {
        let _slot = self.admit(intent)?;
        let mut order = StoredOrder {
            at_ms: now_ms,
            took_ms: None,
            who: crate::engine::identity(),
            action: intent.action.clone(),
            target: intent.target.clone(),
            application: intent.application.clone(),
            call: shortened(&intent.call),
            result: OrderResult::UnderWay,
            detail: String::new(),
        };
        let id = keeper.and_then(|keeper| keeper.begin_order(order.clone()).ok());
        let began = Instant::now();
        let outcome = work();
        let took_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        order.took_ms = Some(took_ms);
        order.result = outcome.result;
        order.detail = shortened(&outcome.detail);
        tracing::info!(
            action = order.action, target = order.target, result = ?order.result, "order"
        );
        let kept = match (keeper, id) {
            (Some(keeper), Some(id)) => {
                keeper.end_order(id, took_ms, order.result, order.detail).is_ok()
            }
            _ => {
                let mut unkept = lock(&self.unkept);
                unkept.push_front(order);
                unkept.truncate(UNKEPT);
                false
            }
        };
        Ok(EndedOrder { outcome, took_ms, kept })
    }

    pub(crate) fn unkept(&self) -> Vec<StoredOrder> {
        lock(&self.unkept).iter().cloned().collect()
    }
}

fn shortened(text: &str) -> String {
    text.chars().take(MOST_TEXT).collect()
}

impl Engine {
    /// Whether orders can be given at all: not in a recording, nor where the processes shown are not
    /// this machine's.
    ///
    /// # Errors
    /// [`Refusal::NotHere`].
    pub fn takes_orders(&self) -> Result<(), Refusal> {
        if self.acts() { Ok(()) } else { Err(Refusal::NotHere) }
    }

    /// Carries an order out on the calling thread; returns when it has ended.
    ///
    /// # Errors
    /// When it is not taken; see [`Refusal`]. That it did not work is an [`Outcome`].
    pub fn order(
        &self,
        now_ms: i64,
        intent: &Intent,
        work: impl FnOnce() -> Outcome,
    ) -> Result<EndedOrder, Refusal> {
        self.takes_orders()?;
        self.orders().run(self.keeper().as_ref(), now_ms, intent, work)
    }

    /// Orders of this program that could not be kept, the newest first.
    #[must_use]
    pub fn unkept_orders(&self) -> Vec<StoredOrder> {
        self.orders().unkept()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    fn intent(slot: &str) -> Intent {
        Intent {
            slot: slot.into(),
            action: "stop".into(),
            target: slot.into(),
            application: None,
            call: "é".repeat(MOST_TEXT + 5),
        }
    }

    #[test]
    fn one_at_a_time_for_each_target_and_a_few_in_all() {
        let orders = Orders::default();
        let inner = |slot: &str| orders.run(None, 1, &intent(slot), Outcome::done);
        orders
            .run(None, 1, &intent("a"), || {
                assert_eq!(inner("a").unwrap_err(), Refusal::UnderWay("a".into()));
                assert!(inner("b").is_ok(), "another target is not held up");
                Outcome::done()
            })
            .unwrap();
        assert!(inner("a").is_ok(), "the place was given back");
        std::thread::scope(|scope| {
            let (started, all) = mpsc::channel();
            let mut ends = Vec::new();
            for number in 0..AT_ONCE {
                let (end, ended) = mpsc::channel::<()>();
                ends.push(end);
                let (orders, started) = (&orders, started.clone());
                scope.spawn(move || {
                    let work = || {
                        started.send(()).unwrap();
                        ended.recv().ok();
                        Outcome::done()
                    };
                    orders.run(None, 1, &intent(&number.to_string()), work).unwrap();
                });
            }
            all.iter().take(AT_ONCE).for_each(drop);
            assert_eq!(inner("one more").unwrap_err(), Refusal::TooMany);
        });
    }

    #[test]
    fn what_cannot_be_kept_is_remembered() {
        let orders = Orders::default();
        for number in 0..UNKEPT + 3 {
            let ended = orders.run(None, 1, &intent(&number.to_string()), Outcome::done).unwrap();
            assert!(!ended.kept);
        }
        let unkept = orders.unkept();
        assert_eq!(unkept.len(), UNKEPT, "bounded");
        assert_eq!(unkept[0].target, (UNKEPT + 2).to_string(), "the newest first");
        assert_eq!(unkept[0].call.chars().count(), MOST_TEXT, "bounded");
    }
}
