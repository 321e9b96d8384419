package import MailTypes

/// Makes the header section that leaves the desk from the one that an agent submitted: what may identify the agent is
/// replaced or dropped, and of the rest only what is known to be harmless is kept.
package struct HeaderComposer: Sendable {
    /// Fields of the submission that leave as they are, unless they are replaced.
    package static let keptNames = [
        "Date", "To", "Cc", "Subject", "In-Reply-To", "References", "Importance", "Priority", "Auto-Submitted",
        "MIME-Version", "Content-Type", "Content-Transfer-Encoding", "Content-Language", "Content-ID",
        "Content-Description", "Content-Disposition", "Content-Location", "Content-MD5", "Content-Base",
    ]

    /// The pool: name and address that the mail is from.
    package var from: NamedAddress
    /// The signed reply address; `nil` leaves Reply-To out.
    package var replyTo: NamedAddress?
    /// Ours, in place of the one of the agent's program.
    package var messageID: MessageID
    /// `nil`: the submission's Date, or `now` where it has none.
    package var date: Timestamp?
    /// The case that the Subject names; with `pattern`.
    package var stamp: StampPattern.Stamp?
    /// How the stamp is written.
    package var pattern: StampPattern?
    /// `nil`: as submitted.
    package var subject: String?
    /// `nil`: as submitted.
    package var references: [MessageID]?
    /// `nil`: as submitted.
    package var inReplyTo: [MessageID]?
    /// Addresses that must not appear in To and Cc: supervised and signed addresses, agents, `note@`.
    package var removedAddresses: Set<EmailAddress> = []
    /// Complete fields put on top.
    package var added: [UInt8] = []

    package init(from: NamedAddress, replyTo: NamedAddress? = nil, messageID: MessageID) {
        (self.from, self.replyTo, self.messageID) = (from, replyTo, messageID)
    }

    /// The header section that leaves, with its empty line. `now` dates a submission without Date.
    package func compose(_ submitted: HeaderSection, now: Timestamp) throws(InvalidFieldValue) -> [UInt8] {
        var writer = HeaderWriter()
        writer.append(raw: added)
        if let date {
            writer.date("Date", date)
        } else if submitted.date == nil {
            writer.date("Date", now)
        }
        try writer.addresses("From", [from])
        if let replyTo { try writer.addresses("Reply-To", [replyTo]) }
        writer.messageIDs("Message-ID", [messageID])
        if let inReplyTo { writer.messageIDs("In-Reply-To", inReplyTo) }
        if let references { writer.messageIDs("References", references) }
        if let subject {
            guard !subject.utf8.contains(where: { $0 == .carriageReturn || $0 == .lineFeed || $0 == 0 }) else {
                throw InvalidFieldValue(fieldName: "Subject")
            }
            try writer.text("Subject", stampedSubject(subject))
        } else if !submitted.contains("Subject"), let stamp, let pattern {
            try writer.text("Subject", pattern.text(stamp))
        }
        var seen: Set<String> = []
        for field in submitted.fields {
            let name = submitted.name(of: field).lowercased()
            guard let kept = Self.keptFolded[name], !isReplaced(kept, submitted), seen.insert(name).inserted else {
                continue
            }
            try write(field, named: kept, of: submitted, to: &writer)
        }
        let written = HeaderSection(writer.octets)
        if !written.contains("To"), !written.contains("Cc") {
            // RFC 5322 §3.6.3 allows none, some receivers do not. All that stood there may have been removed.
            try writer.structured("To", "undisclosed-recipients:;")
        }
        return writer.octets + [.carriageReturn, .lineFeed]
    }

    private static let keptFolded = Dictionary(uniqueKeysWithValues: keptNames.map { ($0.lowercased(), $0) })

    private func stampedSubject(_ subject: String) -> String {
        guard let stamp, let pattern, !pattern.stamps(in: subject).contains(where: { $0.number == stamp.number }) else {
            return subject
        }
        let octets = Array(subject.utf8)
        let result = HeaderRewriter.stamped(octets, 0..<octets.count, from: 0, Array(pattern.text(stamp).utf8))
        return String(decoding: result.filter { $0 != .carriageReturn && $0 != .lineFeed }, as: UTF8.self).trimmedSpaces
    }

    private func isReplaced(_ name: String, _ submitted: HeaderSection) -> Bool {
        switch name {
        case "Date": date != nil || submitted.date == nil
        case "Subject": subject != nil
        case "In-Reply-To": inReplyTo != nil
        case "References": references != nil
        default: false
        }
    }

    private func write(
        _ field: HeaderSection.Field, named name: String, of header: HeaderSection, to writer: inout HeaderWriter
    ) throws(InvalidFieldValue) {
        switch name {
        case "To", "Cc":
            let all = header.addresses(of: name)
            let kept = all.filter { !removedAddresses.contains($0.address) }
            if header.count(of: name) == 1, kept.count == all.count {
                writer.copy(field, of: header)
            } else {
                try writer.addresses(name, kept)
            }
        case "Subject":
            guard let stamp, let pattern,
                !pattern.stamps(in: header.text(field)).contains(where: { $0.number == stamp.number })
            else { return writer.copy(field, of: header) }
            let text = Array(pattern.text(stamp).utf8)
            writer.append(raw: HeaderRewriter.stamped(header.octets, field.body, from: field.range.lowerBound, text))
        default: writer.copy(field, of: header)
        }
    }
}

extension String {
    fileprivate var trimmedSpaces: String {
        var text = self[...]
        while text.first == " " { text = text.dropFirst() }
        return String(text)
    }
}
