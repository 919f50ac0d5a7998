//! Floor 4: the same commands over loopback HTTP and WebSocket.
