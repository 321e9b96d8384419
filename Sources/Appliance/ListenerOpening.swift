import Logging
import NIOCore
import ServiceLifecycle
import Settings
import Transport

/// Opens listeners one after the other and reports all that could not be opened together.
struct ListenerOpening {
    private let settings: MachineSettings
    private let file: String
    private let logger: Logger
    private let inherited = Systemd.inheritedSockets()
    private var problems: [Problem] = []
    private var opened: [(shutDown: @Sendable (Duration) async -> Void, name: ListenerName)] = []

    init(settings: MachineSettings, file: String, logger: Logger) {
        (self.settings, self.file, self.logger) = (settings, file, logger)
    }

    /// Opens a listener of the configuration; one that the configuration does not name stays closed.
    mutating func open(
        _ name: ListenerName,
        _ start: ([Transport.ListenerAddress]) async throws(ListenerFailure) -> [SocketAddress],
        _ shutDown: @escaping @Sendable (Duration) async -> Void
    ) async {
        guard let listener = settings.listener(name) else { return }
        var addresses: [Transport.ListenerAddress] = []
        for address in listener.addresses {
            switch address {
            case .tcp(let host, let port): addresses.append(.tcp(host: host, port: port))
            case .systemd(let socket):
                guard let descriptors = inherited[socket] else {
                    problem(name, "no socket named \(socket) was inherited", "add FileDescriptorName=\(socket) to the unit")
                    continue
                }
                addresses += descriptors.map { .inherited(fileDescriptor: $0) }
            }
        }
        do {
            let bound = try await start(addresses)
            opened.append((shutDown, name))
            for address in bound {
                let text = "\(address.ipAddress ?? ""):\(address.port ?? 0)"
                logger.notice(
                    "listening", metadata: ["listener.name": "\(name.rawValue)", "listener.address": "\(text)"])
            }
        } catch {
            problem(name, error.description, "choose a free port, or stop what uses it")
        }
    }

    /// The services that end the listeners; throws all problems together, with nothing left open.
    func finish() async throws -> [any Service] {
        guard problems.isEmpty else {
            for listener in opened { await listener.shutDown(.zero) }
            throw Installation.failure(problems)
        }
        let names = opened.map(\.name)
        let unopened = settings.listeners.map(\.name).filter { !names.contains($0) }
        if !unopened.isEmpty {
            logger.notice(
                "listeners of parts that this version does not have are not opened",
                metadata: ["listener.names": "\(unopened.map(\.rawValue).joined(separator: " "))"])
        }
        return opened.map { ListenerService(shutDown: $0.shutDown) }
    }

    private mutating func problem(_ name: ListenerName, _ reason: String, _ remedy: String) {
        problems.append(settings.problem("listeners.\(name.rawValue)", file: file, reason: reason, remedy: remedy))
    }
}
