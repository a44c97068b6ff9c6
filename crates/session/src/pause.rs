//! Waiting for less than a millisecond.
//!
//! The runtime's timers count milliseconds: a wait of one fifth more than one ends after two. On
//! Linux the system's own timers are exact to some 50 µs (timerfd_create(2)); elsewhere the
//! runtime's have to do.

use std::time::Duration;

/// Waits, again and again, for one task.
#[derive(Debug)]
pub(crate) struct Pause {
    #[cfg(target_os = "linux")]
    timer: Option<linux::Timer>,
}

impl Pause {
    /// Call it within the runtime.
    pub(crate) fn new() -> Self {
        Self {
            #[cfg(target_os = "linux")]
            timer: linux::Timer::new().ok(),
        }
    }

    /// Resolves after `time`, or a little later.
    pub(crate) async fn wait(&self, time: Duration) {
        #[cfg(target_os = "linux")]
        if let Some(timer) = &self.timer
            && timer.wait(time).await.is_ok()
        {
            return;
        }
        tokio::time::sleep(time).await;
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use std::io;
    use std::os::fd::OwnedFd;
    use std::time::Duration;

    use rustix::time::{
        Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
        timerfd_settime,
    };
    use tokio::io::Interest;
    use tokio::io::unix::AsyncFd;

    #[derive(Debug)]
    pub(super) struct Timer(AsyncFd<OwnedFd>);

    impl Timer {
        // The newer way is unsafe, for what it makes its caller promise: that the descriptor stays
        // open and the same. An `OwnedFd` keeps that by itself.
        #[allow(deprecated)]
        pub(super) fn new() -> io::Result<Self> {
            let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
            let timer = timerfd_create(TimerfdClockId::Monotonic, flags)?;
            let timer = AsyncFd::with_interest(timer, Interest::READABLE)?;
            Ok(Self(timer))
        }

        pub(super) async fn wait(&self, time: Duration) -> io::Result<()> {
            let time = Timespec::try_from(time).map_err(|_| io::ErrorKind::InvalidInput)?;
            let once = Itimerspec {
                it_interval: Timespec::default(),
                it_value: time,
            };
            timerfd_settime(self.0.get_ref(), TimerfdTimerFlags::empty(), &once)?;
            loop {
                let mut ready = self.0.readable().await?;
                // How often it has gone off since; setting it anew forgets that.
                let read = |timer: &AsyncFd<OwnedFd>| {
                    rustix::io::read(timer, &mut [0_u8; 8]).map_err(io::Error::from)
                };
                match ready.try_io(read) {
                    Ok(read) => return read.map(drop),
                    Err(_not_yet) => {}
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    #[tokio::test]
    async fn a_pause_is_never_too_short_and_can_be_made_again() {
        let pause = Pause::new();
        for _ in 0..20 {
            let (begun, time) = (Instant::now(), Duration::from_micros(300));
            pause.wait(time).await;
            assert!(begun.elapsed() >= time);
        }
    }
}
