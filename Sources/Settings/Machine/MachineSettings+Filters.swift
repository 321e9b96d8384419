import MailTypes

extension MachineSettings {
    /// A program that looks at mail from outside before it is filed, by the milter protocol.
    package struct Filter: Equatable, Sendable {
        /// Where it listens.
        package enum Address: Equatable, Sendable {
            case tcp(HostAndPort)
            case unix(path: String)
        }

        /// What is done with mail while it does not answer; the raw value is what the file writes.
        package enum Failure: String, CaseIterable, Sendable { case accept, tempfail }

        /// What the log calls it.
        package var name: String
        package var milter: Address
        /// Default `tempfail`: nothing comes in unseen.
        package var onFailure = Failure.tempfail
        /// For one mail. Default 60s.
        package var deadline: Duration = .seconds(60)
    }

    /// Filters of one installation.
    package static let maximumFilters = 10
}
