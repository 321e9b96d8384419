import CSystemd
import Glibc
import ServiceLifecycle

/// The dialogue with the service manager (sd_notify(3), sd_listen_fds(3), sd_watchdog_enabled(3)); without one, nothing
/// happens.
enum Systemd {
    static func notify(_ state: String) { sd_notify(0, state) }

    /// Inherited listening sockets by name.
    static func inheritedSockets() -> [String: [Int32]] {
        var names: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
        let count = sd_listen_fds_with_names(0, &names)
        guard count > 0, let names else { return [:] }
        defer { free(names) }
        var sockets: [String: [Int32]] = [:]
        for index in 0..<Int(count) {
            guard let name = names[index] else { continue }
            sockets[String(cString: name), default: []].append(Int32(SD_LISTEN_FDS_START) + Int32(index))
            free(name)
        }
        return sockets
    }
}

/// Tells the service manager twice in its interval that the appliance still answers: each time a read went through the
/// database.
struct Watchdog: Service {
    let isAlive: @Sendable () async -> Bool

    func run() async throws {
        var interval: UInt64 = 0
        guard sd_watchdog_enabled(0, &interval) > 0, interval > 0 else {
            try? await gracefulShutdown()
            return
        }
        let pause = Duration.microseconds(Int64(clamping: interval / 2))
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                if await isAlive() { Systemd.notify("WATCHDOG=1") }
                try? await Task.sleep(for: pause)
            }
        }
    }
}
