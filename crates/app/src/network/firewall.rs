//! Which firewall is there, so that a person can be told where to look. Whether it lets Hearth
//! through, only its administrator may ask it.

use std::fs;
use std::path::Path;

use hearth_protocol::window::Firewall;

/// What is noticed on a system whose files begin at `root`.
pub(super) fn notice(root: &Path) -> Firewall {
    if cfg!(windows) {
        Firewall::Windows
    } else if cfg!(target_os = "macos") {
        Firewall::Macos
    } else {
        notice_on_linux(root)
    }
}

fn notice_on_linux(root: &Path) -> Firewall {
    let ufw = fs::read_to_string(root.join("etc/ufw/ufw.conf")).unwrap_or_default();
    let switched_on = ufw
        .lines()
        .any(|line| line.trim().eq_ignore_ascii_case("ENABLED=yes"));
    if switched_on {
        Firewall::Ufw
    } else if root.join("run/firewalld").exists() || root.join("run/firewalld.pid").exists() {
        Firewall::Firewalld
    } else {
        Firewall::None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(files: &[(&str, &str)], expected: Firewall) {
        let root = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        assert_eq!(notice_on_linux(root.path()), expected, "{files:?}");
    }

    #[test]
    fn a_firewall_is_noticed_where_it_is_switched_on() {
        check(&[], Firewall::None);
        check(
            &[("etc/ufw/ufw.conf", "# ENABLED=yes\nENABLED=no\n")],
            Firewall::None,
        );
        check(
            &[("etc/ufw/ufw.conf", "ENABLED=yes\nLOGLEVEL=low\n")],
            Firewall::Ufw,
        );
        check(&[("run/firewalld.pid", "7")], Firewall::Firewalld);
    }
}
