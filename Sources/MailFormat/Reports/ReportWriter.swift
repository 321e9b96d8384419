package import MailTypes

/// Writes delivery status notifications (RFC 3464): a text for people, the same for programs, and the header section of the
/// mail that it is about.
package struct ReportWriter {
    /// One recipient of the mail.
    package struct Recipient: Sendable {
        package var address: EmailAddress
        /// ORCPT as it came, in xtext, with its type.
        package var originalRecipient: String?
        package var action: DeliveryReport.Action
        package var status: EnhancedStatus
        /// The reply of the server that was asked; `nil`: none was.
        package var diagnostic: String?
        /// That server's name, or its address in brackets.
        package var remote: String?
        /// Until when it is tried.
        package var retriedUntil: Timestamp?

        package init(
            address: EmailAddress, originalRecipient: String? = nil, action: DeliveryReport.Action,
            status: EnhancedStatus, diagnostic: String? = nil, remote: String? = nil, retriedUntil: Timestamp? = nil
        ) {
            (self.address, self.originalRecipient, self.action) = (address, originalRecipient, action)
            (self.status, self.diagnostic) = (status, diagnostic)
            (self.remote, self.retriedUntil) = (remote, retriedUntil)
        }
    }

    /// What comes back of the mail.
    package enum Returned: Sendable {
        case header([UInt8])
        case message([UInt8])
    }

    private let reporter: DomainName
    private let arrivedAt: Timestamp
    /// In xtext.
    private let envelopeID: String?

    /// - Parameters:
    ///   - reporter: who we are.
    ///   - envelopeID: ENVID as it came, in xtext.
    package init(reporter: DomainName, arrivedAt: Timestamp, envelopeID: String? = nil) {
        (self.reporter, self.arrivedAt, self.envelopeID) = (reporter, arrivedAt, envelopeID)
    }

    /// A whole message. `header`: its fields but for those of MIME; `returned`: the mail or its header section. `entropy`:
    /// what no content can foresee, 10 octets or more.
    package func write(
        _ header: HeaderWriter, text: String, about recipients: [Recipient], returned: Returned?, entropy: [UInt8]
    ) -> [UInt8] {
        let boundary = "=_\(MIMEWriter.hexadecimal(entropy))"
        let isInternational = !recipients.allSatisfy {
            $0.address.isASCII && $0.originalRecipient?.utf8.allSatisfy { $0 < 0x80 } != false
        }
        let type = isInternational ? "global-delivery-status" : "delivery-status"
        var output = header.octets + Array("MIME-Version: 1.0\r\n".utf8)
        output += MIMEWriter.field(
            "Content-Type", "multipart/report", [("report-type", type), ("boundary", boundary)])
        func open(_ fields: [[UInt8]]) {
            output += Array("\r\n--\(boundary)\r\n".utf8) + fields.joined() + Array("\r\n".utf8)
        }
        open([
            MIMEWriter.field("Content-Type", "text/plain", [("charset", "utf-8")]),
            MIMEWriter.field("Content-Transfer-Encoding", "quoted-printable"),
        ])
        output += QuotedPrintableEncoder.encode(MessageWriter.withCRLF(text))
        open([MIMEWriter.field("Content-Type", "message/\(type)")])
        output += fields(recipients)
        switch returned {
        case .header(let octets):
            let isEightBit = octets.contains { $0 >= 0x80 }
            open([
                MIMEWriter.field("Content-Type", isEightBit ? "message/global-headers" : "text/rfc822-headers"),
                MIMEWriter.field("Content-Transfer-Encoding", isEightBit ? "quoted-printable" : "7bit"),
            ])
            output += isEightBit ? QuotedPrintableEncoder.encode(octets) : octets
        case .message(let octets):
            // A message may not be encoded (RFC 2045 §6.4), but for one whose header is not ASCII (RFC 6532 §3.5).
            let isGlobal = octets[..<HeaderSection(octets).bodyStart].contains { $0 >= 0x80 }
            let isEightBit = octets.contains { $0 >= 0x80 }
            open([
                MIMEWriter.field("Content-Type", isGlobal ? "message/global" : "message/rfc822"),
                MIMEWriter.field("Content-Transfer-Encoding", isEightBit ? "8bit" : "7bit"),
            ])
            output += octets
        case nil: break
        }
        return output + Array("\r\n--\(boundary)--\r\n".utf8)
    }

    private func fields(_ recipients: [Recipient]) -> [UInt8] {
        var groups: [String] = []
        var about = ""
        if let envelopeID { about += "Original-Envelope-Id: \(Self.decoded(envelopeID).oneLine(100))\r\n" }
        about += "Reporting-MTA: dns; \(reporter.ascii)\r\nArrival-Date: \(MailDate.text(arrivedAt))\r\n"
        groups.append(about)
        for recipient in recipients {
            let type = recipient.address.isASCII ? "rfc822" : "utf-8"
            var group = ""
            if let original = recipient.originalRecipient, let mark = original.firstIndex(of: ";") {
                let address = Self.decoded(String(original[original.index(after: mark)...]))
                group += "Original-Recipient: \(original[..<mark]); \(address.oneLine(500))\r\n"
            }
            group += "Final-Recipient: \(type); \(recipient.address)\r\nAction: \(recipient.action.rawValue)\r\n"
            group += "Status: \(recipient.status)\r\n"
            if let remote = recipient.remote { group += "Remote-MTA: dns; \(Self.ascii(remote.oneLine(300)))\r\n" }
            if let diagnostic = recipient.diagnostic, !diagnostic.isEmpty {
                let isReply = diagnostic.prefix(3).allSatisfy(\.isNumber) && diagnostic.count > 3
                group += "Diagnostic-Code: \(isReply ? "smtp" : "x-stempel"); \(Self.ascii(diagnostic.oneLine(800)))\r\n"
            }
            if let until = recipient.retriedUntil { group += "Will-Retry-Until: \(MailDate.text(until))\r\n" }
            groups.append(group)
        }
        return Array(groups.joined(separator: "\r\n").utf8)
    }

    /// What xtext means, if that may stand in a field (RFC 3461 §4.4, §6.3 and RFC 3464 §2.1): printable ASCII. Else as it came.
    private static func decoded(_ text: String) -> String {
        guard let octets = XText.decode(text.utf8), octets.allSatisfy({ (0x20...0x7E).contains($0) }) else { return text }
        return String(decoding: octets, as: UTF8.self)
    }

    private static func ascii(_ text: String) -> String {
        String(decoding: text.utf8.map { $0 < 0x80 ? $0 : UInt8(ascii: "?") }, as: UTF8.self)
    }
}
