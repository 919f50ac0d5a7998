//! The one window: making it, bringing it forward, and what ends with it.

use crate::{page, streams::Streams};
use tauri::{
    AppHandle, Manager, Runtime, WebviewUrl, WebviewWindowBuilder, WindowEvent,
    plugin::TauriPlugin, webview::PageLoadEvent,
};
use tauri_plugin_window_state::StateFlags;
use tracing::warn;

const LABEL: &str = "main";

/// Size and place survive a restart; whether the window was hidden does not.
pub(crate) fn remember_geometry<R: Runtime>() -> TauriPlugin<R> {
    let flags = StateFlags::SIZE | StateFlags::POSITION | StateFlags::MAXIMIZED;
    tauri_plugin_window_state::Builder::new().with_state_flags(flags).build()
}

/// Opens the window. Its theme follows the system as long as none is set.
pub(crate) fn open(app: &AppHandle) -> tauri::Result<()> {
    if tauri::is_dev() {
        warn!(
            "a development build: the page comes from the server that `npm run dev` starts in ui/"
        );
    }
    let window = WebviewWindowBuilder::new(app, LABEL, WebviewUrl::default())
        .title("Ira")
        .inner_size(1280.0, 800.0)
        .min_inner_size(900.0, 600.0)
        .initialization_script(page::SCRIPT)
        .on_page_load(|window, load| {
            // A page that is loaded again has forgotten what the one before it had subscribed to.
            if load.event() == PageLoadEvent::Started {
                window.state::<Streams>().end_all();
            }
        })
        .build()?;
    let app = app.clone();
    window.on_window_event(move |event| {
        if let WindowEvent::Destroyed = event {
            app.state::<Streams>().end_all();
        }
    });
    Ok(())
}

/// Shows the window to somebody who started Ira a second time.
pub(crate) fn bring_forward(app: &AppHandle) {
    let Some(window) = app.get_webview_window(LABEL) else { return };
    let shown = window.unminimize().and_then(|()| window.show()).and_then(|()| window.set_focus());
    if let Err(fault) = shown {
        warn!("cannot bring the window forward: {fault}");
    }
}
