#!/usr/bin/python3
"""window.py close|hide|show TITLE: does to a window what a window manager does for its user.

There is none on the bed's screen, so this sends what one sends (Inter-Client Communication Conventions
Manual): WM_DELETE_WINDOW for the cross in the title bar (4.2.8.1); a window that is made small is unmapped
by its manager (4.1.4), which is how its program learns of it.
"""

import sys

from Xlib import X, display
from Xlib.protocol import event

action, title = sys.argv[1:]
screen = display.Display()


def close(window):
    protocols, delete = (screen.intern_atom(name) for name in ("WM_PROTOCOLS", "WM_DELETE_WINDOW"))
    wish = (32, [delete, X.CurrentTime, 0, 0, 0])
    window.send_event(event.ClientMessage(window=window, client_type=protocols, data=wish))


act = {"close": close, "hide": lambda window: window.unmap(), "show": lambda window: window.map()}[action]
wanted = X.IsUnmapped if action == "show" else X.IsViewable
found = [
    window
    for window in screen.screen().root.query_tree().children
    if window.get_wm_name() == title and window.get_attributes().map_state == wanted
]
if not found:
    sys.exit(f"window.py: nothing to {action} is called {title}")
for window in found:
    act(window)
screen.sync()
