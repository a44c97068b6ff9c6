//! What tests share: a started host, a client.
