import Desk
import Gateway
import Logging
import MailTypes
import NIOCore
import NIOPosix
import OpenSSL
import SMTPProtocol
import ServiceLifecycle
import Settings
import Storage
import TLS
import Transport
import UnixSignals

/// The running appliance: opens what the configuration names, runs until SIGTERM, ends everything in order.
package struct Server: Sendable {
    private let configuration: String

    package init(configuration: String) { self.configuration = configuration }

    /// Runs until the service manager or a person ends it.
    package func run() async throws {
        let installation = try Installation.checked(configuration: configuration, isStarting: false)
        guard let workplace = try await Workplace.openUnlessServed(installation) else {
            throw CommandFailure(.temporaryFailure, "a server is running already on \(installation.data.path)")
        }
        do {
            let logger = LogSetup.logger("stempel", installation.settings.log)
            try await Assembly(workplace: workplace, logger: logger).run()
        } catch {
            workplace.close()
            throw error
        }
        workplace.close()
    }
}
