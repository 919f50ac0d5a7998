#!/usr/bin/python3
"""close_window.py TITLE: asks a window to close, as the cross in its title bar would.

There is no window manager on the bed's screen, so this sends what one sends: WM_DELETE_WINDOW
(Inter-Client Communication Conventions Manual, 4.2.8.1).
"""

import sys

from Xlib import X, display
from Xlib.protocol import event

title = sys.argv[1]
screen = display.Display()
protocols, delete = (screen.intern_atom(name) for name in ("WM_PROTOCOLS", "WM_DELETE_WINDOW"))
shown = [
    window
    for window in screen.screen().root.query_tree().children
    if window.get_wm_name() == title and window.get_attributes().map_state == X.IsViewable
]
if not shown:
    sys.exit(f"close_window: no window is called {title}")
for window in shown:
    wish = (32, [delete, X.CurrentTime, 0, 0, 0])
    window.send_event(event.ClientMessage(window=window, client_type=protocols, data=wish))
screen.sync()
