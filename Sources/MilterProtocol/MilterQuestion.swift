/// What a filter is asked, in the order of an SMTP connection. A question of a mail that it has settled already is answered
/// without asking.
package enum MilterQuestion: Sendable {
    /// Where a connection comes from.
    package enum Client: Equatable, Sendable {
        /// The port is 0 where it is not known.
        case ipv4(String, port: UInt16)
        case ipv6(String, port: UInt16)
        case unknown
    }

    /// A client connects. Its name by reverse lookup, or its address in brackets.
    case connection(hostname: String, Client)
    /// EHLO or HELO.
    case greeting(String)
    /// MAIL, the path in angle brackets, `<>` for none, and the parameters behind it: `BODY=8BITMIME`.
    case sender(String, parameters: [String])
    /// RCPT, in angle brackets.
    case recipient(String)
    /// DATA, or the first BDAT.
    case content
    /// The content is here. Names and values of its fields in their order, values as they stand behind the colon, without
    /// the last line end. The body is asked for by `MilterSession.Need.readBody`.
    case mail(header: [(name: [UInt8], value: [UInt8])])
}

/// A macro and its value: `j`, `{tls_version}`, `i` and the like.
package typealias MilterMacro = (name: String, value: String)

/// The packets of a dialogue that tell a filter something.
enum MilterStep: Character, CaseIterable, Sendable {
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

/// What a filter says to a question.
package struct MilterVerdict: Equatable, Sendable {
    package enum Decision: Equatable, Sendable {
        /// Go on.
        case accept
        /// Refused; the words are the filter's, if it has any.
        case reject(String?)
        /// Not now.
        case temporaryFailure(String?)
        /// The mail is to be taken and thrown away.
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
