//! What answers by HTTP, one file per noun.

pub(crate) mod api;
pub(crate) mod files;
pub(crate) mod health;
pub(crate) mod page;
pub(crate) mod sign_in;
