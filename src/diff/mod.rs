//! Current against desired: which changes there are, before anybody asks whether they fit.
