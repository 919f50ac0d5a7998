//! Random actions against a model.
