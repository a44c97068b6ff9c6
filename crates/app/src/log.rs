//! What may be logged at all, however much somebody asks for.

use tracing::{Metadata, level_filters::LevelFilter};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::{FilterExt as _, FilterFn, filter_fn};
use tracing_subscriber::layer::Filter;
use tracing_subscriber::registry::Registry;

/// Crates that write out, at their finest level, what passes over a connection: people's words,
/// and the tokens they sign in with.
const TELLTALES: [&str; 2] = ["tungstenite", "tokio_tungstenite"];

/// `wanted`, without what would give away people's words and tokens. A log is sent to others for
/// help, and stays on disks.
pub fn discreet(wanted: EnvFilter) -> impl Filter<Registry> + Send + Sync {
    let harmless: FilterFn = filter_fn(is_harmless);
    wanted.and(harmless.with_max_level_hint(LevelFilter::TRACE))
}

fn is_harmless(metadata: &Metadata<'_>) -> bool {
    let krate = metadata.target().split("::").next();
    *metadata.level() < LevelFilter::TRACE || !krate.is_some_and(|it| TELLTALES.contains(&it))
}
