//! What is particular to a vendor: profiles, which are data, and the twin that they drive.
