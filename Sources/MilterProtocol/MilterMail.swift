/// A mail and the connection that it came over, as a filter is told of it.
package struct MilterMail: Sendable {
    /// Where the connection comes from.
    package enum Client: Equatable, Sendable {
        case ipv4(String)
        case ipv6(String)
        case unknown
    }

    /// The client's name by reverse lookup, or its address in brackets.
    package var hostname: String
    package var client: Client
    package var helo: String
    /// In angle brackets; `<>` for the null reverse-path.
    package var reversePath: String
    /// In angle brackets.
    package var recipients: [String]
    /// Names and values in their order, values as they stand behind the colon, without the last line end.
    package var header: [(name: [UInt8], value: [UInt8])]
    /// Macros by the step that they go with: `j`, `{tls_version}`, `i` and the like.
    package var macros: [MilterStep: [(name: String, value: String)]]

    package init(
        hostname: String, client: Client, helo: String, reversePath: String, recipients: [String],
        header: [(name: [UInt8], value: [UInt8])], macros: [MilterStep: [(name: String, value: String)]] = [:]
    ) {
        (self.hostname, self.client, self.helo, self.reversePath) = (hostname, client, helo, reversePath)
        (self.recipients, self.header, self.macros) = (recipients, header, macros)
    }
}

/// The steps of a dialogue that a filter is told of.
package enum MilterStep: Character, CaseIterable, Sendable {
    case connect = "C"
    case helo = "H"
    case mail = "M"
    case recipient = "R"
    case data = "T"
    case header = "L"
    case endOfHeader = "N"
    case body = "B"
    case endOfMail = "E"
}

/// What a filter says about a mail.
package struct MilterVerdict: Equatable, Sendable {
    package enum Decision: Equatable, Sendable {
        case accept
        /// Refused; the words are the filter's, if it has any.
        case reject(String?)
        /// Not now.
        case temporaryFailure(String?)
        /// Taken and thrown away.
        case discard
    }

    /// A change of the header section.
    package enum Change: Equatable, Sendable {
        /// A field in front of the others, or at the end of them.
        case add(name: [UInt8], value: [UInt8])
        /// The occurrence of a field, counted from 1, gets another value; `nil`: it is removed.
        case replace(name: [UInt8], occurrence: Int, value: [UInt8]?)
    }

    package var decision: Decision
    package var changes: [Change] = []
    /// Why the mail is not to be shown like others; `nil`: it may.
    package var quarantine: String?

    package init(_ decision: Decision, changes: [Change] = [], quarantine: String? = nil) {
        (self.decision, self.changes, self.quarantine) = (decision, changes, quarantine)
    }
}
