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

        /// Where it learns what agents put into Spam and take out of it: the controller of rspamd.
        package struct Learning: Equatable, Sendable {
            package var controller: Address
            /// The file whose first line is the password.
            package var passwordFile: String?
        }

        /// What is done with the score that it gives a mail in a field.
        package struct Score: Equatable, Sendable {
            package var field: String
            package var rejectAt: Int?
            package var quarantineAt: Int?
            package var tagAt: Int?
        }

        /// What the log calls it.
        package var name: String
        package var milter: Address
        /// Default `tempfail`: nothing comes in unseen.
        package var onFailure = Failure.tempfail
        /// For the answer to a command of the client, and to the whole content of a mail. Default 60s.
        package var deadline: Duration = .seconds(60)
        /// `nil`: it is taught nothing.
        package var learning: Learning?
        /// `nil`: its scores mean nothing here.
        package var score: Score?
    }

    /// Filters of one installation.
    package static let maximumFilters = 10
}
