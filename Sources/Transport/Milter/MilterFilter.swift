package import Gateway
package import Logging
package import MailTypes
package import NIOCore

/// A filter that speaks the milter protocol: rspamd, clamav-milter, OpenDKIM. One connection for each SMTP connection.
package struct MilterFilter: MailFilter {
    /// Where the filter is, and what is done without it.
    package struct Configuration: Sendable {
        package enum Address: Sendable {
            case tcp(host: String, port: Int)
            case unix(path: String)
        }
        package enum Failure: String, Sendable {
            /// The mail is taken unseen.
            case accept
            /// 451: the sender tries again later.
            case temporaryFailure = "tempfail"
        }

        package var name: String
        package var address: Address
        package var onFailure: Failure
        /// For the answer to a command, and for all that is said of the content of a mail.
        package var deadline: Duration
        /// What its score means; `nil`: nothing.
        package var thresholds: ScoreThresholds?

        package init(
            name: String, address: Address, onFailure: Failure, deadline: Duration, thresholds: ScoreThresholds? = nil
        ) {
            self.thresholds = thresholds
            (self.name, self.address, self.onFailure, self.deadline) = (name, address, onFailure, deadline)
        }
    }

    package var name: String { configuration.name }
    package var thresholds: ScoreThresholds? { configuration.thresholds }
    private let configuration: Configuration
    private let hostname: DomainName
    private let group: any EventLoopGroup
    private let logger: Logger

    package init(_ configuration: Configuration, hostname: DomainName, group: any EventLoopGroup, logger: Logger) {
        (self.configuration, self.hostname, self.group, self.logger) = (configuration, hostname, group, logger)
    }

    package func session() -> any FilterSession {
        MilterConversation(configuration, hostname: hostname, group: group, logger: logger)
    }
}
