//! What has to be on the machine, and how it gets there.

mod node;
mod python;
mod system;

pub(crate) use node::{Node, npm_ci};
pub(crate) use python::venv;
pub(crate) use system::{Need, chromium, display, ensure};
