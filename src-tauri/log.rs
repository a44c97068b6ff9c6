//! The log: a file a day in the platform's place, a week of them.

use std::path::Path;

use anyhow::Context;
use hearth_app::log::discreet;
use tracing_appender::rolling::{RollingFileAppender, Rotation};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _, fmt, registry};

/// Enough to see what led to something noticed days later.
const DAYS_KEPT: usize = 7;

/// Starts writing the log. `RUST_LOG` makes it say more.
pub(crate) fn start(dir: &Path) -> anyhow::Result<()> {
    let file = RollingFileAppender::builder()
        .rotation(Rotation::DAILY)
        .filename_prefix("hearth")
        .filename_suffix("log")
        .max_log_files(DAYS_KEPT)
        .build(dir)
        .with_context(|| format!("Hearth cannot write its log to {}.", dir.display()))?;
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    // Written at once and not by a thread of its own: little is logged, and the
    // lines before a crash are the ones that matter.
    let lines = fmt::layer()
        .with_ansi(false)
        .with_writer(std::sync::Mutex::new(file));
    registry()
        .with(lines.with_filter(discreet(filter)))
        .try_init()
        .map_err(|error| anyhow::anyhow!("The log was started already: {error}"))
}
