//! Plans, runs and findings as text and data; made from documents, never from an adapter.
