/// The ENVELOPE of a message (RFC 3501 §7.4.2, RFC 9051 §7.5.2) as the octets that a FETCH response shows.
package enum IMAPEnvelope {
    /// `subject` stands instead of the header's own Subject, unfolded and raw, if given.
    ///
    ///     IMAPEnvelope.render(header)  // ("Mon, 7 Feb 1994 …" "hello" (("Jan" NIL "jan" "example.org")) …)
    package static func render(_ header: HeaderSection, subject: [UInt8]? = nil) -> [UInt8] {
        Frame(header).render(subject: subject ?? header.unfolded("Subject"))
    }

    /// An ENVELOPE but for its subject: made before it is known which case the mail belongs to, and so which stamp the
    /// subject will bear.
    package struct Frame: Sendable {
        private let start: [UInt8]
        private let end: [UInt8]

        /// Reads everything but the Subject.
        package init(_ header: HeaderSection) {
            var output: [UInt8] = [UInt8(ascii: "(")]
            IMAPString.append(nstring: header.unfolded("Date"), to: &output)
            output.append(.space)
            start = output
            output = [.space]
            output.reserveCapacity(300)
            let from = addressList(header, "From")
            output += from
            for name in ["Sender", "Reply-To"] {
                // Absent or empty, they are From again (RFC 3501 §7.4.2).
                let list = addressList(header, name)
                output.append(.space)
                output += list == nilOctets ? from : list
            }
            for name in ["To", "Cc", "Bcc"] {
                output.append(.space)
                output += addressList(header, name)
            }
            for name in ["In-Reply-To", "Message-ID"] {
                output.append(.space)
                IMAPString.append(nstring: header.unfolded(name), to: &output)
            }
            output.append(UInt8(ascii: ")"))
            end = output
        }

        /// The whole, with an unfolded raw subject; `nil`: the mail has none.
        package func render(subject: [UInt8]?) -> [UInt8] {
            var output: [UInt8] = []
            output.reserveCapacity(start.count + (subject?.count ?? 3) + end.count + 16)
            output += start
            IMAPString.append(nstring: subject.map(IMAPString.singleSpaced), to: &output)
            output += end
            return output
        }
    }

    /// Addresses of one name that are shown.
    private static let addressLimit = 10_000

    private static let nilOctets = Array("NIL".utf8)

    private static func addressList(_ header: HeaderSection, _ name: String) -> [UInt8] {
        let elements = header.addressList(of: name).flatMap(\.elements).prefix(addressLimit)
        guard !elements.isEmpty else { return nilOctets }
        var output: [UInt8] = [UInt8(ascii: "(")]
        for element in elements {
            switch element {
            case .mailbox(let mailbox):
                append(
                    name: mailbox.displayName, route: mailbox.route,
                    mailbox: mailbox.localPart.isEmpty ? Array("MISSING_MAILBOX".utf8) : mailbox.localPart,
                    host: mailbox.domain.isEmpty ? Array("MISSING_DOMAIN".utf8) : mailbox.domain, to: &output)
            case .groupStart(let name): append(name: nil, route: nil, mailbox: name, host: nil, to: &output)
            case .groupEnd: append(name: nil, route: nil, mailbox: nil, host: nil, to: &output)
            }
        }
        output.append(UInt8(ascii: ")"))
        return output
    }

    private static func append(
        name: [UInt8]?, route: [UInt8]?, mailbox: [UInt8]?, host: [UInt8]?, to output: inout [UInt8]
    ) {
        output.append(UInt8(ascii: "("))
        IMAPString.append(nstring: name, to: &output)
        output.append(.space)
        IMAPString.append(nstring: route, to: &output)
        output.append(.space)
        IMAPString.append(nstring: mailbox, to: &output)
        output.append(.space)
        IMAPString.append(nstring: host, to: &output)
        output.append(UInt8(ascii: ")"))
    }
}
