//! Orders: first looked at, then carried out exactly as they were looked at, and in the audit always.

mod containers;
mod kept;
mod processes;
mod services;

use crate::{
    Ira,
    ira::lock,
    wire::{
        ApiError, Audit, AuditRequest, AuditRow, ErrorCode, OrderAction, OrderConfirm, OrderEnd,
        OrderPreview, OrderRequest, OrderResult, OrderTarget, Topic,
    },
};
use ira_engine::orders::{Intent, Outcome, Refusal};
use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

/// A preview is good for so long: what it says of processes and connections grows old.
const GOOD_FOR: Duration = Duration::from_secs(120);
/// Previews that wait at most; the oldest goes first. The window looks at up to 50 at once.
const WAITING: usize = 128;
/// Calls named in a preview.
const CALLS_SHOWN: usize = 20;

/// How a preview is carried out.
type Work = Box<dyn FnOnce(&Ira) -> Outcome + Send>;

/// An order that was looked at.
pub(crate) struct Plan {
    intent: Intent,
    work: Work,
}

/// Orders that were looked at and not given yet.
#[derive(Default)]
pub(crate) struct Plans(VecDeque<(String, Instant, Plan)>);

impl Plans {
    fn add(&mut self, plan: Plan) -> Result<String, ApiError> {
        let mut bytes = [0_u8; 16];
        getrandom::fill(&mut bytes)
            .map_err(|_| ApiError::of(None, "the system gave no random numbers for a token"))?;
        let token: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        self.0.retain(|(_, made, _)| made.elapsed() < GOOD_FOR);
        if self.0.len() >= WAITING {
            self.0.pop_front();
        }
        self.0.push_back((token.clone(), Instant::now(), plan));
        Ok(token)
    }

    fn take(&mut self, token: &str) -> Option<Plan> {
        let place = self.0.iter().position(|(known, _, _)| known == token)?;
        let (_, made, plan) = self.0.remove(place)?;
        (made.elapsed() < GOOD_FOR).then_some(plan)
    }
}

/// What an order would do. Nothing is done.
///
/// # Errors
/// [`ErrorCode::Refused`] where orders are off, [`ErrorCode::NotFound`] where the target is gone,
/// [`ErrorCode::Invalid`] where the order makes no sense for it.
pub fn order_preview(ira: &Ira, request: OrderRequest) -> Result<OrderPreview, ApiError> {
    ira.engine.takes_orders().map_err(refused)?;
    let (mut preview, plan) = match request.target {
        OrderTarget::Processes { processes } => {
            processes::of_processes(ira, &processes, request.action)?
        }
        OrderTarget::Service { scope, unit } => {
            services::of_unit(ira, scope, &unit, request.action)?
        }
        OrderTarget::Container { engine, id } => {
            containers::of_container(ira, &engine, &id, request.action)?
        }
        OrderTarget::Application { id } => match kept::of_kept(ira, &id, &request.action) {
            Some(order) => order?,
            None => processes::of_application(ira, &id, request.action)?,
        },
    };
    preview.token = lock(&ira.inner.plans).add(plan)?;
    Ok(preview)
}

/// Carries out what was previewed; returns when it has ended.
///
/// # Errors
/// [`ErrorCode::Expired`] for a preview that is too old or was carried out, [`ErrorCode::Refused`] when
/// too many orders are under way. That it did not work is no error: the answer says so.
#[allow(clippy::needless_pass_by_value)] // every command takes its request
pub fn order(ira: &Ira, request: OrderConfirm) -> Result<OrderEnd, ApiError> {
    let plan = lock(&ira.inner.plans).take(&request.token).ok_or_else(|| {
        ApiError::of(
            Some(ErrorCode::Expired),
            "this order was looked at too long ago, or was given already; look at it again",
        )
    })?;
    let Plan { intent, work } = plan;
    let now_ms = ira.engine.live(|live| live.at_ms);
    let ended = ira.engine.order(now_ms, &intent, || work(ira)).map_err(refused)?;
    for topic in
        [Topic::Audit, Topic::Events, Topic::Services, Topic::Containers, Topic::Registrations]
    {
        ira.inner.stale.send(topic).ok();
    }
    Ok(OrderEnd {
        result: result(ended.outcome.result),
        detail: ended.outcome.detail,
        remedy: ended.outcome.remedy,
        still_runs: ended.outcome.still_runs,
        took_ms: ended.took_ms,
        kept: ended.kept,
    })
}

/// Orders given, the newest first.
///
/// # Errors
/// When the limit makes no sense, or what is kept cannot be read.
#[allow(clippy::needless_pass_by_value)] // every command takes its request
pub fn audit(ira: &Ira, request: AuditRequest) -> Result<Audit, ApiError> {
    if request.limit == 0 || request.limit > 1000 {
        return Err(ApiError::invalid(format!("limit must be 1 to 1000, not {}", request.limit)));
    }
    let unkept = ira.engine.unkept_orders();
    let kept = match ira.past(|reader| reader.orders(request.limit)) {
        // What could not be kept is told even where what was kept cannot be read.
        Err(_) if !unkept.is_empty() => Vec::new(),
        other => other?,
    };
    let row = |unkept: bool| {
        move |order: ira_store::StoredOrder| AuditRow {
            at_ms: order.at_ms,
            took_ms: order.took_ms,
            who: order.who,
            action: order.action,
            target: order.target,
            application: order.application,
            call: order.call,
            result: result(order.result),
            detail: order.detail,
            unkept,
        }
    };
    let mut orders: Vec<AuditRow> = kept.into_iter().map(row(false)).collect();
    orders.extend(unkept.into_iter().map(row(true)));
    orders.sort_by_key(|order| std::cmp::Reverse(order.at_ms));
    orders.truncate(request.limit as usize);
    Ok(Audit { orders })
}

fn result(result: ira_store::OrderResult) -> OrderResult {
    match result {
        ira_store::OrderResult::UnderWay => OrderResult::UnderWay,
        ira_store::OrderResult::Done => OrderResult::Done,
        ira_store::OrderResult::Partly => OrderResult::Partly,
        ira_store::OrderResult::Failed => OrderResult::Failed,
    }
}

#[allow(clippy::needless_pass_by_value)] // it is handed to map_err
fn refused(refusal: Refusal) -> ApiError {
    ApiError::of(Some(ErrorCode::Refused), refusal.to_string())
}

/// An action as the audit has it.
fn action_text(action: &OrderAction) -> String {
    match action {
        OrderAction::Stop { escalate: false } => "stop".into(),
        OrderAction::Stop { escalate: true } => "stop, kill".into(),
        OrderAction::Signal { signal } => {
            ira_probe::signal_name(*signal).unwrap_or("signal").into()
        }
        OrderAction::Suspend => "suspend".into(),
        OrderAction::Resume => "resume".into(),
        OrderAction::Start => "start".into(),
        OrderAction::Restart => "restart".into(),
        OrderAction::Enable => "enable".into(),
        OrderAction::Disable => "disable".into(),
        OrderAction::Remove => "remove".into(),
        OrderAction::Priority { nice } => format!("priority {nice}"),
        OrderAction::Io { class } => format!("disk {class:?}").to_lowercase(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan() -> Plan {
        let intent = Intent {
            slot: String::new(),
            action: String::new(),
            target: String::new(),
            application: None,
            call: String::new(),
        };
        Plan { intent, work: Box::new(|_| Outcome::done()) }
    }

    #[test]
    fn a_token_is_good_once_and_the_oldest_goes_first() {
        let mut plans = Plans::default();
        let first = plans.add(plan()).unwrap();
        let second = plans.add(plan()).unwrap();
        assert_ne!(first, second);
        assert!(plans.take(&second).is_some());
        assert!(plans.take(&second).is_none(), "once");
        assert!(plans.take("").is_none());
        for _ in 0..WAITING {
            plans.add(plan()).unwrap();
        }
        assert!(plans.take(&first).is_none(), "bounded");
        assert_eq!(plans.0.len(), WAITING);
    }
}
