//! Floor 1: the database; frames, series, events, settings.
