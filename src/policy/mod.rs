//! What may be done: limits on removals, destroyed data acknowledged, seats that run out.
