//! The planner: which changes fit, in which order, and why the rest has to wait.
