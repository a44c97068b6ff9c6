//! Hearth without a window.

fn main() -> std::process::ExitCode {
    hearth_app::headless::main()
}
