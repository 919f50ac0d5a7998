//! Orders to containers: which processes that touches, who is connected, who needs them, and the call.

use super::{Plan, action_text, processes};
use crate::{
    Ira, containers,
    wire::{ApiError, OrderAction, OrderNote, OrderPreview},
};
use ira_engine::{
    containers::container_id,
    orders::{Intent, Outcome},
};
use ira_probe::containers::engine::{self as probe, ContainerAction};

/// Dependents named in a preview.
const DEPENDENTS_SHOWN: usize = 50;

pub(super) fn of_container(
    ira: &Ira,
    engine: &str,
    id: &str,
    action: OrderAction,
) -> Result<(OrderPreview, Plan), ApiError> {
    let order = match action {
        OrderAction::Start => ContainerAction::Start,
        OrderAction::Stop { escalate: true } => ContainerAction::Stop,
        OrderAction::Restart => ContainerAction::Restart,
        OrderAction::Suspend => ContainerAction::Pause,
        OrderAction::Resume => ContainerAction::Unpause,
        OrderAction::Remove => ContainerAction::Remove,
        _ => {
            let text = "a container can be started, stopped with a kill after ten seconds, \
                        restarted, suspended, resumed and removed";
            return Err(ApiError::invalid(text));
        }
    };
    let socket = containers::socket(engine)?;
    let detail = probe::inspect(&socket, id).map_err(|error| containers::told(&error))?;
    let runs = !matches!(detail.state.as_str(), "created" | "exited" | "dead" | "stopped");
    if order == ContainerAction::Remove && runs {
        let text = format!("{} is {}: stop it before it is removed", detail.name, detail.state);
        return Err(ApiError::invalid(text));
    }
    let ends = matches!(order, ContainerAction::Stop | ContainerAction::Restart);
    let touched = if ends || order == ContainerAction::Pause {
        processes::touched(ira, |process| {
            process.details.control_group.as_deref().and_then(container_id) == Some(id)
        })
    } else {
        processes::Touched::default()
    };
    let (method, path) = order.request(id);
    let call = format!("{method} {path}");
    let (application, mut dependents) = containers::standing(ira, &socket, id).unzip();
    let intent = Intent {
        slot: format!("container {id}"),
        action: action_text(&action),
        target: detail.name.clone(),
        application,
        call: format!("{call} on {}", socket.display()),
    };
    let mut dependents = dependents.take().filter(|_| ends).unwrap_or_default();
    dependents.truncate(DEPENDENTS_SHOWN);
    let mut notes = Vec::new();
    if order == ContainerAction::Stop && detail.is_removed_on_stop {
        notes.push(OrderNote::RemovedOnStop);
    }
    if order == ContainerAction::Remove {
        notes.push(OrderNote::FilesLost);
    }
    let preview = OrderPreview {
        token: String::new(),
        target: detail.name.clone(),
        calls: vec![call],
        call_count: 1,
        processes: touched.processes,
        process_count: touched.count,
        ports: touched.ports,
        peers: touched.peers,
        dependents,
        undo: match order {
            ContainerAction::Start if !runs => Some(OrderAction::Stop { escalate: true }),
            ContainerAction::Stop if runs && !detail.is_removed_on_stop => Some(OrderAction::Start),
            ContainerAction::Pause => Some(OrderAction::Resume),
            ContainerAction::Unpause => Some(OrderAction::Suspend),
            _ => None,
        },
        notes,
        action,
    };
    let id = id.to_owned();
    let work = move |_: &Ira| match probe::carry_out(&socket, &id, &detail.started, order) {
        Ok(()) => Outcome::done(),
        Err(error) => Outcome::failed(error.to_string(), containers::remedy(&error, &socket)),
    };
    Ok((preview, Plan { intent, work: Box::new(work) }))
}
