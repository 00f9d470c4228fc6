//! Carries a plan out: ready operations in order, each journaled before it is sent and after it is answered.
