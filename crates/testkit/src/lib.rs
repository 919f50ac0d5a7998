//! Development only: fake /proc trees, a manual clock, temporary stores.
