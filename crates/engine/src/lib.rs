//! Floor 2: the running system; sampler, recorder, discovery.
