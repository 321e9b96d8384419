import Foundation
import Glibc
import TestKit

/// An installation of the appliance in a temporary directory, driven through the built binary.
final class TestInstallation: Sendable {
    /// What differs from a small default configuration.
    struct Options: Sendable {
        /// The port of the relay; without one nothing listens where mail is sent, and it waits.
        var relayPort: Int?
        /// The host name.
        var hostname = TestInstallation.hostname
        /// The section `delivery` in place of one with the relay.
        var delivery: String?
        /// Lines that replace the sections named by their first words: `limits`, `log`, `security`.
        var limits = "{ freeSpace: 1MB, connectionsPerAddress: 1000 }"
        var logLevel = "info"
        var plaintextLogin = "loopback"
        var retryAfter = "[ 1s ]"
        var expireAfter = "1h"
        /// Where it listens for mail of others.
        var smtp = "127.0.0.1:0"
        /// The data directory; relative to the installation.
        var data = "data"
        /// What stands behind `public:`; without it there is no such listener.
        var publicListener: String?
        /// Further sections.
        var more = ""
        init() {}
    }

    /// The host name of test installations, unless they say otherwise.
    static let hostname = "mx.acme.example"

    let directory: TemporaryDirectory
    /// The path of `stempel.yaml`.
    let configuration: String
    /// What it shows, unless a test puts another one in its place.
    let certificate: TestCertificate

    /// Writes configuration and certificate and applies the desk.
    init(desk: String? = SampleDesk.text, options: Options = Options()) throws {
        directory = TemporaryDirectory()
        configuration = directory.file("stempel.yaml")
        certificate = TestCertificate([options.hostname, "localhost"], in: directory, file: "mx")
        write(options)
        guard let desk else { return }
        directory.write(desk, to: "desk.yaml")
        let applied = try stempel("desk", "apply", configuration, directory.file("desk.yaml"))
        guard applied.status == 0 else { throw WaitedInVain("the desk is not applied: \(applied)") }
    }

    /// Writes the configuration anew; ports are the kernel's choice.
    func write(_ options: Options) {
        let delivery =
            options.delivery
            ?? """
            delivery:
              relay: 127.0.0.1:\(options.relayPort ?? 1)
              retryAfter: \(options.relayPort == nil ? "[ 1h ]" : options.retryAfter)
              expireAfter: \(options.expireAfter)
            """
        directory.write(
            """
            hostname: \(options.hostname)
            data: \(options.data)
            tls:
              certificates: [ { certificate: mx.pem, key: mx.key } ]
            listeners:
              smtp: \(options.smtp)
              submission: 127.0.0.1:0
              submissions: 127.0.0.1:0
              imap: 127.0.0.1:0
              imaps: 127.0.0.1:0
              public: \(options.publicListener ?? "")
            \(delivery)
            limits: \(options.limits)
            security: { allowPlaintextLogin: \(options.plaintextLogin) }
            log: { level: \(options.logLevel), target: stderr }
            \(options.more)

            """, to: "stempel.yaml")
    }

    /// The octets of a file; none where it is not there.
    func octets(of name: String) -> [UInt8] {
        (FileManager.default.contents(atPath: directory.file(name)) ?? Data()).map(\.self)
    }

    /// Runs a command of the appliance to its end.
    func stempel(_ arguments: String..., input: String? = nil) throws -> Completed {
        try Completed.run([Self.binary] + arguments, input: input)
    }

    /// Starts the server and waits until it is ready.
    func start(environment: [String: String] = [:]) throws -> RunningAppliance {
        try RunningAppliance(self, environment: environment)
    }

    /// The binary: what STEMPEL_BINARY names, else the one built beside this test bundle.
    static let binary: String = {
        if let named = ProcessInfo.processInfo.environment["STEMPEL_BINARY"], !named.isEmpty { return named }
        let executable = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        let built = URL(fileURLWithPath: executable).deletingLastPathComponent().appendingPathComponent("stempel").path
        if access(built, X_OK) == 0 { return built }
        return Fixtures.root.appendingPathComponent(".build/debug/stempel").path
    }()
}
